"""A page that is to be written anew, as it is now."""

from geventim.client.history.altered import Altered
from geventim.client.history.pages import Page
from geventim.client.history.shelf import Shelf
from geventim.client.said.orphans import Orphans
from geventim.errors import StoreError


class Revision:
    """Of the page ``number`` of the ``shelf`` of a conversation, which is the ``place``.

    What was said about what is there waits no longer. ``forgotten`` are the texts of what had had
    its time.
    """

    def __init__(self, place: bytes, shelf: Shelf, number: int, waiting: Orphans) -> None:
        self.place = place
        self._shelf = shelf
        self._number = number
        self._waiting = waiting
        self._page: Page | None = None
        self._is_damaged = False
        self.forgotten: list[str] = []

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
            said, number = self._page.utterances, self._number
            self._waiting.settle(each.message_id for each in said)
            gone = (each for each in said if self._shelf.is_gone(number, each.order))
            self.forgotten = [each.text for each in gone]
        return self._shelf.rewrite(self._number, self._page)
