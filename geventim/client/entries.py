"""What the entries of a log mean: to the conversation, and to its reader.

Nothing here raises, whatever an entry holds: what cannot be read is skipped, with a line that says
why. Who an entry is from, and what a commit changes, is what its MLS sender has signed; what the
server says about it must agree.
"""

from enum import Enum

from geventim.chat.replies import EntryEvent
from geventim.chat.values import EntryKind, Kind
from geventim.client import commits, messages, roster
from geventim.client.causes import Cause
from geventim.client.context import is_name
from geventim.client.conversation import Conversation
from geventim.client.events import Group, GroupAction, Members, Notice
from geventim.client.stages import Stage
from geventim.client.testimony import one_more


class Verdict(Enum):
    """What becomes of an entry: it was taken, or is to be fetched once more."""

    TAKEN = "taken"
    AGAIN = "again"


def take(conversation: Conversation, entry: EntryEvent, payload: bytes) -> Verdict:
    """Take the next entry of the log; the end of ``payload`` is the Welcome, if there is one."""
    size = len(payload) - entry.welcome
    message, welcome = payload[:size], payload[size:]
    if entry.account == conversation.context.account:
        _take_own(conversation, entry, message)
    elif not is_name(entry.author):
        conversation.explain(Cause.NO_NAME)
    elif entry.kind is EntryKind.COMMIT:
        _weigh(conversation, entry)
        if not commits.take(conversation, entry, message, welcome):
            return Verdict.AGAIN
    elif entry.kind is EntryKind.MESSAGE:
        _weigh(conversation, entry)
        messages.take(conversation, entry, message)
    elif entry.kind is EntryKind.LEAVE:
        _take_leave(conversation, entry)
    else:
        _take_delete(conversation, entry)
    return Verdict.TAKEN


def pass_over(conversation: Conversation, entry: EntryEvent, place: str) -> None:
    """Leave out an entry with which this program has failed at ``place``, more than once.

    What it does to others is not known then. Where that matters, we get in anew; and where it may
    have been that we are out, we are.
    """
    record = conversation.record
    is_own = entry.account == conversation.context.account
    author = entry.author if is_name(entry.author) else "somebody"
    conversation.explain(Cause.PASSED_OVER, author=author, place=place)
    if entry.kind is EntryKind.MESSAGE:
        parcel = conversation.parcels.find(entry.message_id) if is_own else None
        if parcel is not None:
            conversation.parcels.forget(parcel)
        if entry.account in record.seen:
            record.seen[entry.account] = one_more(record.seen[entry.account])
    elif entry.kind is EntryKind.DELETE or (entry.kind is EntryKind.LEAVE and is_own):
        conversation.exclude()
    elif conversation.in_step:
        if entry.kind is EntryKind.LEAVE and entry.account not in record.departed:
            record.departed.append(entry.account)
        conversation.strand(Cause.BEHIND)
    conversation.keep()


def _weigh(conversation: Conversation, entry: EntryEvent) -> None:
    """See which of two heads others build on, after a commit that somebody could not apply."""
    record = conversation.record
    if not conversation.in_step:
        return
    if record.disputed:
        if entry.head == record.head:
            record.disputed = 0
            conversation.keep()
        elif entry.head >= record.disputed and entry.account != record.disputed_by:
            conversation.strand(Cause.BEHIND)
    elif entry.head < record.head:
        conversation.strand(Cause.BEHIND)


def _take_own(conversation: Conversation, entry: EntryEvent, message: bytes) -> None:
    """An entry under our own name: what we sent, or what a copy of us did."""
    if entry.kind is EntryKind.MESSAGE:
        parcel = conversation.parcels.find(entry.message_id)
        if parcel is not None:
            if not parcel.over:
                conversation.accept_parcel(parcel, entry.seq)
            conversation.parcels.forget(parcel)
        if (parcel is None or parcel.sealed != message) and conversation.in_step:
            conversation.strand(Cause.OWN_COPY)
    elif entry.kind is EntryKind.COMMIT:
        pending = conversation.pending
        if pending is not None and pending.is_entry(entry.message_id, message):
            conversation.merge_pending(entry.seq)
        elif entry.message_id != conversation.record.own_commit and (
            conversation.in_step or conversation.stage in {Stage.ABSENT, Stage.INVITED}
        ):
            conversation.strand(Cause.OWN_COPY)
    elif conversation.group is not None:
        # Otherwise it is how we went before we came again.
        conversation.exclude()
        nick = conversation.context.nick
        conversation.context.emit(Members(conversation.name, (), (nick,), nick))


def _take_leave(conversation: Conversation, entry: EntryEvent) -> None:
    if conversation.is_elsewhere:
        return
    departed = conversation.record.departed
    if conversation.group is not None and entry.account not in departed:
        departed.append(entry.account)
        conversation.keep()
    emit, name = conversation.context.emit, conversation.name
    if conversation.context.ignored.hides(conversation.id, entry.account):
        return
    if conversation.record.kind is Kind.GROUP:
        emit(Group(GroupAction.LEFT, name, entry.author))
        emit(Notice(f"{entry.author} left group {name}."))
    else:
        change = Members(name, (), (entry.author,), entry.author)
        roster.announce(conversation.context, change)


def _take_delete(conversation: Conversation, entry: EntryEvent) -> None:
    conversation.record.deleted = True
    conversation.exclude()
    emit, name = conversation.context.emit, conversation.name
    if conversation.context.ignored.hides(conversation.id, b""):
        return
    emit(Group(GroupAction.DELETED, name, entry.author))
    emit(Notice(f"Group {name} has been deleted."))
