"""Commits that arrive: from bytes to another roster, and what to do with those that are wrong."""

from geventim.chat.replies import EntryEvent
from geventim.chat.values import Kind
from geventim.client import roster
from geventim.client.acquaintance import call, meet_members
from geventim.client.causes import Cause
from geventim.client.charter import Charter, check_commit, check_pair
from geventim.client.context import is_name
from geventim.client.conversation import Conversation
from geventim.client.credentials import Somebody, read_credential
from geventim.client.directory import account_name
from geventim.client.events import Group, GroupAction, Members, Notice
from geventim.client.stages import Move, Stage
from geventim.errors import PeerError
from geventim.mls import group as mls
from geventim.mls.leaf_node import LeafNode
from geventim.mls.staged_commit import StagedCommit


def take(conversation: Conversation, entry: EntryEvent, message: bytes, welcome: bytes) -> bool:
    """Take a commit of somebody else; False if it is to be fetched once more."""
    invited = any(person.account == conversation.context.account for person in entry.added)
    if welcome and invited and not conversation.in_step:
        _join(conversation, entry, welcome)
        return True
    if not conversation.in_step:
        conversation.return_from_leave(person.account for person in entry.added)
    if conversation.group is None:
        return True
    try:
        staged = _stage(conversation, message)
    except PeerError:
        return _give_up(conversation, entry)
    _apply(conversation, entry, staged)
    return True


def check_group(conversation: Conversation, group: mls.Group) -> None:
    """Raise :class:`PeerError` unless ``group`` is the one that belongs to the conversation."""
    if group.group_id != conversation.id:
        raise PeerError("the group of another conversation")
    charter = Charter.read(group.extensions)
    if charter != conversation.charter:
        raise PeerError("a conversation of another kind")
    if charter.kind is Kind.ROOM:
        raise PeerError("nobody is invited to a room")
    if charter.kind is Kind.DM:
        check_pair(conversation.id, [leaf for _, leaf in group.members()])


def _stage(conversation: Conversation, message: bytes) -> StagedCommit:
    group = conversation.member_of()
    staged = group.receive(message, conversation.look_up)
    if not isinstance(staged, StagedCommit):
        raise PeerError("not a commit")
    check_commit(group, staged)
    return staged


def _give_up(conversation: Conversation, entry: EntryEvent) -> bool:
    """See what is to be done about a commit that cannot be applied."""
    record = conversation.record
    conversation.member_of().discard_proposals()
    if not conversation.in_step:
        return True
    if conversation.lacks_key:
        conversation.stop(Cause.NO_KEY)
    elif record.doubted != entry.seq:
        record.doubted = entry.seq
        conversation.keep()
        return False
    elif record.kind is Kind.DM:
        # Between two people a commit stands, so there is only one way on.
        conversation.strand(Cause.BEHIND)
    else:
        record.doubted, record.disputed, record.disputed_by = 0, entry.seq, entry.account
        conversation.keep()
        conversation.explain(Cause.INVALID_COMMIT, author=entry.author)
    return True


def _apply(conversation: Conversation, entry: EntryEvent, staged: StagedCommit) -> None:
    context, group, record = conversation.context, conversation.member_of(), conversation.record
    author = _author(group, staged)
    difference = roster.changed_by(staged)
    context.directory.declare(entry.account, entry.author)
    for person in entry.added:
        if is_name(person.nick):
            context.directory.declare(person.account, person.nick)
    if staged.removes_us:
        conversation.exclude()
        _tell_removed(conversation, call(context, author))
        return
    departed = frozenset(record.departed)
    came = roster.people(staged.effects.added.values())
    conversation.return_from_leave(came)
    conversation.merge(staged, entry.seq)
    verified = meet_members(context, staged.effects.added.values())
    by = call(context, author)
    added = tuple(call(context, each) for each in difference.added)
    removed = tuple(call(context, each) for each in difference.removed)
    is_author = author.account == entry.account and by in {
        entry.author,
        account_name(entry.account),
    }
    if not (is_author and _is_declared(staged, entry)):
        conversation.explain(Cause.OTHER_CHANGE, author=by, people=_describe(added, removed))
    added += tuple(call(context, each) for account, each in came.items() if account in departed)
    removed = tuple(
        call(context, each) for each in difference.removed if each.account not in departed
    )
    if added or removed:
        roster.announce(context, Members(conversation.name, added, removed, by, verified))


