"""Room records: encrypted once, authenticated for each session that gets them.

``uint32 length ‖ type ‖ key id ‖ IV ‖ ciphertext`` is the same for all. The 32-byte tag after it is
not: it is made under the record MAC key of one session and covers the number that the record has
there, so whoever else holds the room key can neither make a record nor replay, move or drop one.
The room key itself comes in a session record. A key id names a room and a generation of its key; a
later generation replaces the one before.
"""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from geventim.channel.records import MAX_RECORD, REKEY_INTERVAL, ROOM
from geventim.crypto import etm
from geventim.crypto.cbc import Decryptor, Encryptor
from geventim.crypto.mac import TAG_SIZE
from geventim.errors import MisuseError, PeerError

KEY_SIZE: Final = 32
"""Bytes in a room key."""

MOST_ROOMS: Final = 4096
"""Rooms of which a session may hold the keys at the same time."""

_HEADER: Final = struct.Struct(">IB8s")
_KEY_ID: Final = struct.Struct(">II")
_KEY: Final = struct.Struct(">II32s")
_ROOM: Final = struct.Struct(">I")

# What ``length`` counts besides padded plaintext: type, key id, IV and tag.
_OVERHEAD: Final = 1 + _KEY_ID.size + etm.BLOCK + TAG_SIZE

CAPACITY: Final = (MAX_RECORD - _OVERHEAD) // etm.BLOCK * etm.BLOCK - 1
"""The most bytes of plaintext in a room record."""


@dataclass(frozen=True, slots=True)
class RoomKey:
    """A key: ``room`` and ``generation`` are 32-bit numbers, ``secret`` has 32 bytes."""

    room: int
    generation: int
    secret: bytes = field(repr=False)

    def encode(self) -> bytes:
        """The plaintext of the session record that gives the key to a session."""
        return _KEY.pack(self.room, self.generation, self.secret)


def encode_retirement(room: int) -> bytes:
    """The plaintext of the session record that takes the key of ``room`` from a session."""
    return _ROOM.pack(room)


@dataclass(frozen=True, slots=True)
class RoomRecord:
    """A record without a tag: the ``shared`` bytes, and the 40 that each tag covers of them."""

    shared: bytes
    bound: bytes


class RoomSealer:
    """Seals records under ``key``; ``random`` returns so many unpredictable bytes."""

    __slots__ = ("_encryptor", "_interval", "_key_id", "_random", "_records", "key")

    def __init__(
        self, key: RoomKey, random: Callable[[int], bytes], interval: int = REKEY_INTERVAL
    ) -> None:
        self.key = key
        self._key_id = _KEY_ID.pack(key.room, key.generation)
        self._encryptor = Encryptor(key.secret)
        self._random = random
        self._interval = interval
        self._records = 0

    @property
    def spent(self) -> bool:
        """Whether the key has sealed so many records that it is time for another."""
        return self._records >= self._interval

    def seal(self, plaintext: bytes) -> RoomRecord:
        """The record that carries ``plaintext``.

        Raises :class:`MisuseError` above ``CAPACITY`` bytes.
        """
        if len(plaintext) > CAPACITY:
            raise MisuseError(f"a room record takes {CAPACITY} bytes")
        self._records += 1
        body = self._encryptor.encrypt(self._random(etm.BLOCK), plaintext)
        length = _HEADER.size - 4 + len(body) + TAG_SIZE
        shared = _HEADER.pack(length, ROOM, self._key_id) + body
        return RoomRecord(shared, _bind(self._key_id, body))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A room record that has arrived; nothing of it is to be believed before its tag verified."""

    key_id: bytes
    body: bytes
    tag: bytes

    @property
    def bound(self) -> bytes:
        """The 40 bytes that the tag covers."""
        return _bind(self.key_id, self.body)


def split(sealed: bytes) -> Sealed:
    """The parts of a room record behind its type. Raises :class:`PeerError`."""
    key_id = sealed[: _KEY_ID.size]
    body = sealed[_KEY_ID.size : -TAG_SIZE]
    if len(body) < 2 * etm.BLOCK or len(body) % etm.BLOCK:
        raise PeerError("a room record cannot have this size")
    return Sealed(key_id, body, sealed[-TAG_SIZE:])


class RoomKeys:
    """The room keys that a session holds."""

    __slots__ = ("_keys", "_most")

    def __init__(self, most: int = MOST_ROOMS) -> None:
        self._most = most
        self._keys: dict[int, tuple[int, Decryptor]] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def take(self, plaintext: bytes) -> None:
        """Take the content of a session record that gives a key, or takes one away.

        Raises :class:`PeerError` for a generation that is past, for more keys than there may be,
        and for the end of a key that is not held.
        """
        if len(plaintext) == _ROOM.size:
            (room,) = _ROOM.unpack(plaintext)
            if self._keys.pop(room, None) is None:
                raise PeerError("a room key was taken away that is not held")
            return
        if len(plaintext) != _KEY.size:
            raise PeerError("this is no room key")
        room, generation, secret = _KEY.unpack(plaintext)
        held = self._keys.get(room)
        if held is None and len(self._keys) >= self._most:
            raise PeerError(f"more than {self._most} room keys")
        if held is not None and held[0] >= generation:
            raise PeerError("a room key of the past")
        self._keys[room] = generation, Decryptor(secret)

    def open(self, record: Sealed) -> bytes:
        """The plaintext of ``record``, whose tag has verified.

        Raises :class:`PeerError` when its key is not held.
        """
        room, generation = _KEY_ID.unpack(record.key_id)
        held = self._keys.get(room)
        if held is None or held[0] != generation:
            raise PeerError("a room record under a key that is not held")
        return held[1].decrypt(record.body)


def _bind(key_id: bytes, body: bytes) -> bytes:
    return key_id + hashlib.sha256(body).digest()
