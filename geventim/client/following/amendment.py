"""Changes that a member makes.

Who has left is removed, keys are renewed, a room gets another key, and a group other members.
"""

from collections.abc import Sequence
from typing import Final

from geventim.chat.departures import Departure
from geventim.chat.replies import KickSigned
from geventim.chat.requests import SignKick
from geventim.chat.values import Purpose
from geventim.client.conversation.alteration import Alteration
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.posting import post
from geventim.client.following.admission import refuse_package
from geventim.client.following.foundation import check_charter
from geventim.client.following.submission import (
    Change,
    give_up_turn,
    make_pending,
    request_of,
    submit,
    take_turn,
    work,
)
from geventim.client.kept.parcels import Fate
from geventim.client.kept.record import Offer
from geventim.client.kept.stages import Move
from geventim.client.people import roster
from geventim.client.people.credentials import read_credential
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.content import Content, ContentKind
from geventim.client.sealing.departures import kick, verify_departure
from geventim.client.sealing.gates import NewKey
from geventim.client.sealing.newcomers import misfits
from geventim.client.steps.effects import Operation, RefusedError, Steps, ask, wait
from geventim.errors import DeniedError, PeerError
from geventim.mls.groups.group import Group
from geventim.mls.messages.proposals import GroupContextExtensions, Proposal, Remove

RENEWAL_TIME: Final = 24 * 3600.0
"""Seconds after which our keys are changed before the next message."""


PATIENCE: Final = 5.0
"""Seconds that a message waits for us to get the turn to renew our keys; then it goes.
"""


def is_barred(conversation: Conversation) -> bool:
    """Whether the group has to change before anything is sealed."""
    return bool(conversation.record.unsure or _departed(conversation) or _is_spent(conversation))


def is_owed(conversation: Conversation) -> bool:
    """Whether the group has to change before the next message is sealed that is not light."""
    if is_barred(conversation):
        return True
    return renews(conversation) and not conversation.is_renewal_put_off


def is_due(conversation: Conversation) -> bool:
    """Whether there is a reason to take the turn."""
    if conversation.intent.new_key is not None or conversation.intent.alteration is not None:
        return True
    owing, clock = conversation.owing, conversation.user.clock
    if owing.healing_at is not None and owing.healing_at <= clock():
        return True
    if owing.knock_at is not None and owing.knock_at <= clock():
        return True
    if owing.removal_at is not None and owing.removal_at <= clock() and _departed(conversation):
        return True
    if conversation.parcels.renewing and renews(conversation):
        return True
    return conversation.parcels.queued and is_barred(conversation)


def amend(conversation: Conversation) -> Operation:
    """Make one change, if it is still due when our turn comes. Raises :class:`UserError`."""
    record, intent = conversation.record, conversation.intent
    turn, _ = yield from take_turn(conversation, Purpose.COMMIT)
    yield from wait(lambda: record.head >= turn.head)
    if record.head != turn.head or not is_due(conversation):
        yield from give_up_turn(conversation)
    elif intent.new_key is not None and not is_owed(conversation):
        yield from _change_key(conversation, intent.new_key)
    elif intent.alteration is not None and not is_owed(conversation):
        yield from _alter(conversation, intent.alteration)
    else:
        yield from _renew(conversation)


def _prove(conversation: Conversation, index: int) -> Steps[Departure | None]:
    """That the leaf at ``index`` may be taken out: what its owner signed, or else the server."""
    record, seat = conversation.record, conversation.seat_of()
    leaf = seat.tree.member(index)
    account = read_credential(leaf.credential).account
    charter = check_charter(conversation, seat.public.context.extensions)
    history = seat.public.interim_transcript_hash
    try:
        departure = Departure.decode(record.departed.get(account, b""))
        verify_departure(departure, leaf, charter, record.id, history)
    except PeerError:
        request = SignKick(
            id=0,
            conversation=record.id,
            account=account,
            key=leaf.encryption_key,
            history=history,
        )
        try:
            signed = yield from ask(KickSigned, request)
        except RefusedError:
            # They are back, by what is still on its way to us.
            conversation.return_from_leave([account])
            return None
        departure = kick(account, leaf.encryption_key, history, signed.signature)
    record.departed[account] = departure.encode()
    return departure


