"""How often the log tells of the same: once a minute for each address.

Who makes the server complain a thousand times must not fill its disk with that.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from geventim.net.origins import network

PERIOD: Final = 60.0
"""Seconds in which one line is enough."""

REMEMBERED: Final = 4_096
"""Complaints in mind; of more addresses than that there are lines as if they were one."""


class Complaints:
    """``clock`` gives seconds from some moment on."""

    def __init__(self, clock: Callable[[], float], most: int = REMEMBERED) -> None:
        self._most = most
        self._clock = clock
        self._counts: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def count(self, address: str, event: str) -> int:
        """How many there were of ``event`` since the last line about it; 0 if none is due yet."""
        now, key = self._clock(), (network(address), event)
        if key not in self._counts and self._is_full(now):
            key = "", event
        time, unsaid = self._counts.get(key, (now - PERIOD, 0))
        if now < time + PERIOD:
            self._counts[key] = time, unsaid + 1
            return 0
        self._counts.pop(key, None)
        self._counts[key] = now, 0
        return unsaid + 1

    def log(
        self,
        logger: logging.Logger,
        level: int,
        event: str,
        address: str = "",
        about: str = "",
        **facts: str,
    ) -> None:
        """Log ``event``, its ``facts`` and how many there were, unless a line about it was of late.

        That is one from the same ``address``, and ``about`` the same. What is empty is no fact.
        """
        if not logger.isEnabledFor(level):
            return
        count = self.count(address, f"{event} {about}")
        if count:
            told = {name: fact for name, fact in facts.items() if fact}
            if address:
                told["address"] = address
            logger.log(level, event, extra={**told, "count": count})

    def _is_full(self, now: float) -> bool:
        """Whether there is no room, after whatever is over was forgotten."""
        while self._counts and next(iter(self._counts.values()))[0] <= now - PERIOD:
            self._counts.popitem(last=False)
        return len(self._counts) >= self._most
