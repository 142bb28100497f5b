"""A file in sealed chunks: what its sender gives to a server, and its readers take from there.

Each file has a random secret of its own, so a chunk of another one does not verify. Each chunk is
``IV ‖ ciphertext ‖ tag`` (AES-256-CBC with HMAC-SHA256), and its tag covers its index and whether
it is the last: none can be moved, repeated, cut off or added. All but the last hold
:data:`CHUNK` bytes of the file; an empty file has one chunk. The SHA-256 of the whole file, which
goes to the readers with the secret, is computed on the way.

Chunks are sealed, and opened, in order. Who goes on after an interruption passes what was done
before through ``skip``, so that the hash is that of the whole.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable
from typing import Final

from geventim.crypto import etm
from geventim.crypto.kdf import hkdf_expand
from geventim.errors import AuthenticationError, MisuseError

SECRET_SIZE: Final = 32
"""Bytes in the secret of a file."""

CHUNK: Final = 256 * 1024
"""Bytes of the file in a chunk that is not the last."""

_SUITE: Final = etm.A256CBC_HS256
_KEY_SIZE: Final = _SUITE.mac_key_size + _SUITE.encryption_key_size
_LABEL: Final = b"geventim file"
_PLACE: Final = struct.Struct(">Q?")


def count_chunks(size: int) -> int:
    """In how many chunks a file of ``size`` bytes is sealed."""
    return max(1, -(-size // CHUNK))


def chunk_size(size: int, index: int) -> int:
    """How many bytes of a file of ``size`` bytes the chunk ``index`` holds."""
    return min(CHUNK, size - index * CHUNK)


def sealed_size(size: int) -> int:
    """Bytes in all chunks of a file of ``size`` bytes together."""
    last = size - (count_chunks(size) - 1) * CHUNK
    return (count_chunks(size) - 1) * _sealed(CHUNK) + _sealed(last)


def _sealed(size: int) -> int:
    """Bytes in the chunk of ``size`` bytes of a file: an IV, padding to whole blocks, a tag."""
    return etm.BLOCK + (size // etm.BLOCK + 1) * etm.BLOCK + _SUITE.tag_size


SEALED_CHUNK: Final = _sealed(CHUNK)
"""Bytes in a sealed chunk that is not the last: 64 more than it holds."""


class _Passage:
    """Where one is in a file of ``size`` bytes: the next chunk is ``index``."""

    __slots__ = ("_hash", "_key", "index", "size")

    def __init__(self, secret: bytes, size: int) -> None:
        if len(secret) != SECRET_SIZE or size < 0:
            raise MisuseError(f"a file has a secret of {SECRET_SIZE} bytes, and a size")
        self._key = _SUITE.key(hkdf_expand(secret, _LABEL, _KEY_SIZE))
        self._hash = hashlib.sha256()
        self.size = size
        self.index = 0

    @property
    def is_complete(self) -> bool:
        """Whether there is no further chunk."""
        return self.index == count_chunks(self.size)

    @property
    def digest(self) -> bytes:
        """The SHA-256 of what has come so far."""
        return self._hash.digest()

    def skip(self, plaintext: bytes) -> None:
        """Pass over the next chunk, which holds ``plaintext``."""
        if self.is_complete or len(plaintext) != chunk_size(self.size, self.index):
            raise MisuseError("a chunk has another size, or there is none any more")
        self._hash.update(plaintext)
        self.index += 1

    def _hash_of_whole(self) -> bytes:
        if not self.is_complete:
            raise MisuseError("the file has further chunks")
        return self._hash.digest()

    def _place(self) -> bytes:
        return _LABEL + _PLACE.pack(self.index, self.index + 1 == count_chunks(self.size))


class FileSealer(_Passage):
    """Seals a file of ``size`` bytes under its 32-byte ``secret``, never to be used for another.

    ``random`` returns so many unpredictable bytes.
    """

    __slots__ = ("_random", "_sealer")

    def __init__(self, secret: bytes, size: int, random: Callable[[int], bytes]) -> None:
        super().__init__(secret, size)
        self._sealer = etm.Sealer(self._key)
        self._random = random

    def seal(self, plaintext: bytes) -> bytes:
        """The next chunk, which holds ``plaintext``: as many bytes as :func:`chunk_size` says.

        Raises :class:`MisuseError` for any other number of bytes, and behind the last chunk.
        """
        place = self._place()
        self.skip(plaintext)
        return self._sealer.seal(self._random(etm.BLOCK), plaintext, place)

    @property
    def hash(self) -> bytes:
        """The SHA-256 of the whole file, once all of it is sealed."""
        return self._hash_of_whole()


class FileOpener(_Passage):
    """Opens a file of ``size`` bytes that was sealed under ``secret``."""

    __slots__ = ("_opener",)

    def __init__(self, secret: bytes, size: int) -> None:
        super().__init__(secret, size)
        self._opener = etm.Opener(self._key)

    def open(self, sealed: bytes) -> bytes:
        """What the next chunk holds.

        Raises :class:`AuthenticationError` for anything that is not this chunk of this file, and
        then nothing has changed; :class:`MisuseError` behind the last chunk.
        """
        if self.is_complete:
            raise MisuseError("the file has no further chunk")
        plaintext = self._opener.open(sealed, self._place())
        if len(plaintext) != chunk_size(self.size, self.index):
            raise AuthenticationError
        self.skip(plaintext)
        return plaintext

    def verify(self, expected: bytes) -> None:
        """Raise :class:`AuthenticationError` unless ``expected`` is the SHA-256 of the whole."""
        if not hmac.compare_digest(self._hash_of_whole(), expected):
            raise AuthenticationError
