"""What the entries of a log mean: to the conversation, and to its reader.

Nothing here raises, whatever an entry holds: what cannot be read is skipped, with a line that says
why. Who an entry is from, and what a commit changes, is what its MLS sender has signed; what the
server says about it must agree.
"""

from enum import Enum
from typing import Final

from geventim.chat.departures import DELETE_BY_SERVER, Deletion
from geventim.chat.replies import EntryEvent
from geventim.chat.values import EntryKind, Kind
from geventim.client.causes import Cause
from geventim.client.conversation.acquaintance import mark_old
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.posting import accept_parcel, write_again
from geventim.client.conversation.turnover import announce
from geventim.client.events import Group, GroupAction, Members, Notice
from geventim.client.following import commits, messages
from geventim.client.following.arrival import lose_seat
from geventim.client.kept.stages import Stage
from geventim.client.people import roster
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.departures import verify_deletion
from geventim.client.sealing.seat import Seat
from geventim.client.sealing.testimony import one_more
from geventim.client.user import is_known_nick
from geventim.errors import PeerError

BY_SERVER: Final = bytes([DELETE_BY_SERVER])
"""How a delete begins that is the server's own."""


class Verdict(Enum):
    """What an entry was: something to take, or what is of no use where we are.

    That is a commit that does not count, and a message that does not open.
    """

    TAKEN = "taken"
    VOID = "void"


def take(conversation: Conversation, entry: EntryEvent, payload: bytes) -> Verdict:
    """Take the next entry of the log; the end of ``payload`` is the Welcome, if there is one."""
    size = len(payload) - entry.welcome
    message, welcome = payload[:size], payload[size:]
    own = entry.account == conversation.user.account
    if entry.kind is EntryKind.COMMIT:
        return _take_commit(conversation, entry, message, welcome)
    if own and entry.kind is EntryKind.MESSAGE:
        _take_own_message(conversation, entry, message)
    elif own and entry.kind is not EntryKind.DELETE:
        _take_own_departure(conversation, entry)
    elif not is_known_nick(entry.author):
        conversation.explain(Cause.NO_NAME)
    elif entry.kind is EntryKind.MESSAGE:
        return Verdict.TAKEN if messages.take(conversation, entry, message) else Verdict.VOID
    elif entry.kind is EntryKind.DELETE:
        _take_delete(conversation, entry, message)
    else:
        _take_departure(conversation, entry, message)
    return Verdict.TAKEN


def pass_over(conversation: Conversation, entry: EntryEvent, place: str) -> None:
    """Leave out an entry with which this program has failed at ``place``, more than once.

    What it does to others is not known then. Where that matters, we get in anew; and where it may
    have been that we are out, we are.
    """
    record = conversation.record
    is_own = entry.account == conversation.user.account
    author = entry.author if is_known_nick(entry.author) else "somebody"
    conversation.explain(Cause.PASSED_OVER, author=author, place=place)
    if entry.kind is EntryKind.MESSAGE:
        parcel = conversation.parcels.find(entry.message_id) if is_own else None
        if parcel is not None:
            conversation.parcels.forget(parcel)
        if is_own:
            conversation.record.unsure = True
        if entry.account in record.seen:
            record.seen[entry.account] = one_more(record.seen[entry.account])
    elif entry.kind is EntryKind.COMMIT:
        record.head = entry.seq
        if conversation.seat is not None:
            lose_seat(conversation)
    elif entry.kind is EntryKind.DELETE or is_own:
        conversation.exclude()
    else:
        conversation.part(entry.account, b"")
    conversation.keep()


def _take_commit(
    conversation: Conversation, entry: EntryEvent, message: bytes, welcome: bytes
) -> Verdict:
    pending = conversation.pending
    own = entry.account == conversation.user.account
    if own and pending is not None and pending.is_entry(entry.message_id, message):
        conversation.merge_pending(entry.seq)
        write_again(conversation, entry.seq)
    elif not commits.take(conversation, entry, message, welcome):
        return Verdict.VOID
    return Verdict.TAKEN


