"""Wrong keys of rooms: who gives several has to wait before the next, longer each time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

FREE: Final = 5
"""Wrong keys that cost nothing."""

FIRST_WAIT: Final = 10.0
"""Seconds after the last of these; each further one doubles them."""

LONGEST_WAIT: Final = 600.0

FORGOTTEN: Final = 3600.0
"""Seconds after the last wrong key until it is as if there had been none."""

REMEMBERED: Final = 65_536
"""Guessers that are kept in mind, the latest."""


@dataclass(frozen=True, slots=True)
class Guesser:
    """How many wrong keys somebody has given, and when the last one, in seconds."""

    wrong: int
    last: float

    @property
    def free_at(self) -> float:
        """When the next key is looked at, in seconds."""
        if self.wrong < FREE:
            return self.last
        # The exponent is bounded, lest a float overflow.
        return self.last + min(FIRST_WAIT * 2.0 ** min(self.wrong - FREE, 16), LONGEST_WAIT)


class Guesses:
    """Counts the wrong keys of each account, and of each address that accounts come from.

    Nothing is counted for a room, so that nobody can shut a room for others.
    """

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._guessers: dict[object, Guesser] = {}

    def wait(self, who: Iterable[object], now: float) -> float:
        """For how many seconds no key of anyone among ``who`` is looked at."""
        return max((self._find(each, now).free_at - now for each in who), default=0.0)

    def count(self, who: Iterable[object], now: float) -> None:
        """A key of these was wrong."""
        for each in who:
            wrong = self._find(each, now).wrong + 1
            self._guessers.pop(each, None)
            self._guessers[each] = Guesser(wrong, now)
        while len(self._guessers) > self._most:
            del self._guessers[next(iter(self._guessers))]

    def _find(self, who: object, now: float) -> Guesser:
        found = self._guessers.get(who)
        if found is None or now - found.last > FORGOTTEN:
            return Guesser(0, now)
        return found
