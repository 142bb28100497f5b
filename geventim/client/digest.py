"""One line for many: what others can cause without end, told so that a person can read on.

Of each kind a few are told at once. What follows within a second is gathered, and told as one; so
it goes on, once a second, until there was a second without. Each second from then on allows one
more to be told at once, so that nobody fills a screen by doing slowly what they could not do fast.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar, cast

from geventim.client.events import Event

BURST: Final = 5
"""Of a kind that are told at once, each by itself; one more in every second, up to so many."""

WINDOW: Final = 1.0
"""Seconds for which the rest is gathered."""


class Gathering(Protocol):
    """Several of one kind."""

    def tell(self) -> list[Event]:
        """All of them in a few events."""


Gathered = TypeVar("Gathered", bound=Gathering)


@dataclass(slots=True)
class _Window:
    ends: float
    left: int
    gathered: Gathering | None = None


class Digest:
    """Gathers for ``emit``. ``clock`` gives seconds since the epoch."""

    def __init__(self, clock: Callable[[], float], emit: Callable[[Event], None]) -> None:
        self._clock = clock
        self._emit = emit
        self._windows: dict[Hashable, _Window] = {}

    @property
    def wake_at(self) -> float | None:
        """When to call :meth:`tick`, in seconds since the epoch, if anything waits for it."""
        ends = (window.ends for window in self._windows.values() if window.gathered is not None)
        return min(ends, default=None)

    def gather(self, kind: Hashable, begin: Callable[[], Gathered]) -> Gathered | None:
        """What gathers those of a ``kind``, if one more is not to be told by itself.

        ``begin`` makes one where nothing was gathered yet.
        """
        self.tick()
        window = self._windows.get(kind)
        if window is None:
            window = self._windows[kind] = _Window(self._clock() + WINDOW, BURST)
        if window.left:
            window.left -= 1
            return None
        if window.gathered is None:
            window.gathered = begin()
        # Each kind has a type of its own.
        return cast(Gathered, window.gathered)

    def tick(self) -> None:
        """Tell what was gathered for long enough."""
        now = self._clock()
        for kind, window in list(self._windows.items()):
            # A clock that was set back must not keep anything waiting.
            if window.ends - WINDOW <= now < window.ends:
                continue
            del self._windows[kind]
            if window.gathered is not None:
                self._windows[kind] = _Window(now + WINDOW, 0)
                self._tell(window.gathered)
                continue
            left = window.left + 1 + int(max(0.0, now - window.ends) / WINDOW)
            if left < BURST:
                self._windows[kind] = _Window(now + WINDOW, left)

    def close(self) -> None:
        """Tell everything that was gathered: there is no later."""
        windows, self._windows = self._windows, {}
        for window in windows.values():
            if window.gathered is not None:
                self._tell(window.gathered)

    def _tell(self, gathered: Gathering) -> None:
        for event in gathered.tell():
            self._emit(event)
