"""What the entries of a log mean: to the conversation, and to its reader.

Nothing here raises, whatever an entry holds: what cannot be read is skipped, with a line that says
why. Who an entry is from, and what a commit changes, is what its MLS sender has signed; what the
server says about it must agree.
"""

from enum import Enum

from geventim.chat.replies import EntryEvent
from geventim.chat.values import EntryKind, Kind
from geventim.client import commits, messages
from geventim.client.causes import Cause
from geventim.client.context import is_name
from geventim.client.conversation import Conversation
from geventim.client.events import Group, GroupAction, Members, Notice
from geventim.client.posting import accept_parcel
from geventim.client.stages import Stage


class Verdict(Enum):
    """What an entry was: something to take, or a commit that does not count."""

    TAKEN = "taken"
    VOID = "void"


def take(conversation: Conversation, entry: EntryEvent, payload: bytes) -> Verdict:
    """Take the next entry of the log; the end of ``payload`` is the Welcome, if there is one."""
    size = len(payload) - entry.welcome
    message, welcome = payload[:size], payload[size:]
    own = entry.account == conversation.context.account
    if entry.kind is EntryKind.COMMIT:
        return _take_commit(conversation, entry, message, welcome)
    if own and entry.kind is EntryKind.MESSAGE:
        _take_own_message(conversation, entry, message)
    elif own and entry.kind is not EntryKind.DELETE:
        _take_own_departure(conversation, entry)
    elif not is_name(entry.author):
        conversation.explain(Cause.NO_NAME)
    elif entry.kind is EntryKind.MESSAGE:
        messages.take(conversation, entry, message)
    elif entry.kind is EntryKind.DELETE:
        _take_delete(conversation, entry)
    else:
        _take_departure(conversation, entry, message)
    return Verdict.TAKEN


def _take_commit(
    conversation: Conversation, entry: EntryEvent, message: bytes, welcome: bytes
) -> Verdict:
    pending = conversation.pending
    own = entry.account == conversation.context.account
    if own and pending is not None and pending.is_entry(entry.message_id, message):
        conversation.merge_pending(entry.seq)
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
    if conversation.seat is None and conversation.stage is not Stage.OUTSIDE:
        # It is how we went before we came again.
        return
    conversation.exclude()
    nick, emit, name = conversation.context.nick, conversation.context.emit, conversation.name
    emit(Members(name, (), (nick,), nick))
    if entry.kind is EntryKind.KICK:
        emit(Notice(f"The server has put you out of '{name}'.", "kicked"))


def _take_departure(conversation: Conversation, entry: EntryEvent, payload: bytes) -> None:
    """Somebody has left, or was put out by the server."""
    if conversation.is_elsewhere:
        return
    conversation.part(entry.account, payload if entry.kind is EntryKind.LEAVE else b"")
    emit, name = conversation.context.emit, conversation.name
    if entry.kind is EntryKind.KICK:
        emit(Members(name, (), (entry.author,), entry.author))
        emit(Notice(f"The server has put {entry.author} out of '{name}'.", "kicked"))
    elif conversation.record.kind is Kind.GROUP:
        emit(Group(GroupAction.LEFT, name, entry.author))
        emit(Notice(f"{entry.author} left group {name}."))
    else:
        emit(Members(name, (), (entry.author,), entry.author))


def _take_delete(conversation: Conversation, entry: EntryEvent) -> None:
    conversation.exclude()
    emit, name = conversation.context.emit, conversation.name
    emit(Group(GroupAction.DELETED, name, entry.author))
    emit(Notice(f"Group {name} has been deleted."))
