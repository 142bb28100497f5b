"""Leads the user's browser to their client."""

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import gevent

from geventim.app.settings import Settings
from geventim.web.door import WebDoor


class Host(Protocol):
    """The session that is shown there as well."""

    def await_entry(self) -> None:
        """Wait until wishes can be taken."""


class Browser:
    """Opens the door to the client of ``settings`` when it is wanted; ``show`` is told the link."""

    def __init__(self, settings: Settings, show: Callable[[str], None]) -> None:
        self._settings = settings
        self._show = show
        self._door: WebDoor | None = None

    def begin(self, host: Host) -> None:
        """Show a link as soon as ``host`` can be talked to."""

        def wait() -> None:
            host.await_entry()
            self.open()

        gevent.spawn(wait)

    def open(self) -> None:
        """Show a link."""
        if self._door is None:
            self._door = WebDoor(self._settings)
        self._show(self._door.link())

    def close(self) -> None:
        """Nobody can come any more."""
        if self._door is not None:
            with suppress(OSError):
                self._door.close()
