"""Small pictures of what is seen: each is looked at elsewhere, once, and few at a time."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from geventim.app.files.raster import Raster
from geventim.terminal.screen.conversation.items import File, Said
from geventim.terminal.screen.conversation.place import View
from geventim.terminal.screen.conversation.rooms import Rooms
from geventim.terminal.screen.orders import Sample

TOGETHER: Final = 4
"""Pictures that are being looked at; others wait until these were, and they are seen again."""


class Gallery:
    """Has the pictures in ``rooms`` looked at by ``order``."""

    def __init__(self, rooms: Rooms, order: Callable[[Sample], object]) -> None:
        self._rooms = rooms
        self._order = order
        self._awaited: set[bytes] = set()

    def look(self, view: View) -> None:
        """Ask for the pictures in ``view``."""
        seen = [file for line in view.lines if isinstance(line, Said) for file in line.files]
        for file in seen:
            is_news = file.thumbnail and file.thumbnail not in self._awaited
            if is_news and len(self._awaited) < TOGETHER:
                self._awaited.add(file.thumbnail)
                self._order(Sample(file.thumbnail))

    def take(self, thumbnail: bytes, raster: Raster | None) -> None:
        """That is what the small picture looks like; None if there is nothing to be seen."""

        def shown(file: File) -> File:
            is_it = file.thumbnail == thumbnail
            return replace(file, thumbnail=b"", raster=raster) if is_it else file

        self._awaited.discard(thumbnail)
        for room in self._rooms:
            for said in room.timeline.messages:
                if any(file.thumbnail == thumbnail for file in said.files):
                    files = tuple(map(shown, said.files))
                    room.timeline.replace(said.key, replace(said, files=files))
