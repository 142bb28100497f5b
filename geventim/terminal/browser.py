"""Leads the user's browser to their client."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import gevent

from geventim.app.settings import Settings
from geventim.client.events import Error, Event, Web
from geventim.errors import UserError
from geventim.web.access import LIFE
from geventim.web.door import WebDoor
from geventim.web.opening import open_link
from geventim.web.place import Place
from geventim.web.shelf import Shelf, sweep

DOORS: Final = 4
"""Doors at the same time; each has room for a few pages."""


class Host(Protocol):
    """The session that is shown there as well."""

    def await_entry(self) -> None:
        """Wait until wishes can be taken."""


class Browser:
    """Opens doors at ``place`` to the client of ``settings``, as they are needed.

    ``show`` is told each link; ``program`` opens it as well, if there is one. What an earlier one
    has left that was killed goes at once, whether somebody wants a browser or not.
    """

    def __init__(
        self,
        settings: Settings,
        place: Place,
        show: Callable[[Event], None],
        program: str | None = None,
    ) -> None:
        self._settings = settings
        self._place = place
        self._show = show
        self._program = program
        self._shelf: Shelf | None = None
        self._doors: list[WebDoor] = []
        sweep(settings.data)

    def begin(self, host: Host) -> None:
        """Show a link as soon as ``host`` can be talked to."""

        def wait() -> None:
            host.await_entry()
            self.open()

        gevent.spawn(wait)

    def open(self) -> None:
        """Show a link, or say why there is none."""
        try:
            url = self._link()
        except UserError as error:
            self._show(Error.by(error))
            return
        if self._program is not None and self._shelf is not None:
            with suppress(OSError):
                room = Path(tempfile.mkdtemp(dir=self._shelf.place))
                open_link(url, self._program, room)
                gevent.spawn_later(LIFE, shutil.rmtree, room, ignore_errors=True)
        self._show(Web(url))

    def close(self) -> None:
        """Nobody can come any more."""
        for door in self._doors:
            door.close()
        self._doors.clear()
        if self._shelf is not None:
            self._shelf.close()
            self._shelf = None

    def _link(self) -> str:
        if self._shelf is None:
            try:
                self._shelf = Shelf(self._settings.data)
            except OSError as error:
                text = f"There is no place for files of a browser: {error.strerror}."
                raise UserError("cannot_listen", text) from None
        # Nothing else can be at a place that was chosen.
        if not self._doors or (self._doors[-1].is_full and self._may_have_more()):
            self._doors.append(WebDoor(self._settings, self._place, self._shelf))
        return self._doors[-1].link()

    def _may_have_more(self) -> bool:
        return not self._place.port and len(self._doors) < DOORS
