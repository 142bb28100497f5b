"""Work that takes its time, and is done elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from geventim.client.steps.effects import Compute
from geventim.errors import PeerError, UserError


@dataclass(frozen=True, slots=True)
class Work:
    """Something to be computed elsewhere: one of the two is called with what comes of it."""

    wish: Compute
    resume: Callable[[Any], None] = field(repr=False)
    fail: Callable[[UserError | PeerError], None] = field(repr=False)


class Workshop:
    """What is to be computed and was not handed out yet."""

    def __init__(self) -> None:
        self._work: list[Work] = []

    def hand_out(
        self,
        wish: Compute,
        resume: Callable[[Any], None],
        fail: Callable[[UserError | PeerError], None],
    ) -> None:
        """Have ``wish`` computed; one of the two is called with what comes of it."""
        self._work.append(Work(wish, resume, fail))

    def take(self) -> list[Work]:
        """What to compute; each is handed out once."""
        work, self._work = self._work, []
        return work
