"""The port between the nodes of one service and the store that they share.

A feed is what all nodes have said in one order, numbered without gap; only the newest of it is
kept. What is written into a log comes out of the feed of that log as :class:`.outcomes.Appended`;
what one node tells the others comes out of the board as a
:class:`geventim.chat.bulletins.Bulletin`.
"""

from typing import Final, Protocol

import msgspec
from msgspec import Struct

from geventim.log.blobs import Blob
from geventim.log.outcomes import Appended
from geventim.log.store import Store


class Item(Struct, frozen=True):
    """What ``node`` has said: ``data`` is the ``number``-th item of its feed."""

    number: int
    node: bytes
    data: bytes


class SharedStore(Store, Protocol):
    """A store that several nodes use, of which this one calls itself ``node``.

    ``feeds`` are those of the logs; each log has one of them for ever. They should not be read more
    often than ``looks`` times a second, all together. All methods raise
    :class:`geventim.errors.StoreError`, and ``failures`` counts that: after one of them the store
    may have lost what was read before, if nobody was told that it is kept.
    """

    node: bytes
    feeds: tuple[str, ...]
    board: str
    looks: int

    @property
    def failures(self) -> int:
        """How often it has failed."""

    def last(self, feed: str) -> Item | None:
        """The last item, if there is one."""

    def read(self, feed: str, after: int) -> list[Item]:
        """Items above ``after``, if some are kept or come soon; those of logs are there to stay."""

    def post(self, data: bytes) -> None:
        """Put ``data`` on the board."""

    def notice(self, appended: Appended) -> None:
        """Know of what another node has written, so that the next write is not in vain."""

    def acquire(self, conversation: bytes, seconds: float) -> bytes | None:
        """Have the turn in ``conversation`` for so long; what to give back, None if others have it.

        Nodes that ask again and again have it one after the other.
        """

    def release(self, conversation: bytes, lease: bytes) -> None:
        """Let another node have the turn, unless it has it already."""

    def finished_blobs(self) -> list[Blob]:
        """The blobs that are whole; what changes meanwhile may be among them or not."""

    def agree(self, server_key: bytes) -> bytes:
        """The public server key of this service, which is that of the node that asked first."""


pack_appended: Final = msgspec.msgpack.Encoder().encode
unpack_appended: Final = msgspec.msgpack.Decoder(Appended).decode
