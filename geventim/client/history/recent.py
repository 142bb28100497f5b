"""The beginnings of the last messages, for those who answer them."""

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from geventim.client.history.pages import Utterance
from geventim.client.sealing.content import EXCERPT

CAPACITY: Final = 1_000
"""Messages whose beginnings are at hand."""


class Glimpse(Struct, frozen=True):
    """How a message begins, and whose it is; ``order`` is its number here.

    If it ``is_plain``, there is no markup in it.
    """

    order: int
    nick: str
    excerpt: str
    is_plain: bool = False

    def __repr__(self) -> str:
        return f"<glimpse of {self.order}>"


def glance(said: Utterance) -> Glimpse:
    """How a message begins."""
    return Glimpse(said.order, said.nick, said.text[:EXCERPT], said.beside.is_plain)


class Recent:
    """The last messages that were told or changed, by their ids."""

    def __init__(self) -> None:
        self._glimpses: dict[tuple[bytes, bytes], Glimpse] = {}

    def put(self, place: bytes, utterance: Utterance) -> None:
        """That is what a message in the conversation ``place`` is now."""
        key = place, utterance.message_id
        self._glimpses.pop(key, None)
        self._glimpses[key] = glance(utterance)
        if len(self._glimpses) > CAPACITY:
            del self._glimpses[next(iter(self._glimpses))]

    def find(self, place: bytes, message_id: bytes) -> Glimpse | None:
        """How that message begins, if it is one of the last, and in that conversation.

        What was said elsewhere must not be shown where somebody claims to answer it.
        """
        return self._glimpses.get((place, message_id))

    def forget(self, place: bytes, message_id: bytes) -> None:
        """It is not known how that message begins now."""
        self._glimpses.pop((place, message_id), None)

    def drop(self, orders: Collection[int]) -> None:
        """The messages with these numbers are gone."""
        gone = [key for key, each in self._glimpses.items() if each.order in orders]
        for key in gone:
            del self._glimpses[key]
