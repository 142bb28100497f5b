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

    def forget(self) -> None:
        """It is certain where we are: listen to everybody again."""
        self._heard.clear()

    def commit(self, history: bytes) -> None:
        """We have made a commit on the state with that interim transcript hash."""
        self._before = history
        self._objectors.clear()

    def is_before(self, history: bytes) -> bool:
        """Whether we made our last commit on that state: who has it has not seen that yet."""
        return history == self._before

    def object(self, account: bytes) -> int:
        """``account`` calls our last commit void; how many do by now."""
        self._objectors.add(account)
        return len(self._objectors)

    def take_offer(self) -> Offer | None:
        """The state that was offered, once."""
        offered, self.offered = self.offered, None
        return offered
