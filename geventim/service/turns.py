"""Turns to commit: in each conversation one session after the other, five seconds each.

A turn is granted together with the GroupInfo on which its commit has to be made. It ends with the
commit, when it is given up, after its time, or with its session. The first in line has it when no
other node has the lease of the conversation.
"""

import enum
from collections import deque
from functools import partial
from typing import Final

from geventim.chat import limits, replies
from geventim.chat.codec import encode
from geventim.chat.requests import GiveUpTurn, TakeTurn
from geventim.chat.values import Kind
from geventim.errors import StoreError
from geventim.service import refusals
from geventim.service.gates import Gates
from geventim.service.ports import Journal, Neighbours, Timer, Timers
from geventim.service.sessions import Session

AGAIN: Final = 0.05
"""Seconds until a node asks again for a lease that another one has."""


class Phase(enum.Enum):
    """How far a turn is: in line, about to be granted, granted, or used for a commit."""

    WAITING = "waiting"
    NEXT = "next"
    GRANTED = "granted"
    USED = "used"


class Turn:
    """The turn that ``session`` has asked for; ``proven`` is the gate whose key it has shown.

    ``lease`` is what this node gives back to the others, and ``end`` when its time is over.
    """

    __slots__ = ("end", "lease", "phase", "proven", "request", "session")

    def __init__(self, session: Session, request: int, proven: bytes) -> None:
        self.session = session
        self.request = request
        self.proven = proven
        self.phase = Phase.WAITING
        self.lease: bytes | None = None
        self.end: Timer | None = None


class Turns:
    """A line for each conversation in which somebody has a turn, who is the first in it."""

    def __init__(
        self, journal: Journal, timers: Timers, neighbours: Neighbours, gates: Gates
    ) -> None:
        self._gates = gates
        self._journal = journal
        self._timers = timers
        self._neighbours = neighbours
        self._lines: dict[bytes, deque[Turn]] = {}

    def take(self, session: Session, request: TakeTurn) -> None:
        """Put the session at the end of the line; the reply is the turn when it comes.

        Who asks again gives up the earlier one. Raises :class:`geventim.errors.UserError`:
        ``no_conversation``, ``not_a_member``, ``line_full``, and what a gate refuses with.
        """
        conversation = self._journal.conversation(request.conversation)
        if conversation is None:
            raise refusals.NO_CONVERSATION.error()
        proven = b""
        if not session.is_member(conversation.id):
            if conversation.kind is not Kind.ROOM:
                raise refusals.NOT_A_MEMBER.error()
            proven = self._gates.pass_through(session, conversation, request.gate_signature)
        self._give_up(session, conversation.id)
        line = self._lines.setdefault(conversation.id, deque())
        if len(line) > limits.LINE:
            raise refusals.LINE_FULL.error()
        line.append(Turn(session, request.id, proven))
        if len(line) == 1:
            self._grant(conversation.id)

    def give_up(self, session: Session, request: GiveUpTurn) -> replies.Ok:
        """Let the next in line have the turn, or leave the line."""
        self._give_up(session, request.conversation)
        return replies.Ok(id=request.id)

    def use(self, session: Session, conversation: bytes) -> Turn | None:
        """The turn of the session, which is held until :meth:`end`; None if it has none."""
        line = self._lines.get(conversation)
        if not line or line[0].session is not session or line[0].phase is not Phase.GRANTED:
            return None
        turn = line[0]
        turn.phase = Phase.USED
        _cancel(turn)
        return turn

    def end(self, conversation: bytes, turn: Turn) -> None:
        """The commit of ``turn`` has been stored, or refused. This waits for nothing."""
        self._remove(conversation, turn)

    def drop(self, session: Session) -> None:
        """The session is gone."""
        for conversation, line in list(self._lines.items()):
            for turn in list(line):
                if turn.session is session and turn.phase is not Phase.USED:
                    self._remove(conversation, turn)

    def _give_up(self, session: Session, conversation: bytes) -> None:
        for turn in list(self._lines.get(conversation, ())):
            if turn.session is session and turn.phase is not Phase.USED:
                self._remove(conversation, turn)
                if turn.phase is not Phase.GRANTED:
                    session.send(refusals.NO_TURN.reply(turn.request))

    def _remove(self, conversation: bytes, turn: Turn) -> None:
        line = self._lines[conversation]
        was_first = line[0] is turn
        line.remove(turn)
        _cancel(turn)
        self._release(conversation, turn)
        if not line:
            del self._lines[conversation]
        elif was_first:
            # Who ends a turn need not wait until the next one has been looked up.
            self._timers.later(0.0, partial(self._grant, conversation))

    def _grant(self, conversation: bytes) -> None:
        """Let the first in line have the turn, unless it has it."""
        line = self._lines.get(conversation)
        if not line or line[0].phase is not Phase.WAITING:
            return
        turn = line[0]
        turn.phase = Phase.NEXT
        try:
            turn.lease = self._neighbours.acquire(conversation)
            head = self._journal.head(conversation) if turn.lease is not None else None
        except StoreError:
            self._refuse(conversation, turn, refusals.STORAGE_FAILED)
            return
        # Reading may have taken a while; from here on nothing waits.
        if turn not in self._lines.get(conversation, ()):
            self._release(conversation, turn)
            return
        if turn.lease is None:
            turn.phase = Phase.WAITING
            self._timers.later(AGAIN, partial(self._grant, conversation))
            return
        if head is None or head.deleted:
            self._refuse(conversation, turn, refusals.NO_CONVERSATION)
            return
        turn.phase = Phase.GRANTED
        turn.end = self._timers.later(limits.TURN, partial(self._expire, conversation, turn))
        reply = replies.Turn(id=turn.request, head=head.commit, payload=len(head.group_info))
        turn.session.outlet.send(encode(reply, head.group_info))

    def _expire(self, conversation: bytes, turn: Turn) -> None:
        turn.end = None
        self._remove(conversation, turn)

    def _release(self, conversation: bytes, turn: Turn) -> None:
        if turn.lease is not None:
            self._neighbours.release(conversation, turn.lease)
            turn.lease = None

    def _refuse(self, conversation: bytes, turn: Turn, sentence: refusals.Sentence) -> None:
        if turn in self._lines.get(conversation, ()):
            self._remove(conversation, turn)
            turn.session.send(sentence.reply(turn.request))


def _cancel(turn: Turn) -> None:
    if turn.end is not None:
        turn.end.cancel()
        turn.end = None
