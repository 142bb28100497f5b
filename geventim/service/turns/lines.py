"""The order in which sessions have their turns in a conversation."""

import enum
import math
from collections.abc import Callable
from typing import Final

from geventim.chat import limits
from geventim.chat.requests import TakeTurn
from geventim.chat.values import Conversation, Kind, Purpose
from geventim.service.ports import Timer
from geventim.service.sessions import Session

OUT_OF_LINE: Final = math.inf
"""When nobody waits who could have a turn."""


class Phase(enum.Enum):
    """How far a turn is: in line, about to be granted, granted, or used for a commit."""

    WAITING = "waiting"
    NEXT = "next"
    GRANTED = "granted"
    USED = "used"


class Rank(enum.IntEnum):
    """Who goes before whom: removals by who has founded a group, re-entries, all others."""

    REMOVAL = 0
    REENTRY = 1
    OTHER = 2


class Turn:
    """The turn in ``conversation`` that ``session`` has asked for by ``request``.

    ``proven`` is the gate whose key it has shown, and ``has_written`` says whether a message of its
    account was ever accepted. Its ``number`` counts in the order of asking. ``lease`` is what this
    node gives back to the others, ``since`` when it was granted, and ``end`` when its time is over.
    """

    __slots__ = (
        "conversation",
        "end",
        "has_written",
        "lease",
        "number",
        "phase",
        "proven",
        "rank",
        "request",
        "session",
        "since",
    )

    def __init__(
        self,
        session: Session,
        request: TakeTurn,
        conversation: Conversation,
        proven: bytes,
        *,
        has_written: bool,
    ) -> None:
        self.session = session
        self.request = request
        self.conversation = conversation
        self.proven = proven
        self.has_written = has_written
        self.rank = _rank(session, request.purpose, conversation)
        self.number = 0
        self.phase = Phase.WAITING
        self.lease: bytes | None = None
        self.since = math.inf
        self.end: Timer | None = None

    @property
    def may_join(self) -> bool:
        """Whether one who is no member could commit in it."""
        is_room = self.conversation.kind is Kind.ROOM
        return is_room and self.proven == self.conversation.gate

    def cancel(self) -> None:
        """Let its time not run out."""
        if self.end is not None:
            self.end.cancel()
            self.end = None


Order = Callable[[Turn], tuple[Rank, bool, int, int]]
"""What turns are sorted by: the rank that one has now, whether it goes behind others of it, what it
has done to others, and its number."""


class Line:
    """Who waits in one conversation, ``most`` of them, and the turn that is ``held``.

    ``wake`` is when to look again, and ``urged`` when other nodes were told that somebody is
    urgent.
    """

    __slots__ = ("_count", "_most", "held", "urged", "waiting", "wake")

    def __init__(self, most: int = limits.LINE) -> None:
        self._most = most
        self.waiting: list[Turn] = []
        self.held: Turn | None = None
        self.wake: Timer | None = None
        self.urged = -math.inf
        self._count = 0

    @property
    def is_empty(self) -> bool:
        """Whether nobody waits, or has the turn."""
        return self.held is None and not self.waiting

    def join(self, turn: Turn, order: Order) -> Turn | None:
        """Let ``turn`` wait; who has to go instead, because too many do."""
        self._count += 1
        turn.number = self._count
        self.waiting.append(turn)
        if len(self.waiting) <= self._most:
            return None
        last = max(self.waiting, key=order)
        self.waiting.remove(last)
        return last

    def turns_of(self, session: Session) -> list[Turn]:
        """Those of a session; what is used for a commit is not up to it any more."""
        turns = [self.held, *self.waiting] if self.held is not None else self.waiting
        return [each for each in turns if each.session is session and each.phase is not Phase.USED]

    def choose(self, now: float, ready: Callable[[Turn], float], order: Order) -> Turn | float:
        """Who is next, of those for whom the time has come, or else when the first time comes."""
        earliest = OUT_OF_LINE
        chosen: list[Turn] = []
        for turn in self.waiting:
            time = ready(turn)
            if time <= now:
                chosen.append(turn)
            else:
                earliest = min(earliest, time)
        if not chosen:
            return earliest
        return min(chosen, key=order)

    def hold(self, turn: Turn) -> None:
        """Let ``turn`` be the next one."""
        self.waiting.remove(turn)
        turn.phase = Phase.NEXT
        self.held = turn

    def put_back(self, turn: Turn) -> None:
        """Let the next one wait again, where it was."""
        turn.phase = Phase.WAITING
        self.held = None
        self.waiting.append(turn)

    def remove(self, turn: Turn) -> None:
        """Take a turn out."""
        if self.held is turn:
            self.held = None
        else:
            self.waiting.remove(turn)

    def sleep(self) -> None:
        """Look no more."""
        if self.wake is not None:
            self.wake.cancel()
            self.wake = None


def _rank(session: Session, purpose: Purpose, conversation: Conversation) -> Rank:
    if purpose is Purpose.REENTER:
        return Rank.REENTRY
    is_founder = conversation.creator == session.account.id and conversation.kind is Kind.GROUP
    return Rank.REMOVAL if purpose is Purpose.REMOVE and is_founder else Rank.OTHER
