"""Ending one's part in a conversation, or the conversation, or the session."""

from geventim.chat.departures import NO_HISTORY, NO_LEAF
from geventim.chat.replies import Appended
from geventim.chat.requests import Append
from geventim.chat.values import EntryKind
from geventim.client.conversation.conversation import Conversation
from geventim.client.following.arrival import NEWNESS, heard_at
from geventim.client.kept.stages import SUBMITTED, WORKING
from geventim.client.operations.context import Context
from geventim.client.phases import Phase
from geventim.client.sealing.departures import sign_deletion, sign_leave
from geventim.client.steps.effects import Leave, Operation, RefusedError, ask, wait


def leave(context: Context) -> Operation:
    """Say goodbye, once the server has everything."""
    # An earlier session may have sealed messages, and got no answer to them.
    yield from wait(lambda: context.phase is not Phase.ENTERING and not context.conversations.busy)
    yield Leave()


def resign(context: Context, conversation: Conversation) -> Operation:
    """Be a member no longer, letting the others take our leaf out.

    What we have just written is heard before. A commit of ours that is on its way decides first
    which leaf that is; after that we make none. Who got in anew helps the others before. Nothing of
    it begins before we have come in, which may need a commit in this conversation.
    """
    user, record = conversation.user, conversation.record

    def is_ready() -> bool:
        return context.phase is Phase.READY

    yield from wait(is_ready)
    conversation.leaves_by = user.clock() + NEWNESS
    try:
        yield from wait(lambda: is_ready() and user.clock() >= heard_at(conversation))
        conversation.is_leaving = True
        yield from wait(lambda: is_ready() and _may_leave(conversation))
        conversation.is_leaving = True
        key, seat = user.profile.keys.identity, conversation.seat
        leaf, history = NO_LEAF, NO_HISTORY
        if seat is not None:
            leaf, history = seat.leaf.encryption_key, seat.public.interim_transcript_hash
        departure = sign_leave(key, record.id, record.incarnation, leaf, history)
        yield from _append(conversation, EntryKind.LEAVE, departure.encode())
    finally:
        conversation.is_leaving, conversation.leaves_by = False, 0.0
    conversation.exclude()


def _may_leave(conversation: Conversation) -> bool:
    is_needed = conversation.user.clock() < conversation.needed_until
    return conversation.stage not in SUBMITTED | WORKING and not is_needed


def delete(conversation: Conversation) -> Operation:
    """End the conversation for all who are in it."""
    user, record = conversation.user, conversation.record
    deletion = sign_deletion(user.profile.keys.identity, record.id, record.incarnation)
    yield from _append(conversation, EntryKind.DELETE, deletion.encode())
    conversation.exclude()


def _append(conversation: Conversation, kind: EntryKind, payload: bytes) -> Operation:
    request = Append(
        id=0,
        conversation=conversation.id,
        message_id=conversation.user.new_id(),
        kind=kind,
        payload=len(payload),
    )
    conversation.record.leaving = True
    conversation.keep()
    try:
        yield from ask(Appended, request, payload)
    except RefusedError:
        stay(conversation)
        raise


def stay(conversation: Conversation) -> None:
    """What was to end our part in it was refused, or is lost."""
    if conversation.record.leaving:
        conversation.record.leaving = False
        conversation.keep()
