"""Whether the server is still there: when to ask it for a sign of life, and when to give it up.

A connection can be dead without a word: the other machine has lost its power, a network drops
everything, or this machine was asleep. So the rim looks at the connection once a second, tells what
it sees, and does what it is told.
"""

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final

LOOK: Final = 1.0
"""Seconds from one look to the next: who has slept asks that soon after waking up."""

IDLE: Final = 25.0
"""Seconds without a word of ours, or of theirs, after which we ask."""

PATIENCE: Final = 15.0
"""Seconds for an answer, in which nothing else comes either."""

AWAY: Final = 5.0
"""Seconds from one look to the next after which this machine, or this program, was not there."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often to look, and after how many seconds to ask, to hang up, and to have been away."""

    look: float = LOOK
    idle: float = IDLE
    patience: float = PATIENCE
    away: float = AWAY


USUAL: Final = Rhythm()
"""That of everybody."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a connection.

    ``said`` and ``heard`` count what has left and what has come, ``unconfirmed`` is how many bytes
    the server's system has not confirmed. ``is_awaited`` says whether a reply is, that should come
    soon, and ``is_read`` whether what comes is taken at once.
    """

    said: int
    heard: int
    unconfirmed: int
    is_awaited: bool
    is_read: bool


class Advice(Enum):
    """What to do."""

    NOTHING = "nothing"
    ASK = "ask"
    HANG_UP = "hang up"


class Pulse:
    """The life of one connection, seen for the first time as ``seen``.

    ``now`` is in seconds of a clock that is never set, and need not go on while the machine sleeps;
    ``date`` is in seconds since the epoch, and jumps then.
    """

    def __init__(self, now: float, date: float, seen: Seen, rhythm: Rhythm = USUAL) -> None:
        self._now = self._said = self._heard = self._waiting = now
        self._asked = -math.inf
        self._rhythm = rhythm
        self._date = date
        self._seen = seen

    def look(self, now: float, date: float, seen: Seen) -> Advice:
        """What to do about a connection that is ``seen`` like that.

        Whoever is told to ask sends a PING, which counts as something that was said.
        """
        before, self._seen, rhythm = self._seen, seen, self._rhythm
        was_away = max(abs(now - self._now), abs(date - self._date)) > rhythm.away
        self._now, self._date = now, date
        if seen.said != before.said:
            self._said = now
        if seen.heard != before.heard:
            self._heard = now
        # A slow line that takes what we have to say is not dead.
        moves = seen.heard != before.heard or seen.unconfirmed < before.unconfirmed
        is_waiting = (seen.is_awaited or self._asked >= self._heard) and seen.is_read
        if was_away or moves or not is_waiting:
            self._waiting = now
        elif now - self._waiting >= rhythm.patience:
            return Advice.HANG_UP
        if not was_away and now - max(min(self._said, self._heard), self._asked) < rhythm.idle:
            return Advice.NOTHING
        self._asked = now
        return Advice.ASK
