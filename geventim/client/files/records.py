"""What is kept of transfers, so that they go on after a restart."""

from typing import Final

import msgspec
from msgspec import Struct

from geventim.chat.values import Id
from geventim.client.files.disk import Facts
from geventim.client.kept.memory import Memory
from geventim.client.sealing.content import File, Format, Reply
from geventim.client.wishes import Id as WishId
from geventim.errors import StoreError

SENDING: Final = "files/sending/"
FETCHING: Final = "files/fetching/"
SENT: Final = "files/sent/"
"""Under the id of a message, the blobs of its files."""
DELETING: Final = "files/deleting/"
"""Under the id of a blob nothing: it is to be deleted."""


class Sending(Struct, frozen=True, array_like=True):
    """A file to be sent, at ``path``, under its secret ``key``.

    The blob was begun with the id ``begun``. The first ``mark`` chunks of the file had the SHA-256
    ``digest``. Once it ``is_sent`` the ``hash`` is that of the whole, and the ``blob`` its blob.
    """

    number: int
    path: str
    name: str
    key: bytes
    begun: Id
    facts: Facts | None = None
    mark: int = 0
    digest: bytes = b""
    blob: bytes = b""
    hash: bytes = b""

    def __repr__(self) -> str:
        return f"<file {self.number} to send>"

    @property
    def is_sent(self) -> bool:
        """Whether the server has all of it."""
        return bool(self.hash)

    def describe(self) -> File:
        """What its readers need, once it is sent."""
        size = self.facts.size if self.facts else 0
        return File(self.name, size, self.hash, self.key, self.blob)


class Order(Struct, frozen=True, array_like=True):
    """A message with files for the conversation ``place``, which goes once they are sent.

    ``asker`` has wished for it, by the wish with the id ``wish``.
    """

    id: Id
    place: Id
    text: str
    date: float
    files: tuple[Sending, ...]
    reply: Reply | None
    format: Format
    asker: int
    wish: WishId

    def __repr__(self) -> str:
        return f"<message with {len(self.files)} files>"


class Fetching(Struct, frozen=True, array_like=True):
    """A file that came with a message, to be received at ``wanted``, by now in ``part``."""

    id: Id
    number: int
    place: Id
    message_id: bytes
    index: int
    file: File
    wanted: str
    asker: int
    wish: WishId
    part: str = ""

    def __repr__(self) -> str:
        return f"<file {self.number} to fetch>"


_encoder = msgspec.msgpack.Encoder()
_orders = msgspec.msgpack.Decoder(Order)
_fetchings = msgspec.msgpack.Decoder(Fetching)
_blobs = msgspec.msgpack.Decoder(tuple[bytes, ...])


class Records:
    """The records in ``memory``. Raises :class:`StoreError` if they are damaged."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        try:
            self.orders = [_orders.decode(value) for _, value in memory.under(SENDING)]
            self.fetchings = [_fetchings.decode(value) for _, value in memory.under(FETCHING)]
        except msgspec.MsgspecError:
            raise StoreError("what is kept of files is damaged") from None
        self.orders.sort(key=lambda order: order.files[0].number)

    def keep(self, record: Order | Fetching) -> None:
        """Remember it as it is now."""
        self._memory.put(_name(record), _encoder.encode(record))

    def drop(self, record: Order | Fetching) -> None:
        """It is over."""
        self._memory.drop(_name(record))

    def note_sent(self, message_id: bytes, files: tuple[File, ...]) -> None:
        """These files have gone with that message."""
        blobs = tuple(file.blob for file in files)
        self._memory.put(SENT + message_id.hex(), _encoder.encode(blobs))

    def delete_of(self, message_id: bytes) -> None:
        """Have the files of a message deleted, if they are the user's."""
        name = SENT + message_id.hex()
        kept = self._memory.get(name)
        if kept is not None:
            for blob in _blobs.decode(kept):
                self.delete(blob)
            self._memory.drop(name)

    def delete(self, blob: bytes) -> None:
        """Have a blob deleted."""
        self._memory.put(DELETING + blob.hex(), b"")

    def deleting(self) -> list[bytes]:
        """Blobs to be deleted."""
        return [bytes.fromhex(name) for name, _ in self._memory.under(DELETING)]

    def deleted(self, blob: bytes) -> None:
        """A blob is gone."""
        self._memory.drop(DELETING + blob.hex())


def _name(record: Order | Fetching) -> str:
    return (SENDING if isinstance(record, Order) else FETCHING) + record.id.hex()
