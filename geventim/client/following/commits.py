"""Commits that arrive: whether they count, and what they make of the group and of our seat."""

from typing import Final

from geventim.chat.replies import EntryEvent
from geventim.chat.values import Kind
from geventim.client.causes import Cause
from geventim.client.conversation.acquaintance import call, meet_members
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.reports import tell_invitation, tell_void
from geventim.client.conversation.turnover import announce
from geventim.client.events import Group, GroupAction, Members, Notice
from geventim.client.following.arrival import doubt
from geventim.client.following.foundation import check_charter
from geventim.client.kept.stages import LACKING, Stage
from geventim.client.people import roster
from geventim.client.people.credentials import Somebody, read_credential
from geventim.client.people.directory import account_name
from geventim.client.sealing.charter import Charter, check_pair
from geventim.client.sealing.counting import Reason, Void, count
from geventim.client.sealing.seat import Seat
from geventim.client.user import is_known_nick
from geventim.errors import PeerError
from geventim.mls.epochs.following import Followed, PublicCommit
from geventim.mls.epochs.staged_commit import Effects
from geventim.mls.ground.leaf_node import LeafNode
from geventim.mls.groups import group as mls

BESIDE: Final = frozenset({Reason.OTHER_HISTORY, Reason.EPOCH})
"""Why a commit is void that is made on another state than ours."""


def take(conversation: Conversation, entry: EntryEvent, message: bytes, welcome: bytes) -> bool:
    """Take a commit that is not the one that we have on its way; False if it is void."""
    conversation.record.head = entry.seq
    conversation.keep()
    if conversation.seat is None and welcome and _invites(conversation, entry):
        _join(conversation, entry, welcome)
        return True
    for attempt in conversation.attempts:
        _try(conversation, attempt, message)
    if conversation.seat is None:
        own = entry.account == conversation.user.account
        if own and conversation.stage in {Stage.ABSENT, Stage.INVITED}:
            conversation.fall_outside(Cause.OWN_COPY)
        return True
    policy = conversation.user.engine.policy
    judged = count(conversation.seat.public, message, policy)
    if isinstance(judged, Void):
        # The others may not be where we have just got in.
        is_beyond = _is_beyond(conversation, entry, judged, message)
        is_beside = is_beyond or judged.reason in BESIDE
        tell_void(conversation, Cause.OTHER_STATE if is_beside else Cause.VOID, entry.author)
        if is_beyond:
            doubt(conversation, entry.account)
        return False
    _follow(conversation, entry, judged)
    return True


def _is_beyond(conversation: Conversation, entry: EntryEvent, void: Void, message: bytes) -> bool:
    """Whether a commit of somebody else goes on from another state than that by which we got in.

    Every commit names the last one before it: so this one knows ours, and did not count it. That is
    looked at while it is not certain that the state was right.
    """
    record, seat = conversation.record, conversation.seat_of()
    if not record.entered or entry.account == conversation.user.account:
        return False
    if void.reason is Reason.EPOCH:
        return PublicCommit.read(message).epoch > seat.public.context.epoch
    return void.reason in {Reason.SIGNATURE, Reason.OTHER_HISTORY}


def check_group(conversation: Conversation, group: mls.Group) -> None:
    """Raise :class:`PeerError` unless ``group`` is the one that belongs to the conversation."""
    if group.group_id != conversation.id:
        raise PeerError("the group of another conversation")
    charter = check_charter(conversation, group.extensions)
    if charter.kind is Kind.ROOM:
        raise PeerError("nobody is invited to a room")
    if charter.kind is Kind.DM:
        check_pair(conversation.id, [leaf for _, leaf in group.members()])


def _invites(conversation: Conversation, entry: EntryEvent) -> bool:
    return conversation.user.account in {person.account for person in entry.added}


def _try(conversation: Conversation, attempt: Seat, message: bytes) -> None:
    """Let an earlier attempt to get in follow a commit, if it counts there."""
    followed = count(attempt.public, message, conversation.user.engine.policy)
    if isinstance(followed, Void):
        return
    if attempt.own_index in followed.effects.removed:
        conversation.attempts.drop(attempt)
        return
    conversation.look_back(attempt)
    attempt.follow(followed, conversation.key.look_up)
    conversation.attempts.keep(attempt)


