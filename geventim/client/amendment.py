"""Changes that a member makes: removing who has left, fresh keys, another key for a room."""

from typing import Final

from geventim.chat.values import Purpose
from geventim.client import roster
from geventim.client.charter import Charter
from geventim.client.content import Content, ContentKind
from geventim.client.conversation import Conversation
from geventim.client.effects import Operation, Steps, wait
from geventim.client.gates import NewKey
from geventim.client.parcels import Fate
from geventim.client.stages import Move
from geventim.client.submission import (
    Change,
    give_up_turn,
    make_pending,
    submit,
    take_turn,
    work,
)
from geventim.errors import UserError
from geventim.mls.commit_creation import CommitRequest
from geventim.mls.group import Group
from geventim.mls.proposals import GroupContextExtensions, Proposal, Remove

RENEWAL_TIME: Final = 24 * 3600.0
"""Seconds after which our keys are changed before the next message."""

RENEWAL_COUNT: Final = 100
"""Messages of ours after which they are."""


SEALED: Final = 128
"""Messages of ours in one epoch, whatever they say, after which nothing is sealed before they are.

Others go 256 generations ahead for one message, and so always as far as we may be.
"""


def is_owed(conversation: Conversation) -> bool:
    """Whether the group has to change before the next message is sealed."""
    return bool(_departed(conversation)) or _is_renewal_due(conversation)


def is_due(conversation: Conversation) -> bool:
    """Whether there is a reason to take the turn."""
    if conversation.new_key is not None:
        return True
    return conversation.parcels.queued and is_owed(conversation)


def amend(conversation: Conversation) -> Operation:
    """Make one change, if it is still due when our turn comes. Raises :class:`UserError`."""
    turn, _ = yield from take_turn(conversation, Purpose.COMMIT)
    record = conversation.record
    yield from wait(lambda: record.head >= turn.head or record.disputed > 0)
    if record.head != turn.head or not is_due(conversation):
        yield from give_up_turn(conversation)
    elif is_owed(conversation):
        yield from _renew(conversation)
    elif conversation.new_key is not None:
        yield from _change_key(conversation, conversation.new_key)


def _renew(conversation: Conversation) -> Operation:
    """Fresh keys for us, and none for those who have left."""
    departed = _departed(conversation)
    head = conversation.record.head
    change = yield from _prepare(conversation, [Remove(index) for index in departed.values()])
    pending = make_pending(conversation, head, change, removed=tuple(departed))
    yield from submit(conversation, pending, Move.COMMIT)


def _change_key(conversation: Conversation, new: NewKey) -> Operation:
    """Give the new key to all members, then change the gate."""
    context, record = conversation.context, conversation.record
    said = Content(context.nick, new.text, context.clock(), ContentKind.KEY, new.secret)
    parcel = conversation.post(said)
    yield from wait(lambda: parcel.over or (parcel.fate is Fate.QUEUED and is_owed(conversation)))
    if not parcel.over:
        # Somebody has left in between, and must not get it.
        conversation.parcels.refuse(parcel, UserError("superseded", "That was not sent."))
    if parcel.error is not None:
        yield from give_up_turn(conversation)
        return
    if _departed(conversation):
        yield from give_up_turn(conversation)
        raise UserError(
            "not_changed",
            f"Somebody left '{record.name}' and could read the new key; it stays as it was.",
            "Change it again.",
        )
    record.offered_key = new.secret
    conversation.keep()
    charter = Charter(record.kind, new.gate)
    head = record.head
    change = yield from _prepare(conversation, [GroupContextExtensions((charter.extension(),))])
    pending = make_pending(conversation, head, change, gate=new.gate)
    yield from submit(conversation, pending, Move.COMMIT)


def _prepare(conversation: Conversation, proposals: list[Proposal]) -> Steps[Change]:
    context, group = conversation.context, conversation.member_of()
    # A copy, so that messages can be read with the group's own ratchets meanwhile.
    copy = Group(group.state.fork(), context.random, context.engine.policy)
    request = CommitRequest(tuple(proposals), now=int(context.clock()))
    size = sum(1 for _ in group.members())
    return (yield from work(size, lambda: Change.of(copy, request)))


def _departed(conversation: Conversation) -> dict[bytes, int]:
    """The leaves of those who have left, by account."""
    departed, group = conversation.record.departed, conversation.group
    if group is None:
        return {}
    found = {account: roster.find(group, account) for account in departed}
    return {account: index for account, index in found.items() if index is not None}


def _is_renewal_due(conversation: Conversation) -> bool:
    record, group = conversation.record, conversation.group
    elapsed = conversation.context.clock() - record.renewed
    is_spent = group is not None and group.sealed >= SEALED
    return is_spent or record.since >= RENEWAL_COUNT or elapsed >= RENEWAL_TIME
