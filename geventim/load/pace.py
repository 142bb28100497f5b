"""When the next message is due."""

from collections.abc import Callable, Iterator
from typing import Final

BURST: Final = 64
"""Messages sent in a row, at most."""

BREATH: Final = 0.001
"""Seconds of rest after a burst."""


def due(
    count: int, rate: float, clock: Callable[[], float], sleep: Callable[[float], object]
) -> Iterator[int]:
    """The numbers from 0 to ``count`` - 1, each at its time: ``rate`` a second.

    What is late is caught up at once, so that neither a slow server nor a slow generator lowers
    the load; but not without letting others run now and then.
    """
    start = clock()
    for number in range(count):
        wait = start + number / rate - clock()
        if wait > 0 or number % BURST == 0:
            sleep(max(wait, BREATH))
        yield number
