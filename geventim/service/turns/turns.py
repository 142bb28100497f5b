"""Turns to commit: in each conversation one session after the other, a few seconds each.

A turn is granted together with a state, if one was asked for. It ends with the commit, when it is
given up, after its time, or with its session. The first in line has it when no other node has the
lease of the conversation.
"""

import math
from functools import partial
from typing import Final

from msgspec.structs import replace

from geventim.chat import bulletins as told
from geventim.chat import replies
from geventim.chat.codec import encode
from geventim.chat.limits import SHARED_TURN, TURN
from geventim.chat.requests import GiveUpTurn, TakeTurn
from geventim.chat.values import Entry, Kind, Purpose
from geventim.errors import StoreError
from geventim.log.outcomes import STALE_HEAD, Appended, Outcome, State
from geventim.service import refusals
from geventim.service.bounds import USUAL, Bounds
from geventim.service.ports import Journal, Neighbours, Timers
from geventim.service.sessions import Session
from geventim.service.turns.calms import Calms
from geventim.service.turns.gates import Gates
from geventim.service.turns.lines import Line, Phase, Rank, Turn
from geventim.service.turns.rates import Rates
from geventim.service.turns.states import States
from geventim.service.turns.urgency import URGENCY, Urgency

AGAIN: Final = 0.05
"""Seconds until a node asks again for a lease that another one has."""

GLANCE: Final = 0.5
"""Seconds for which a turn may be had at no price."""

URGE: Final = URGENCY / 2
"""Seconds after which other nodes are told again that somebody here is urgent."""


