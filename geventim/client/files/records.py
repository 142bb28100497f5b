"""What is kept of transfers, so that they go on after a restart."""

from typing import Final

import msgspec
from msgspec import Struct

from geventim.chat.values import Id
from geventim.client.files.disk import NO_PICTURE, Facts, Picture
from geventim.client.kept.memory import Memory
from geventim.client.sealing.content import File, Format, Reply
from geventim.client.wishes import Id as WishId
from geventim.errors import StoreError

SENDING: Final = "files/sending/"
FETCHING: Final = "files/fetching/"
SENT: Final = "files/sent/"
"""Under the id of a message, what has gone with it."""
DELETING: Final = "files/deleting/"
"""Under the id of a blob nothing: it is to be deleted."""
FETCHED: Final = "files/fetched/"
"""Under the id of a message, what was fetched of it without being asked for."""
REMOVING: Final = "files/removing/"
"""The same, when that is to be deleted here."""

MOST_FETCHED: Final = 4_096
"""Messages of which it is known what was fetched without being asked for: the last ones.

What came with one before those is the user's, and stays when that message is deleted.
"""

TAG: Final = 16
"""Hexadecimal digits in the tag of what is received."""

NOBODY: Final = -1
"""The asker of what nobody has asked for."""


class Sending(Struct, frozen=True, array_like=True):
    """A file to be sent, at ``path``, under its secret ``key``.

    The blob was begun with the id ``begun``. The first ``mark`` chunks of the file had the SHA-256
    ``digest``. Once it ``is_sent`` the ``hash`` is that of the whole, and the ``blob`` its blob.
    ``picture`` is what it shows, once that was looked at.
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
    picture: Picture | None = None

    def __repr__(self) -> str:
        return f"<file {self.number} to send>"

    @property
    def is_sent(self) -> bool:
        """Whether the server has all of it."""
        return bool(self.hash)

    def describe(self) -> File:
        """What its readers need, once it is sent."""
        size = self.facts.size if self.facts else 0
        seen = self.picture or NO_PICTURE
        return File(
            self.name,
            size,
            self.hash,
            self.key,
            self.blob,
            seen.type,
            seen.width,
            seen.height,
            seen.thumbnail,
        )


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
    """A file that came with a message, to be received at ``wanted``, by now in ``part``.

    That has its ``inode``, so that another file in its place is known, or 0 before it is known.
    Once it ``is_over``, that is only to be deleted.
    """

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
    is_over: bool = False
    inode: int = 0

    def __repr__(self) -> str:
        return f"<file {self.number} to fetch>"

    @property
    def tag(self) -> str:
        """What tells its part from those of others, also before it is known where that is."""
        return self.id.hex()[:TAG]


class Sent(Struct, frozen=True, array_like=True):
    """The ``blobs`` of a message in the conversation ``place``.

    One with a ``lifetime`` is deleted so many seconds after it was read. Its entry is ``seq``, once
    that is known, and ``end`` when everybody has deleted it, once all have read it.
    """

    place: Id
    blobs: tuple[Id, ...]
    lifetime: int = 0
    seq: int = 0
    end: float = 0

    def __repr__(self) -> str:
        return f"<{len(self.blobs)} blobs of a message>"


class Came(Struct, frozen=True, array_like=True):
    """A file of ``size`` bytes with that ``hash``, which has come to ``path``.

    The later one has come, the higher is its ``number``.
    """

    path: str
    size: int
    hash: bytes
    number: int = 0

    def __repr__(self) -> str:
        return f"<file of {self.size} bytes that has come>"


_encoder = msgspec.msgpack.Encoder()
_came = msgspec.msgpack.Decoder(list[Came])
_orders = msgspec.msgpack.Decoder(Order)
_fetchings = msgspec.msgpack.Decoder(Fetching)
_sent = msgspec.msgpack.Decoder(Sent)


class Records:
    """The records in ``memory``. Raises :class:`StoreError` if they are damaged.

    ``fading`` is what has gone with messages that are deleted some time after they were read,
    ``deleting`` are the blobs to be deleted, in order, and ``removing`` what is to be deleted here,
    by messages.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        try:
            self.orders = [_orders.decode(value) for _, value in memory.under(SENDING)]
            self.fetchings = [_fetchings.decode(value) for _, value in memory.under(FETCHING)]
            sent = ((name, _sent.decode(value)) for name, value in memory.under(SENT))
            self.fading = {bytes.fromhex(name): each for name, each in sent if each.lifetime}
            # Asked about after each event: what is kept must not be gone through for that.
            self.deleting = {bytes.fromhex(name): None for name, _ in memory.under(DELETING)}
            self.removing = {
                bytes.fromhex(name): _came.decode(value) for name, value in memory.under(REMOVING)
            }
            came = {name: _came.decode(value)[-1] for name, value in memory.under(FETCHED)}
            # By the last of their files, the oldest first.
            self._fetched = dict.fromkeys(sorted(came, key=lambda name: came[name].number))
            self._number = max((each.number for each in came.values()), default=0)
        except (msgspec.MsgspecError, ValueError, IndexError):
            raise StoreError("what is kept of files is damaged") from None
        self.orders.sort(key=lambda order: order.files[0].number)

    def keep(self, record: Order | Fetching) -> None:
        """Remember it as it is now."""
        self._memory.put(_name(record), _encoder.encode(record))

    def drop(self, record: Order | Fetching) -> None:
        """It is over."""
        self._memory.drop(_name(record))

    def note_sent(self, message_id: bytes, sent: Sent) -> None:
        """That has gone with a message."""
        if sent.lifetime:
            self.fading[message_id] = sent
        self._memory.put(SENT + message_id.hex(), _encoder.encode(sent))

    def delete_of(self, message_id: bytes) -> None:
        """Have the files of a message deleted, if they are the user's."""
        name = SENT + message_id.hex()
        kept = self._memory.get(name)
        if kept is not None:
            for blob in _sent.decode(kept).blobs:
                self.delete(blob)
            self.fading.pop(message_id, None)
            self._memory.drop(name)

    def note_fetched(self, message_id: bytes, came: Came) -> None:
        """That has come with a message, and nobody has asked for it."""
        name = FETCHED + message_id.hex()
        kept = self._memory.get(name)
        there = [] if kept is None else _came.decode(kept)
        self._number += 1
        came = msgspec.structs.replace(came, number=self._number)
        self._memory.put(name, _encoder.encode([*there, came]))
        self._fetched.pop(message_id.hex(), None)
        self._fetched[message_id.hex()] = None
        while len(self._fetched) > MOST_FETCHED:
            self._drop_fetched(next(iter(self._fetched)))

    def remove_of(self, message_id: bytes) -> None:
        """Have deleted here what has come with a message without being asked for."""
        kept = self._memory.get(FETCHED + message_id.hex())
        if kept is not None:
            self._drop_fetched(message_id.hex())
            self._memory.put(REMOVING + message_id.hex(), kept)
            self.removing[message_id] = _came.decode(kept)

    def _drop_fetched(self, name: str) -> None:
        del self._fetched[name]
        self._memory.drop(FETCHED + name)

    def removed(self, message_id: bytes) -> None:
        """That is gone."""
        del self.removing[message_id]
        self._memory.drop(REMOVING + message_id.hex())

    def delete(self, blob: bytes) -> None:
        """Have a blob deleted."""
        self.deleting[blob] = None
        self._memory.put(DELETING + blob.hex(), b"")

    def deleted(self, blob: bytes) -> None:
        """A blob is gone."""
        self.deleting.pop(blob, None)
        self._memory.drop(DELETING + blob.hex())


def _name(record: Order | Fetching) -> str:
    return (SENDING if isinstance(record, Order) else FETCHING) + record.id.hex()