def _author(group: mls.Group, staged: StagedCommit) -> Somebody:
    effects = staged.effects
    leaf = effects.added.get(effects.committer) or group.member(effects.committer)
    if leaf is None:
        raise PeerError("a commit by nobody")
    return read_credential(leaf.credential)


def _is_declared(staged: StagedCommit, entry: EntryEvent) -> bool:
    """Whether the entry says what the commit does. Getting in anew may count as coming or not."""
    came = roster.people(staged.effects.added.values())
    went = roster.people(staged.effects.removed.values())
    added = {person.account for person in entry.added}
    removed = {person.account for person in entry.removed}
    return (
        came.keys() - went.keys() <= added <= came.keys()
        and went.keys() - came.keys() <= removed <= went.keys()
    )


def _describe(added: tuple[str, ...], removed: tuple[str, ...]) -> str:
    return f"added {', '.join(added) or 'nobody'}, removed {', '.join(removed) or 'nobody'}"


def _tell_removed(conversation: Conversation, author: str) -> None:
    context, name = conversation.context, conversation.name
    context.emit(Members(name, (), (context.nick,), author))
    context.emit(Notice(f"{author} has removed you from '{name}'."))


def _join(conversation: Conversation, entry: EntryEvent, welcome: bytes) -> None:
    """Be in the group that ``welcome`` invites to."""
    context, record = conversation.context, conversation.record
    if context.ignored.has(entry.account):
        context.ignored.pass_over(conversation.id)
        return
    try:
        own = context.packages.find(welcome)
        if own is None:
            _strand(conversation, Cause.LOST_WELCOME, entry)
            return
        context.packages.spend(own)
        group = context.engine.join(welcome, own, conversation.look_up)
        check_group(conversation, group)
        inviter = _check_inviter(group, entry)
    except PeerError:
        _strand(conversation, Cause.BAD_WELCOME, entry)
        return
    if is_backwards(conversation, group.epoch, group.confirmed_transcript_hash):
        conversation.stop(Cause.BACKWARDS)
        return
    if conversation.group is not None and not is_vouched_for(conversation, inviter):
        conversation.stop(Cause.UNVOUCHED)
        return
    context.conversations.name_after_founder(conversation, group)
    if record.kind is Kind.GROUP:
        context.emit(Group(GroupAction.ADDED, conversation.name, entry.author))
        text = f"You have been added to group '{conversation.name}' by {entry.author}."
        context.emit(Notice(text))
    context.ignored.enter(conversation.id)
    conversation.enter(group, entry.seq, Move.WELCOME)


def _check_inviter(group: mls.Group, entry: EntryEvent) -> LeafNode:
    """The leaf of who has invited us; raise :class:`PeerError` if that is not who is said to."""
    leaf = group.inviter
    if leaf is None or read_credential(leaf.credential) != Somebody(entry.account, entry.author):
        raise PeerError("an invitation by somebody else")
    return leaf


def is_backwards(conversation: Conversation, epoch: int, transcript: bytes) -> bool:
    """Whether a group in that state is behind, or beside, what we have seen of it."""
    record = conversation.record
    if epoch == record.epoch:
        return transcript != record.transcript
    return epoch < record.epoch


def is_vouched_for(conversation: Conversation, signer: LeafNode) -> bool:
    """Whether we may be in a state of the group that ``signer`` gives out.

    Whoever may join a room may say what it is like now. Of a group we believe it to those only
    who were in it as far as we have followed, unless we know nothing of it, or a person has
    decided to rejoin.
    """
    if conversation.record.kind is not Kind.GROUP or conversation.record.epoch < 0:
        return True
    group = conversation.group
    return group is not None and any(
        leaf.signature_key == signer.signature_key for _, leaf in group.members()
    )


def _strand(conversation: Conversation, cause: Cause, entry: EntryEvent) -> None:
    if conversation.stage is not Stage.STOPPED:
        conversation.strand(cause, author=entry.author)
