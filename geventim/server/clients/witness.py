"""What the log tells of clients: who comes, what is refused, and what goes wrong with them."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from geventim.net.complaints import Complaints
from geventim.service.happenings import Happening

ORDINARY: Final = frozenset(
    {
        "busy",
        "line_full",
        "no_turn",
        "other_history",
        "stale_head",
        "unknown_account",
        "user_not_found",
    }
)
"""Refusals that clients get in the course of things, and go on."""

log = logging.getLogger(__name__)


class Witness:
    """Tells of the like from one address once a minute, with how often it was.

    ``logins``, ``registrations`` and ``refusals``, by code, are how many there were in all.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._complaints = Complaints(clock)
        self.logins = 0
        self.registrations = 0
        self.refusals: Counter[str] = Counter()

    def note(self, address: str, nick: str, happening: Happening, detail: str) -> None:
        """Something has happened to a client from ``address``, of ``nick`` if it has one.

        The ``detail`` is the code of a refusal, or empty.
        """
        if happening is Happening.REFUSAL:
            self.refusals[detail] += 1
            level = logging.DEBUG if detail in ORDINARY else logging.INFO
            self._complaints.log(
                log, level, happening, address, about=detail, nick=nick, code=detail
            )
            return
        if happening is Happening.LOGIN:
            self.logins += 1
        elif happening is Happening.REGISTRATION:
            self.registrations += 1
        self._complaints.log(log, logging.INFO, happening, address, about=nick, nick=nick)

    def complain(self, level: int, address: str, event: str, fault: str) -> None:
        """A client from ``address`` gives trouble."""
        self._complaints.log(log, level, event, address, fault=fault)
