"""A page that is to be written anew, as it is now."""

from geventim.client.history.altered import Altered
from geventim.client.history.pages import Page
from geventim.client.history.shelf import Shelf
from geventim.errors import StoreError


class Revision:
    """Of the page ``number`` of a ``shelf``."""

    def __init__(self, shelf: Shelf, number: int) -> None:
        self._shelf = shelf
        self._number = number
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
        return [] if self._is_damaged else self._shelf.rewrite(self._number, self._page)
