"""Where the other members of a conversation are, by what they write, and what they say of us.

Who writes what opens here is where we are. Who calls our commits void is elsewhere, or lies; so it
is believed only of what came after the last that it wrote here, and once in a while.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

OURSELVES: Final = b""
"""Stands for who does not have to be listened to."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The state of a group that the account ``giver`` gives, as a GroupInfo."""

    giver: bytes
    group_info: bytes = field(repr=False)


class Witnesses:
    """The other members of one conversation; ``offered`` is the state that the last objector gave.

    ``clock`` gives seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._here: dict[bytes, int] = {}
        self._heard: dict[bytes, float] = {}
        self._own = 0
        self._before = b""
        self._objectors: set[bytes] = set()
        self.offered: Offer | None = None

    def note(self, account: bytes, seq: int) -> None:
        """What ``account`` has put into the log at ``seq`` opens, or counts, here."""
        self._here[account] = seq

    def was_here_after(self, account: bytes, seq: int) -> bool:
        """Whether ``account`` has put into the log after ``seq`` what opens, or counts, here."""
        return self._here.get(account, 0) > seq

    def hear(self, account: bytes, interval: float) -> bool:
        """Whether to listen to ``account`` now, to whom we did not within ``interval`` seconds."""
        now = self._clock()
        if now < self.heard_at(account, interval):
            return False
        self._heard[account] = now
        return True

    def heard_at(self, account: bytes, interval: float) -> float:
        """From when on to listen to ``account``, in seconds since the epoch."""
        return self._heard.get(account, 0.0) + interval

    def book(self, account: bytes, interval: float) -> float:
        """Listen to ``account`` as soon as that is in order; seconds until then."""
        now, booked = self._clock(), self._heard.get(account, 0.0)
        if booked <= now:
            booked = self._heard[account] = max(now, booked + interval)
        return booked - now

    def release(self, account: bytes, interval: float) -> None:
        """What :meth:`book` has booked for ``account`` does not come about."""
        if account in self._heard:
            self._heard[account] -= interval

    def forget(self) -> None:
        """It is certain where we are: listen to everybody again."""
        self._heard.clear()

    def commit(self, seq: int, history: bytes) -> None:
        """We have made the commit ``seq`` on the state with that interim transcript hash."""
        self._own, self._before = seq, history
        self._objectors.clear()

    def is_behind(self, seq: int, history: bytes) -> bool:
        """Whether who calls ``seq`` void has not seen our last commit yet.

        We made that on the state with the interim transcript hash ``history``, which it gives.
        """
        return seq < self._own and history == self._before

    def object(self, account: bytes) -> int:
        """``account`` calls our last commit void; how many do by now."""
        self._objectors.add(account)
        return len(self._objectors)

    def take_offer(self) -> Offer | None:
        """The state that was offered, once."""
        offered, self.offered = self.offered, None
        return offered
