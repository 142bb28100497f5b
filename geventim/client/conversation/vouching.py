"""Saying what the group is like: to those who got in by a state that was not right, or by none.

What others say about that is a hint and no more. It costs us one look at another member's state,
and only while it is not certain that the commit counts by which we got in.
"""

from typing import Final

from geventim.chat.replies import Ok, Reply
from geventim.chat.requests import Void
from geventim.client.conversation.conversation import Conversation
from geventim.client.sealing.engine import SUITE
from geventim.client.steps.effects import Ask
from geventim.errors import PeerError
from geventim.mls.group_info import UnverifiedGroupInfo
from geventim.mls.message import decode_message
from geventim.mls.transcript import interim_transcript_hash

GIVERS: Final = 8
"""How many members give their state, on average."""


def call_void(conversation: Conversation, seq: int) -> None:
    """Say that the commit ``seq`` does not count, if we are one of those who are to say it."""
    if _is_drawn(conversation):
        _give(conversation, seq)


def give_state(conversation: Conversation) -> None:
    """Give our state, if we are one of those who are to."""
    if _is_drawn(conversation):
        _give(conversation, 0)


def contradicts(conversation: Conversation, seq: int, group_info: bytes) -> bool:
    """Whether what a member says of our commit ``seq`` is a reason to get in from another state.

    It is none if that member knows the same state as we did, or has us in its own.
    """
    record, seat = conversation.record, conversation.seat
    if not record.entered or seq < record.entered or seat is None:
        return False
    try:
        info = decode_message(group_info)
    except PeerError:
        return False
    if not isinstance(info, UnverifiedGroupInfo) or info.group_context.group_id != conversation.id:
        return False
    return seat.leaf.encryption_key not in group_info and _history(info) != record.entered_from


def _history(info: UnverifiedGroupInfo) -> bytes:
    confirmed = info.group_context.confirmed_transcript_hash
    return interim_transcript_hash(SUITE, confirmed, info.confirmation_tag)


def _give(conversation: Conversation, seq: int) -> None:
    payload = conversation.group.group_info()
    request = Void(id=0, conversation=conversation.id, seq=seq, payload=len(payload))
    conversation.user.ways.exchange.send(Ask(request, Ok, payload), _ignore)


def _is_drawn(conversation: Conversation) -> bool:
    members = conversation.seat_of().tree.root.members
    random = conversation.user.random
    return members <= GIVERS or int.from_bytes(random(4), "big") % members < GIVERS


def _ignore(_: Reply, __: bytes) -> None:
    """Whether anybody needed it is not our business."""
