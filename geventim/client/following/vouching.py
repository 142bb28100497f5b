"""Saying what the group is like: to those who got in by a state that was not right, or by none.

Who is elsewhere is seen by its commits, which do not count, and by its messages, which do not open.

What others say about that is a hint and no more. It costs us one look at the state that they give,
while it is not certain that the commit counts by which we got in. In a room it never is for good:
insiders can have been all who were there until then.
"""

from geventim.chat.replies import Ok, Reply
from geventim.chat.requests import Void
from geventim.chat.values import Kind
from geventim.client.conversation.conversation import Conversation
from geventim.client.sealing.engine import SUITE
from geventim.client.steps.effects import Ask
from geventim.errors import PeerError
from geventim.mls.epochs.transcript import interim_transcript_hash
from geventim.mls.messages.group_info import UnverifiedGroupInfo
from geventim.mls.messages.message import decode_message


def call_void(conversation: Conversation, seq: int) -> None:
    """Say that the entry ``seq`` does not count, if we are one of those who are to say it."""
    if _is_drawn(conversation):
        _give(conversation, seq)


def give_state(conversation: Conversation) -> None:
    """Give our state, if we are one of those who are to."""
    if _is_drawn(conversation):
        _give(conversation, 0)


def contradicts(conversation: Conversation, seq: int, account: bytes, group_info: bytes) -> bool:
    """Whether what ``account`` says of our entry ``seq`` is a reason to leave our state for its.

    It is none if that member knows the same state as we did, or has us in its own.
    """
    record, seat = conversation.record, conversation.seat
    if seat is None:
        return False
    history = _read_history(conversation, group_info)
    if history is None or seat.leaf.encryption_key in group_info:
        return False
    if conversation.witnesses.is_behind(seq, history):
        return False
    if record.entered:
        return seq >= record.entered and history != record.entered_from
    if record.kind is not Kind.ROOM or conversation.witnesses.was_here_after(account, seq):
        return False
    if record.arrived:
        return seq >= record.arrived and history != record.entered_from
    return seq == record.base and _is_alone(conversation, account)


def _is_alone(conversation: Conversation, account: bytes) -> bool:
    """Whether half of the others, and two if there are, call our last commit void by now."""
    others = conversation.seat_of().tree.census.members - 1
    enough = min(others, max(2, (others + 1) // 2))
    return conversation.witnesses.object(account) >= enough


def _read_history(conversation: Conversation, group_info: bytes) -> bytes | None:
    """The interim transcript hash of a state of our group; None if it is none."""
    try:
        info = decode_message(group_info)
    except PeerError:
        return None
    if not isinstance(info, UnverifiedGroupInfo) or info.group_context.group_id != conversation.id:
        return None
    return _history(info)


def _history(info: UnverifiedGroupInfo) -> bytes:
    confirmed = info.group_context.confirmed_transcript_hash
    return interim_transcript_hash(SUITE, confirmed, info.confirmation_tag)


def _give(conversation: Conversation, seq: int) -> None:
    payload = conversation.group.group_info()
    request = Void(id=0, conversation=conversation.id, seq=seq, payload=len(payload))
    conversation.user.ways.exchange.send(Ask(request, Ok, payload), _ignore)


def _is_drawn(conversation: Conversation) -> bool:
    members = conversation.seat_of().tree.root.members
    user, givers = conversation.user, conversation.user.measures.givers
    return members <= givers or int.from_bytes(user.random(4), "big") % members < givers


def _ignore(_: Reply, __: bytes) -> None:
    """Whether anybody needed it is not our business."""