def _follow(conversation: Conversation, entry: EntryEvent, followed: Followed) -> None:
    """Go on with a commit that counts, and tell what it changes."""
    user, record = conversation.user, conversation.record
    seat, effects = conversation.seat_of(), followed.effects
    author = _author(followed)
    user.directory.declare(entry.account, entry.author)
    for person in entry.added:
        if is_known_nick(person.nick):
            user.directory.declare(person.account, person.nick)
    by = call(user, author)
    if seat.own_index in effects.removed:
        if effects.external:
            conversation.displace(followed, entry.seq, effects.committer)
        else:
            conversation.exclude()
            _tell_removed(conversation, by)
        return
    departed = frozenset(record.departed)
    came = roster.people(effects.added.values())
    conversation.return_from_leave(came)
    conversation.follow(followed, entry.seq, Somebody(author.account, by))
    if author.account == user.account and not conversation.in_step:
        conversation.doubt_keys()
    verified = meet_members(user, effects.added.values())
    difference = roster.changed_by(effects)
    added = tuple(call(user, each) for each in difference.added)
    removed = tuple(call(user, each) for each in difference.removed)
    is_author = author.account == entry.account and by in {
        entry.author,
        account_name(entry.account),
    }
    if not (is_author and _is_declared(effects, entry)):
        conversation.explain(Cause.OTHER_CHANGE, author=by, people=_describe(added, removed))
    added += tuple(call(user, each) for account, each in came.items() if account in departed)
    removed = tuple(call(user, each) for each in difference.removed if each.account not in departed)
    if added or removed:
        announce(
            user,
            Members(conversation.name, added, removed, by, verified, conversation.hex),
        )


def _author(followed: Followed) -> Somebody:
    effects = followed.effects
    leaf = followed.after.tree.member(effects.committer)
    return read_credential(leaf.credential)


def _is_declared(effects: Effects, entry: EntryEvent) -> bool:
    """Whether the entry says what the commit does.

    Who comes by a commit of their own may be declared as coming or not: to the server they can be
    a member already, by one that did not count. And who is out already is not removed again.
    """
    came = roster.people(effects.added.values())
    went = roster.people(effects.removed.values())
    added = {person.account for person in entry.added}
    removed = {person.account for person in entry.removed}
    known = {entry.account} if effects.external else set()
    return came.keys() - went.keys() - known <= added <= came.keys() and removed <= went.keys()


def _describe(added: tuple[str, ...], removed: tuple[str, ...]) -> str:
    return f"added {', '.join(added) or 'nobody'}, removed {', '.join(removed) or 'nobody'}"


def _tell_removed(conversation: Conversation, author: str) -> None:
    user, name = conversation.user, conversation.name
    user.emit(Members(name, (), (user.nick,), author, conversation_id=conversation.hex))
    user.emit(Notice.told("removed", name=name, nick=author))


def _join(conversation: Conversation, entry: EntryEvent, welcome: bytes) -> None:
    """Be in the group that ``welcome`` invites to."""
    user, record = conversation.user, conversation.record
    if user.ignored.has(entry.account):
        user.ignored.pass_over(conversation.id)
        return
    try:
        own = user.packages.find(welcome)
        if own is None:
            _miss(conversation, Cause.LOST_WELCOME, entry)
            return
        group = user.engine.join(welcome, own, conversation.key.look_up)
        check_group(conversation, group)
        _check_inviter(group, entry)
    except PeerError:
        _miss(conversation, Cause.BAD_WELCOME, entry)
        return
    was_in = record.epoch >= 0 and conversation.stage in LACKING
    if was_in or is_backwards(conversation, group.epoch, group.confirmed_transcript_hash):
        # Nobody is invited who is in it, as far as we know.
        _miss(conversation, Cause.BAD_WELCOME, entry)
        return
    user.packages.spend(own)
    user.labels.name_after_founder(record, group.vantage.public.tree)
    if record.kind is Kind.GROUP:
        user.emit(Group(GroupAction.ADDED, conversation.name, entry.author, conversation.hex))
        tell_invitation(conversation, entry.author)
    user.ignored.enter(conversation.id)
    conversation.welcome(group, entry.seq, entry.account)


def _check_inviter(group: mls.Group, entry: EntryEvent) -> None:
    """Raise :class:`PeerError` unless who has invited us is who is said to."""
    leaf = group.inviter
    if leaf is None or read_credential(leaf.credential) != Somebody(entry.account, entry.author):
        raise PeerError("an invitation by somebody else")


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
    if conversation.record.kind is not Kind.GROUP:
        return True
    seats = [*conversation.attempts] if conversation.seat is None else [conversation.seat]
    if conversation.record.epoch < 0 and not seats:
        return True
    return any(
        signer.signature_key == Charter.read(seat.public.context.extensions).identity
        or seat.tree.find(signer.signature_key) is not None
        for seat in seats
    )


def _miss(conversation: Conversation, cause: Cause, entry: EntryEvent) -> None:
    if conversation.stage is not Stage.STOPPED:
        conversation.fall_outside(cause, author=entry.author)