def _take_own_message(conversation: Conversation, entry: EntryEvent, message: bytes) -> None:
    """A message under our own name: what we sent, or what a copy of us did."""
    parcel = conversation.parcels.find(entry.message_id)
    if parcel is not None:
        if not parcel.over:
            accept_parcel(conversation, parcel, entry.seq)
        conversation.parcels.forget(parcel)
    if parcel is None or parcel.sealed != message:
        conversation.doubt_keys()


def _take_own_departure(conversation: Conversation, entry: EntryEvent) -> None:
    is_back = conversation.came_after(entry.seq)
    if conversation.seat is None and (is_back or conversation.stage is not Stage.OUTSIDE):
        # It is how we went before we came again.
        return
    conversation.exclude()
    conversation.record.member = is_back
    nick, emit, name = conversation.user.nick, conversation.user.emit, conversation.name
    place = conversation.hex
    emit(Members(name, (), (nick,), nick, conversation_id=place))
    if entry.kind is EntryKind.KICK:
        emit(Notice.told("kicked", name=name, nick=""))


def _take_departure(conversation: Conversation, entry: EntryEvent, payload: bytes) -> None:
    """Somebody has left, or was put out by the server."""
    if conversation.is_elsewhere:
        return
    conversation.part(entry.account, payload if entry.kind is EntryKind.LEAVE else b"")
    is_pair = conversation.record.kind is Kind.DM
    if is_pair:
        mark_old(conversation.user, conversation.record, entry.author)
        conversation.keep()
    emit, name, place = conversation.user.emit, conversation.name, conversation.hex
    if conversation.user.ignored.hides(conversation.id, entry.account):
        return
    if entry.kind is EntryKind.KICK and is_pair:
        emit(Notice.told("account_ended", nick=entry.author))
    elif entry.kind is EntryKind.KICK:
        emit(Members(name, (), (entry.author,), entry.author, conversation_id=place))
        emit(Notice.told("kicked", name=name, nick=entry.author))
    elif conversation.record.kind is Kind.GROUP:
        emit(Group(GroupAction.LEFT, name, entry.author, place))
        emit(Notice.told("left_group", name=name, nick=entry.author))
    else:
        change = Members(name, (), (entry.author,), entry.author, conversation_id=place)
        announce(conversation.user, change)


def _take_delete(conversation: Conversation, entry: EntryEvent, payload: bytes) -> None:
    """The conversation has ended: by who has signed it, or else by the operator of the server."""
    seat, name = conversation.seat, conversation.name
    is_by_server = payload[:1] == BY_SERVER
    if seat is not None and not is_by_server:
        is_by_server = not _has_deleted(conversation, seat, entry.account, payload)
    conversation.record.deleted = True
    conversation.exclude()
    emit, place = conversation.user.emit, conversation.hex
    if conversation.user.ignored.hides(conversation.id, b""):
        return
    if is_by_server:
        emit(Group(GroupAction.DELETED, name, "", place))
        emit(Notice.told("deleted", name=name))
    else:
        emit(Group(GroupAction.DELETED, name, entry.author, place))
        emit(Notice.told("group_deleted", name=name))


def _has_deleted(conversation: Conversation, seat: Seat, account: bytes, payload: bytes) -> bool:
    """Whether that account, its founder or a member, has signed that the conversation ends."""
    charter = Charter.read(seat.public.context.extensions)
    index = roster.find(seat.tree, account)
    leaf = None if index is None else seat.tree.leaf(index)
    key = charter.identity if leaf is None else leaf.signature_key
    try:
        deletion = Deletion.decode(payload)
        if deletion.account != account:
            return False
        verify_deletion(deletion, key, conversation.id, charter.incarnation)
    except PeerError:
        return False
    return True
