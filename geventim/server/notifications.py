"""What a service manager is told: that we are ready, alive, or about to end.

A datagram to the socket in ``$NOTIFY_SOCKET``, as sd_notify(3) describes it. Without one, nobody is
told anything.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import gevent

SOCKET: Final = "NOTIFY_SOCKET"
WATCHDOG: Final = "WATCHDOG_USEC"
WATCHED: Final = "WATCHDOG_PID"

VARIABLES: Final = frozenset({SOCKET, WATCHDOG, WATCHED})
"""What the manager says to the process that it has started, and to no child of that."""


class Notifications:
    """Tells the service manager of the ``environment`` of this process.

    Where it watches, it is told every half of the time that it has asked for: as long as the event
    loop goes round, and not longer.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get(SOCKET, "")
        self._interval = _interval(environment) if self._address else None
        self._beating: gevent.Greenlet[..., None] | None = None

    def ready(self) -> None:
        """The start has succeeded."""
        self._tell("READY=1")
        if self._interval is not None:
            self._beating = gevent.spawn(self._beat, self._interval)

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1")
        if self._beating is not None:
            self._beating.kill(block=False)

    def _beat(self, interval: float) -> None:
        while True:
            self._tell("WATCHDOG=1")
            gevent.sleep(interval)

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        # An address that begins with @ is a name without a file.
        address = self._address.replace("@", "\0", 1) if self._address[0] == "@" else self._address
        # A manager that does not listen is no reason to serve nobody.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(state.encode(), address)


def _interval(environment: Mapping[str, str]) -> float | None:
    """Seconds from one sign of life to the next; None where nobody watches this process."""
    if environment.get(WATCHED, str(os.getpid())) != str(os.getpid()):
        return None
    asked = environment.get(WATCHDOG, "")
    return int(asked) / 2_000_000 if asked.isascii() and asked.isdigit() and int(asked) else None
