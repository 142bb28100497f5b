"""Session records: ``uint32 length ‖ type ‖ IV ‖ ciphertext ‖ tag``, and the tags of other records.

``length`` counts everything after itself. The tag covers the type and the number of the record in
its direction, so a record that is changed, replayed, moved or missing does not verify. Every
direction has its own keys, replaced after so many records by ones from which the old cannot be
computed. Records of all types are counted together.
"""

import hmac
import struct
from collections.abc import Callable
from typing import Final

from geventim.crypto import etm
from geventim.crypto.kdf import HASH_SIZE, hkdf_expand
from geventim.crypto.mac import MAC, tag_once
from geventim.errors import AuthenticationError

FRAMES: Final = 1
"""Type of a record that carries frames of the layer above."""

CLOSE: Final = 2
"""Type of the record that ends its direction; its plaintext is empty."""

ROOM: Final = 3
"""Type of a record that was encrypted once for many sessions; ``room`` knows its layout."""

ROOM_KEY: Final = 4
"""Type of a record that gives a room key, or takes one away."""

PING: Final = 5
"""Type of a record that asks whether the other side is there."""

PONG: Final = 6
"""Type of the record that answers it. Both have a tag, and nothing else."""

NAMES: Final = {
    FRAMES: "frames",
    CLOSE: "close",
    ROOM: "room",
    ROOM_KEY: "room-key",
    PING: "ping",
    PONG: "pong",
}
"""What a trace calls them. The other types are free."""

MAX_RECORD: Final = 2**20
"""The largest ``length``: 1 MiB."""

MAX_RECORD_BEFORE_LOGIN: Final = 4096
"""The largest ``length`` from a peer that has not logged in."""

REKEY_INTERVAL: Final = 2**20
"""Records under one key of one direction."""

LENGTH: Final = struct.Struct(">I")
"""The field ``length``."""

_HEADER: Final = struct.Struct(">IB")
_ASSOCIATED: Final = struct.Struct(">BQ")
_ROOM_ASSOCIATED: Final = struct.Struct(">BQ40s")

# What ``length`` counts besides padded plaintext: type, IV and tag.
_OVERHEAD: Final = 1 + etm.BLOCK + etm.A256CBC_HS256.tag_size

_BARE: Final = 1 + etm.A256CBC_HS256.tag_size
"""What ``length`` counts in a record that has nothing but a type and a tag."""

BARE_SIZE: Final = LENGTH.size + _BARE
"""Bytes of a whole record that has nothing but a type and a tag."""

_SHORTEST: Final = _OVERHEAD + etm.BLOCK

_MAC_LABEL: Final = b"geventim v1 record mac"
_ENCRYPTION_LABEL: Final = b"geventim v1 record encryption"
_REKEY_LABEL: Final = b"geventim v1 record rekey"


def capacity(limit: int) -> int:
    """The most bytes of plaintext whose record has a ``length`` of at most ``limit``."""
    return (limit - _OVERHEAD) // etm.BLOCK * etm.BLOCK - 1