def _renew(conversation: Conversation) -> Operation:
    """Fresh keys for us, and none for those who have left."""
    head = conversation.record.head
    removes, departures = [], []
    for index in _departed(conversation).values():
        departure = yield from _prove(conversation, index)
        if departure is not None:
            removes.append(Remove(index))
            departures.append(departure)
    if conversation.record.head != head:
        # It took so long that somebody else has had the turn.
        yield from give_up_turn(conversation)
        return
    change = yield from _prepare(conversation, removes, departures)
    pending = make_pending(conversation, head, change)
    yield from submit(conversation, pending, change, Move.COMMIT)


def _alter(conversation: Conversation, alteration: Alteration) -> Operation:
    """Let people into a group, or put them out."""
    head, tree = conversation.record.head, conversation.seat_of().tree
    if alteration.is_done(tree):
        conversation.intent.alteration = None
        yield from give_up_turn(conversation)
        return
    now = int(conversation.user.clocks.date())
    for misfit in misfits(conversation.seat_of().public, alteration.missing(tree), now):
        raise refuse_package(misfit)
    change = yield from _prepare(conversation, alteration.proposals(tree), [])
    pending = make_pending(
        conversation, head, change, added=alteration.added, removed=alteration.removed
    )
    yield from submit(conversation, pending, change, Move.COMMIT)
    conversation.intent.alteration = None


def _change_key(conversation: Conversation, new: NewKey) -> Operation:
    """Give the new key to all members, then change the gate."""
    user, record = conversation.user, conversation.record
    said = Content(user.nick, new.text, user.clocks.date(), ContentKind.KEY, new.secret)
    parcel = post(conversation, said)
    yield from wait(lambda: parcel.over or (parcel.fate is Fate.QUEUED and is_owed(conversation)))
    if not parcel.over:
        # Somebody has left in between, and must not get it.
        conversation.parcels.refuse(parcel, DeniedError("superseded", case="message"))
    if parcel.error is not None:
        yield from give_up_turn(conversation)
        return
    if _departed(conversation):
        yield from give_up_turn(conversation)
        raise DeniedError("not_changed", case="left", name=record.name)
    conversation.key.offer(user.account, Offer(new.secret))
    conversation.keep()
    charter = Charter.read(conversation.group.extensions).with_gate(new.gate)
    head = record.head
    proposal = GroupContextExtensions((charter.extension(),))
    change = yield from _prepare(conversation, [proposal], [])
    pending = make_pending(conversation, head, change, gate=new.gate)
    yield from submit(conversation, pending, change, Move.COMMIT)


def _prepare(
    conversation: Conversation, proposals: Sequence[Proposal], departures: list[Departure]
) -> Steps[Change]:
    user, group = conversation.user, conversation.group
    # A copy, so that messages can be read with the group's own ratchets meanwhile.
    copy = Group(group.state.fork(), user.random, user.engine.policy)
    history = group.vantage.public.interim_transcript_hash
    request = request_of(conversation, proposals, departures, history=history)
    size = sum(1 for _ in group.members())
    return (yield from work(conversation.user, size, lambda: Change.of(copy, request)))


def _departed(conversation: Conversation) -> dict[bytes, int]:
    """The leaves of those who have left, by account."""
    departed, seat = conversation.record.departed, conversation.seat
    if seat is None or not departed:
        return {}
    found = {account: roster.find(seat.tree, account) for account in departed}
    return {account: index for account, index in found.items() if index is not None}


def renews(conversation: Conversation) -> bool:
    """Whether our keys are to be changed before the next message, if there is a turn for that."""
    record = conversation.record
    user = conversation.user
    elapsed = user.clock() - record.renewed
    return record.since >= user.measures.renewal_count or elapsed >= RENEWAL_TIME


def _is_spent(conversation: Conversation) -> bool:
    """Whether nothing more may be sealed with the keys that we have in this epoch."""
    seat, most = conversation.seat, conversation.user.measures.sealed
    return seat is not None and seat.is_whole and seat.group.generation >= most
