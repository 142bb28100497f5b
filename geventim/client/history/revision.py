"""A page that is to be written anew, as it is now."""

from geventim.client.history.altered import Altered
from geventim.client.history.pages import Page
from geventim.client.history.shelf import Shelf
from geventim.client.said.orphans import Orphans
from geventim.errors import StoreError


class Revision:
    """Of the page ``number`` of a ``shelf``; what was said about what is there waits no longer."""

    def __init__(self, shelf: Shelf, number: int, waiting: Orphans) -> None:
        self._shelf = shelf
        self._number = number
        self._waiting = waiting
        self._page: Page | None = None
        self._is_damaged = False

    def read(self) -> None:
        """Read the page, in any thread."""
        try:
            self._page = self._shelf.read(self._number, self._number + 1)
        except StoreError:
            self._is_damaged = True

    def finish(self) -> list[Altered]:
        """Write it anew; what has changed.

        One that is damaged stays as it is, with the list of what is gone or has changed.
        """
        if self._is_damaged:
            return []
        if self._page is not None:
            self._waiting.settle(each.message_id for each in self._page.utterances)
        return self._shelf.rewrite(self._number, self._page)