class Turns:
    """A line for each conversation in which somebody waits for a turn, or has it."""

    def __init__(
        self,
        journal: Journal,
        timers: Timers,
        neighbours: Neighbours,
        states: States,
        rates: Rates,
        gates: Gates,
        calms: Calms,
        bounds: Bounds = USUAL,
    ) -> None:
        self._gates = gates
        self._journal = journal
        self._timers = timers
        self._neighbours = neighbours
        self._states = states
        self._rates = rates
        self._calms = calms
        self._longest = bounds.line
        self._urgency = Urgency(timers)
        self._lines: dict[bytes, Line] = {}

    def take(self, session: Session, request: TakeTurn) -> None:
        """Put the session into the line; the reply is the turn when it comes.

        Who asks again gives up the earlier one. The answer is the same, and comes in the same time,
        whether there is no such conversation or one of others. Raises
        :class:`geventim.errors.UserError`: ``not_a_member``, and what a gate refuses with.
        """
        conversation = self._journal.conversation(request.conversation)
        is_member = session.is_member(request.conversation)
        if conversation is None or not (is_member or conversation.kind is Kind.ROOM):
            raise refusals.NOT_A_MEMBER.error()
        proven = b""
        if not is_member:
            proven = self._gates.pass_through(session, conversation, request.gate_signature)
        has_written = self._journal.has_written(conversation.id, session.account.id)
        self._give_up(session, conversation.id)
        turn = Turn(session, request, conversation, proven, has_written=has_written)
        line = self._lines.setdefault(conversation.id, Line(self._longest))
        last = line.join(turn, self._order)
        if last is not None:
            last.session.refuse(last.request.id, refusals.LINE_FULL)
        held, now = line.held, self._timers.now()
        if held is not None and held.phase is Phase.GRANTED and now - held.since >= SHARED_TURN:
            held.cancel()
            self._pass_if_wanted(held)
        self._consider(conversation.id)

    def give_up(self, session: Session, request: GiveUpTurn) -> replies.Ok:
        """Let the next in line have the turn, or leave the line."""
        self._give_up(session, request.conversation)
        return replies.Ok(id=request.id)

    def use(self, session: Session, conversation: bytes, purpose: Purpose | None) -> Turn | None:
        """The turn of the session, which is held until :meth:`end`.

        None if it has none, or none for the ``purpose`` that the commit needs.
        """
        line = self._lines.get(conversation)
        turn = line.held if line else None
        if turn is None or turn.session is not session or turn.phase is not Phase.GRANTED:
            return None
        if purpose not in {None, turn.request.purpose}:
            return None
        turn.phase = Phase.USED
        turn.cancel()
        return turn

    def end(self, turn: Turn, outcome: Outcome | StoreError) -> None:
        """The commit of ``turn`` has been stored, or refused. This waits for nothing."""
        is_stored = isinstance(outcome, Appended)
        if isinstance(outcome, Appended) and not outcome.repeated:
            is_removal = turn.rank is Rank.REMOVAL and len(outcome.gone) > 0
            is_first = is_removal or self._order(turn)[0] is Rank.REENTRY
            used = told.TurnUsed(
                turn.conversation.id, turn.session.account.id, turn.request.purpose, is_first
            )
            self.note_commit(outcome.entry)
            self._note_use(used)
            self._neighbours.tell(used)
        self._remove(turn, is_priced=not is_stored)

    def drop(self, session: Session) -> None:
        """The session is gone."""
        for line in list(self._lines.values()):
            for turn in line.turns_of(session):
                self._remove(turn)

    def note_sent(self, conversation: bytes, outcome: Outcome | StoreError) -> None:
        """A message has been stored, or refused. This waits for nothing."""
        if isinstance(outcome, Appended):
            self.note_message(conversation)
        elif outcome == STALE_HEAD and self._calms.note_refused(conversation):
            self._neighbours.tell(told.MessageDelayed(conversation))

    def note_message(self, conversation: bytes) -> None:
        """A message is in the log."""
        if self._calms.note_message(conversation):
            self._look_soon(conversation)

    def note_commit(self, entry: Entry) -> None:
        """A commit is in the log."""
        self._rates.note_commit(entry.conversation, entry.seq, entry.author)
        self._calms.note_commit(entry.conversation, removal=False)

    def hear(self, node: bytes, bulletin: told.OfTurn) -> None:
        """What turns and messages of other nodes mean for those here."""
        conversation = bulletin.conversation
        match bulletin:
            case told.MessageDelayed():
                self._calms.note_refused(conversation)
            case told.TurnUsed():
                self._note_use(bulletin)
            case told.TurnPassed(account=account):
                self._rates.note_passed(conversation, account)
            case told.TurnUrgent(rank=rank):
                self._urgency.note(conversation, node, rank)
            case told.TurnSettled():
                self._urgency.settle(conversation, node)
                self._look_soon(conversation)

    def _note_use(self, used: told.TurnUsed) -> None:
        self._rates.note_purpose(used.conversation, used.account, used.purpose)
        if used.first and used.purpose is Purpose.REENTER:
            self._calms.note_reentry(used.conversation)
        elif used.first:
            self._calms.note_commit(used.conversation, removal=True)

    def _order(self, turn: Turn) -> tuple[Rank, bool, int, int]:
        """Anybody can say that they get in anew: who did so of late has no precedence again.

        Of those who get in anew whoever has shut out fewest goes first.
        """
        conversation, account = turn.conversation.id, turn.session.account.id
        is_behind = self._rates.has_let_pass(conversation, account)
        rank = turn.rank
        if rank is Rank.REENTRY and (is_behind or self._rates.has_reentered(conversation, account)):
            rank = Rank.OTHER
        burden = self._rates.burden(conversation, account) if rank is Rank.REENTRY else 0
        return rank, is_behind, burden, turn.number

    def _ready(self, turn: Turn) -> float:
        """When ``turn`` may be granted, in seconds since the epoch."""
        conversation = turn.conversation.id
        earliest = self._rates.earliest(
            conversation,
            turn.session.account.id,
            turn.request.purpose,
            has_written=turn.has_written,
        )
        calm = self._calms.until(conversation, turn.rank)
        return max(earliest, calm, self._urgency.until(conversation, turn.rank))

    def _give_up(self, session: Session, conversation: bytes) -> None:
        line = self._lines.get(conversation)
        for turn in line.turns_of(session) if line else ():
            self._remove(turn)
            if turn.phase is not Phase.GRANTED:
                session.refuse(turn.request.id, refusals.NO_TURN)

    def _remove(self, turn: Turn, *, is_priced: bool = True) -> None:
        """Take ``turn`` out, and look who is next. It has its price if it was held in vain."""
        conversation = turn.conversation.id
        line = self._lines[conversation]
        line.remove(turn)
        turn.cancel()
        self._release(turn)
        if is_priced and self._timers.now() - turn.since >= GLANCE:
            account = turn.session.account.id
            self._rates.note_passed(conversation, account)
            self._neighbours.tell(told.TurnPassed(conversation, account))
        self._settle(line, conversation)
        if line.is_empty:
            line.sleep()
            del self._lines[conversation]
        else:
            # Who ends a turn need not wait until the next one has been looked up.
            self._look_soon(conversation)

    def _look_soon(self, conversation: bytes, seconds: float = 0.0) -> None:
        line = self._lines.get(conversation)
        if line is not None:
            line.sleep()
            line.wake = self._timers.later(seconds, partial(self._wake, line, conversation))

    def _wake(self, line: Line, conversation: bytes) -> None:
        line.wake = None  # who is awake must not be cancelled
        self._consider(conversation)

    def _consider(self, conversation: bytes) -> None:
        """Let the next in line have the turn, if nobody has it and the time of one has come."""
        line = self._lines.get(conversation)
        if line is None or line.held is not None:
            return
        now = self._timers.now()
        chosen = line.choose(now, self._ready, self._order)
        if isinstance(chosen, Turn):
            line.sleep()
            line.hold(chosen)
            self._grant(line, chosen)
        elif chosen < math.inf:
            self._look_soon(conversation, chosen - now)

    def _grant(self, line: Line, turn: Turn) -> None:
        conversation = turn.conversation.id
        lease = state = None
        try:
            lease = self._neighbours.acquire(conversation)
            head = self._journal.head(conversation) if lease is not None else None
            if head is not None and turn.request.state:
                state = self._states.choose(conversation, turn.session.account.id)
        except StoreError:
            turn.lease = lease
            self._refuse(line, turn, refusals.STORAGE_FAILED)
            return
        turn.lease = lease
        # Reading may have taken a while; from here on nothing waits.
        if line.held is not turn:
            self._release(turn)
        elif lease is None:
            line.put_back(turn)
            self._urge(line, turn)
            self._look_soon(conversation, AGAIN)
        elif head is None or head.deleted:
            self._refuse(line, turn, refusals.NO_CONVERSATION)
        elif not (turn.session.is_member(conversation) or turn.may_join):
            self._refuse(line, turn, refusals.NOT_A_MEMBER)
        else:
            turn.phase = Phase.GRANTED
            turn.since = self._timers.now()
            turn.end = self._timers.later(SHARED_TURN, partial(self._pass_if_wanted, turn))
            self._settle(line, conversation)
            reply = replies.Turn(id=turn.request.id, head=head.commit)
            _send(turn, reply, state)

    def _pass_if_wanted(self, turn: Turn) -> None:
        """End a turn that has had its time if somebody else could have it, else let it be."""
        turn.end = None
        now = self._timers.now()
        line = self._lines[turn.conversation.id]
        if now - turn.since >= TURN or isinstance(line.choose(now, self._ready, self._order), Turn):
            self._remove(turn)
        else:
            left = turn.since + TURN - now
            turn.end = self._timers.later(left, partial(self._pass_if_wanted, turn))

    def _release(self, turn: Turn) -> None:
        if turn.lease is not None:
            self._neighbours.release(turn.conversation.id, turn.lease)
            turn.lease = None

    def _refuse(self, line: Line, turn: Turn, sentence: refusals.Sentence) -> None:
        if line.held is turn:
            self._remove(turn)
            turn.session.refuse(turn.request.id, sentence)
        else:
            self._release(turn)

    def _urge(self, line: Line, turn: Turn) -> None:
        """Have other nodes wait with what is less urgent than ``turn``."""
        now = self._timers.now()
        if turn.rank < Rank.OTHER and now - line.urged >= URGE:
            line.urged = now
            self._neighbours.tell(told.TurnUrgent(turn.conversation.id, turn.rank))

    def _settle(self, line: Line, conversation: bytes) -> None:
        """Have them wait no longer."""
        if line.urged > 0:
            line.urged = -math.inf
            self._neighbours.tell(told.TurnSettled(conversation))


def _send(turn: Turn, reply: replies.Turn, state: State | None) -> None:
    if state is None:
        turn.session.send(reply)
    else:
        info = state.group_info
        reply = replace(reply, payload=len(info), giver=state.account, at=state.at)
        turn.session.outlet.send(encode(reply, info))
