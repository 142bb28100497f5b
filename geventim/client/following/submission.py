"""Putting a commit of ours into the log: kept before it leaves, in force once it is accepted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from geventim.chat import replies
from geventim.chat.departures import Departure
from geventim.chat.replies import Appended, Ok, Turn
from geventim.chat.requests import Challenge, Commit, GiveUpTurn, TakeTurn
from geventim.chat.values import Purpose, gate_claim
from geventim.client.causes import Cause, ContradictionError
from geventim.client.conversation.conversation import Conversation
from geventim.client.kept.record import Pending
from geventim.client.kept.stages import Move
from geventim.client.sealing import gates
from geventim.client.sealing.declaration import Declaration
from geventim.client.steps.effects import (
    Labour,
    Operation,
    RefusedError,
    Result,
    Steps,
    ask,
    compute,
    fetch,
)
from geventim.client.user import User
from geventim.mls.groups import archive
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.group import Group
from geventim.mls.messages.proposals import Proposal


@dataclass(frozen=True, slots=True)
class Change:
    """A commit: what is sent, and the group ``after`` it."""

    message: bytes
    welcome: bytes
    after: Group
    group_info: bytes

    @classmethod
    def of(cls, group: Group, request: CommitRequest) -> "Change":
        """What ``request`` makes of ``group``, of which nobody else must hold the ratchets."""
        staged = group.commit(request, public=True)
        after = group.merged(staged)
        return cls(staged.message, staged.welcome or b"", after, after.group_info())


def take_turn(
    conversation: Conversation, purpose: Purpose, *, state: bool = False
) -> Steps[tuple[Turn, bytes]]:
    """Wait in line for the turn to commit; with ``state`` comes a GroupInfo, if there is one."""
    record, account = conversation.record, conversation.user.account
    conversation.move(Move.ASK)
    signature = None
    if record.keyed and not record.member:
        challenge = yield from ask(replies.Challenge, Challenge(id=0, conversation=record.id))
        claimed = gate_claim(record.id, record.incarnation, account, challenge.nonce)
        signature = gates.gate(record.room_key).sign(claimed)
    request = TakeTurn(
        id=0, conversation=record.id, purpose=purpose, state=state, gate_signature=signature
    )
    turn, group_info = yield from fetch(Turn, request)
    conversation.move(Move.TURN)
    return turn, group_info


def request_of(
    conversation: Conversation,
    proposals: Sequence[Proposal],
    departures: Sequence[Departure] = (),
    *,
    history: bytes,
    force_path: bool = True,
) -> CommitRequest:
    """What a commit of ``proposals`` is to be, in the epoch with that interim transcript hash."""
    declaration = Declaration(history, departures=tuple(departures))
    return CommitRequest(
        tuple(proposals),
        now=int(conversation.user.clocks.date()),
        force_path=force_path,
        with_pending=False,
        authenticated_data=declaration.encode(),
    )


def give_up_turn(conversation: Conversation) -> Operation:
    """Let the next in line have it."""
    yield from ask(Ok, GiveUpTurn(id=0, conversation=conversation.id))
    conversation.move(Move.YIELD)


def work(user: User, members: int, call: Callable[[], Result]) -> Steps[Result]:
    """The result of ``call``, which computes the keys of so many members."""
    if members < user.measures.heavy:
        return call()
    return (yield from compute(Labour.SEALING, call))


def make_pending(
    conversation: Conversation,
    head: int,
    change: Change,
    *,
    added: tuple[bytes, ...] = (),
    removed: tuple[bytes, ...] = (),
    gate: bytes | None = None,
    history: bytes = b"",
    giver: bytes = b"",
) -> Pending:
    """The commit of ``change`` on ``head``; what it does to the membership is declared."""
    return Pending(
        conversation.user.new_id(),
        head,
        change.message,
        change.welcome,
        change.group_info,
        added,
        removed,
        gate,
        archive.save_fixed(change.after.state),
        archive.save_moving(change.after.state),
        history,
        giver,
    )


def submit(conversation: Conversation, pending: Pending, change: Change, move: Move) -> Operation:
    """Send ``pending``, the commit of ``change``, for the first time."""
    if conversation.is_leaving:
        yield from give_up_turn(conversation)
        return
    conversation.submit(pending, change.after, move)
    yield from resubmit(conversation)


def resubmit(conversation: Conversation) -> Operation:
    """Send the commit that is on its way, perhaps again. Raises :class:`RefusedError`."""
    pending = conversation.pending
    if pending is None:
        return
    payload = pending.message + pending.welcome + pending.group_info
    request = Commit(
        id=0,
        conversation=conversation.id,
        message_id=pending.message_id,
        head=pending.head,
        payload=len(payload),
        message=len(pending.message),
        welcome=len(pending.welcome),
        added=pending.added,
        removed=pending.removed,
        gate=pending.gate,
    )
    try:
        reply = yield from ask(Appended, request, payload)
    except RefusedError:
        if conversation.pending is not pending:
            return
        conversation.refuse_pending()
        raise
    if conversation.pending is not pending:
        conversation.overtaken = True
    else:
        if reply.seq <= conversation.record.position.seq:
            # Something else was there when we read it.
            raise ContradictionError(Cause.REPLACED_HISTORY)
        conversation.accept(reply.seq)
