"""Commits that arrive: from bytes to another roster, and what to do with those that are wrong."""

from geventim.chat.replies import EntryEvent, Person
from geventim.chat.values import Kind
from geventim.client import roster
from geventim.client.acquaintance import meet_members
from geventim.client.causes import Cause
from geventim.client.charter import Charter, check_pair
from geventim.client.conversation import Conversation
from geventim.client.counting import Void, count
from geventim.client.credentials import Somebody, read_credential
from geventim.client.events import Group, GroupAction, Members, Notice
from geventim.client.roster import Difference
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
    followed = count(group.vantage.public, message, conversation.context.engine.policy)
    if isinstance(followed, Void):
        raise PeerError(followed.reason.value)
    return group.open(followed, conversation.look_up)


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
    group, record = conversation.member_of(), conversation.record
    author = _author(group, staged)
    difference = roster.changed_by(staged)
    honest = _is_declared(staged, entry) and author == Somebody(entry.account, entry.author)
    if staged.removes_us:
        conversation.exclude()
        _tell_removed(conversation, author)
        return
    departed = frozenset(record.departed)
    came = roster.people(staged.effects.added.values())
    conversation.return_from_leave(came)
    conversation.merge(staged, entry.seq)
    if not honest:
        conversation.explain(Cause.OTHER_CHANGE, author=author.nick, people=_describe(difference))
    removed = tuple(each.nick for each in difference.removed if each.account not in departed)
    returned = tuple(each.nick for account, each in came.items() if account in departed)
    added = tuple(each.nick for each in difference.added) + returned
    verified = meet_members(conversation.context, staged.effects.added.values())
    if added or removed:
        context = conversation.context
        context.emit(Members(conversation.name, added, removed, author.nick, verified))


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
        and all(_is_same(person, came) for person in entry.added)
    )


def _is_same(person: Person, people: dict[bytes, Somebody]) -> bool:
    return people[person.account].nick == person.nick


def _describe(difference: Difference) -> str:
    added = ", ".join(somebody.nick for somebody in difference.added) or "nobody"
    removed = ", ".join(somebody.nick for somebody in difference.removed) or "nobody"
    return f"added {added}, removed {removed}"


def _tell_removed(conversation: Conversation, author: Somebody) -> None:
    context, name = conversation.context, conversation.name
    context.emit(Members(name, (), (context.nick,), author.nick))
    context.emit(Notice(f"{author.nick} has removed you from '{name}'."))


def _join(conversation: Conversation, entry: EntryEvent, welcome: bytes) -> None:
    """Be in the group that ``welcome`` invites to."""
    context, record = conversation.context, conversation.record
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
    if record.kind is Kind.GROUP:
        context.emit(Group(GroupAction.ADDED, record.name, entry.author))
        text = f"You have been added to group '{record.name}' by {entry.author}."
        context.emit(Notice(text))
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