def possible(length: int) -> bool:
    """Whether a record can have this ``length``: whole blocks, and at least one.

    The key id of a room record is half a block more. A sign of life has no block.
    """
    if length == _BARE:
        return True
    return length >= _SHORTEST and length % (etm.BLOCK // 2) == _OVERHEAD % (etm.BLOCK // 2)


class _Direction:
    """Keys and record number of one direction, from its 32-byte secret."""

    __slots__ = ("_interval", "_key", "_mac", "_rekey_at", "_rested_at", "_secret", "count")

    _key: etm.Key

    def __init__(self, secret: bytes, interval: int) -> None:
        self._secret = secret
        self._interval = interval
        self._rekey_at = 0
        self._rested_at = 0
        self._mac: MAC | None = None
        self.count = 0

    def tag(self, bound: bytes) -> bytes:
        """The tag of a room record that is the next record here.

        ``bound`` are the 40 bytes that stand for it: its key id and the SHA-256 of its IV and
        ciphertext.
        """
        number = self.count
        if number == self._rekey_at:
            self._rekey()
        self.count = number + 1
        # Nearly always it is there already; this is done for each recipient.
        mac = self._mac or self._authenticator()
        return mac.tag(_ROOM_ASSOCIATED.pack(ROOM, number, bound))

    def bare_tag(self, kind: int) -> bytes:
        """The tag of a record of type ``kind`` that has nothing else and is the next one here.

        Its message is shorter than that of any other record, and begins with a type of its own.
        """
        number = self.count
        if number == self._rekey_at:
            self._rekey()
        self.count = number + 1
        # Who sends one has seldom sent anything else lately: there is no state that could be used.
        return tag_once(self._key.mac, _ASSOCIATED.pack(kind, number))

    def _authenticator(self) -> MAC:
        if self._mac is None:
            self._mac = self._key.authenticator()
        return self._mac

    def _rekey(self) -> None:
        mac = hkdf_expand(self._secret, _MAC_LABEL, HASH_SIZE)
        encryption = hkdf_expand(self._secret, _ENCRYPTION_LABEL, HASH_SIZE)
        self._key = etm.A256CBC_HS256.key(mac + encryption)
        self._secret = hkdf_expand(self._secret, _REKEY_LABEL, HASH_SIZE)
        self._rekey_at += self._interval
        self.let_go()

    def rest(self) -> bool:
        """Let go of what the next record can make again, if there was none since the last call.

        That are about 1.5 KiB of states of AES and padded keys. Whether there was none.
        """
        is_idle = self.count == self._rested_at
        if is_idle:
            self.let_go()
        self._rested_at = self.count
        return is_idle

    def let_go(self) -> None:
        """Let go of it in any case."""
        self._mac = None


class RecordSealer(_Direction):
    """Seals the records of our direction; ``count`` is how many there were.

    ``random`` returns so many unpredictable bytes.
    """

    __slots__ = ("_random", "_sealer")

    def __init__(self, secret: bytes, interval: int, random: Callable[[int], bytes]) -> None:
        super().__init__(secret, interval)
        self._random = random
        self._sealer: etm.Sealer | None = None

    def seal(self, kind: int, plaintext: bytes) -> bytes:
        """The next record, ready for the wire."""
        number = self.count
        if number == self._rekey_at:
            self._rekey()
        sealer = self._sealer
        if sealer is None:
            sealer = self._sealer = etm.Sealer(self._key, self._authenticator())
        sealed = sealer.seal(self._random(etm.BLOCK), plaintext, _ASSOCIATED.pack(kind, number))
        self.count = number + 1
        return _HEADER.pack(len(sealed) + 1, kind) + sealed

    def seal_bare(self, kind: int) -> bytes:
        """The next record, which says nothing but its type."""
        return _HEADER.pack(_BARE, kind) + self.bare_tag(kind)

    def let_go(self) -> None:
        """See :meth:`_Direction.let_go`."""
        super().let_go()
        self._sealer = None


class RecordOpener(_Direction):
    """Opens the records of the other side's direction; ``count`` is how many there were."""

    __slots__ = ("_opener",)

    def __init__(self, secret: bytes, interval: int) -> None:
        super().__init__(secret, interval)
        self._opener: etm.Opener | None = None

    def open(self, kind: int, sealed: bytes | memoryview) -> bytes:
        """The plaintext of the next record. Raises :class:`AuthenticationError`."""
        number = self.count
        if number == self._rekey_at:
            self._rekey()
        opener = self._opener
        if opener is None:
            opener = self._opener = etm.Opener(self._key)
        plaintext = opener.open(sealed, _ASSOCIATED.pack(kind, number))
        self.count = number + 1
        return plaintext

    def verify(self, bound: bytes, tag: bytes) -> None:
        """Take the room record that ``bound`` stands for as the next record.

        Raises :class:`AuthenticationError`.
        """
        if not hmac.compare_digest(self.tag(bound), tag):
            raise AuthenticationError

    def verify_bare(self, kind: int, tag: bytes) -> None:
        """Take a record that is nothing but a type and a ``tag`` as the next record.

        Raises :class:`AuthenticationError`.
        """
        if not hmac.compare_digest(self.bare_tag(kind), tag):
            raise AuthenticationError

    def take_bare(self, kind: int, record: bytes) -> bool:
        """Take ``record`` as the next one if it is one of type ``kind`` that has nothing else.

        Where it is not, or its tag is wrong, nothing has happened.
        """
        if len(record) != BARE_SIZE or not record.startswith(_HEADER.pack(_BARE, kind)):
            return False
        number = self.count
        is_next = hmac.compare_digest(self.bare_tag(kind), record[_HEADER.size :])
        if not is_next:
            self.count = number
        return is_next

    def let_go(self) -> None:
        """See :meth:`_Direction.let_go`."""
        super().let_go()
        self._opener = None
