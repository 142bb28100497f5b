"""Encrypt-then-MAC: AES in CBC mode (SP 800-38A) with PKCS#7 padding, authenticated by HMAC.

The composition is that of RFC 7518 §5.2.2: the tag covers the associated data, the IV, the
ciphertext and the length of the associated data in bits as 64-bit big-endian integer. It is
compared in constant time before a byte is decrypted.
"""

import hmac
from dataclasses import dataclass, field
from typing import Final, TypeVar

from geventim.crypto.aes import cbc
from geventim.crypto.mac import MAC
from geventim.errors import AuthenticationError, MisuseError

BLOCK: Final = 16
"""Bytes in an AES block, and in an IV."""

_PIECE: Final = 32 * 1024
"""Bytes that are taken at a time: what has been made of them is in the processor's cache still when
it is authenticated, and the memory for it need not be fetched from the system each time."""

Bytes = TypeVar("Bytes", bytes, memoryview)


@dataclass(frozen=True, slots=True)
class Suite:
    """Hash function and sizes in bytes of one instance of the composition.

    ``hash_name`` is one that :mod:`hashlib` knows; a tag is as much of its digest as ``tag_size``
    says.
    """

    hash_name: str
    mac_key_size: int
    encryption_key_size: int
    tag_size: int

    def key(self, material: bytes) -> "Key":
        """The key whose MAC half comes first in ``material``, as RFC 7518 orders them.

        Raises :class:`MisuseError` for ``material`` of another size than both halves together.
        """
        if len(material) != self.mac_key_size + self.encryption_key_size:
            raise MisuseError("wrong key size")
        return Key(self, material[self.mac_key_size :], material[: self.mac_key_size])


@dataclass(frozen=True, slots=True)
class Key:
    """The two halves of a key; neither is ever shown."""

    suite: Suite
    encryption: bytes = field(repr=False)
    mac: bytes = field(repr=False)

    def authenticator(self) -> MAC:
        """What makes tags under this key."""
        return MAC(self.mac, self.suite.hash_name)

    def tag(self, mac: MAC, associated: bytes, *body: bytes | memoryview) -> bytes:
        """The tag that ``mac`` makes over ``associated`` data and ``body`` (IV and ciphertext)."""
        bits = (8 * len(associated)).to_bytes(8, "big")
        return mac.tag(associated, *body, bits)[: self.suite.tag_size]

    def split(self, mac: MAC, sealed: Bytes, associated: bytes) -> Bytes:
        """``sealed`` without its tag, once that has verified."""
        size = self.suite.tag_size
        body, tag = sealed[:-size], sealed[-size:]
        if len(body) < 2 * BLOCK or len(body) % BLOCK:
            raise AuthenticationError
        if not hmac.compare_digest(self.tag(mac, associated, body), tag):
            raise AuthenticationError
        return body


A256CBC_HS256: Final = Suite("sha256", 32, 32, 32)
"""AES-256-CBC with HMAC-SHA256 and the whole 32-byte tag: what this project seals with."""


def seal(key: Key, iv: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """``iv ‖ ciphertext ‖ tag`` of ``plaintext``.

    ``iv`` is 16 bytes that nobody could predict, or a value derived from a nonce under the same
    key (SP 800-38A appendix C).
    """
    if len(iv) != BLOCK:
        raise MisuseError("an IV has 16 bytes")
    body = iv + cbc(key.encryption, iv).encrypt(pad(plaintext))
    return body + key.tag(key.authenticator(), associated, body)


def open_sealed(key: Key, sealed: bytes, associated: bytes) -> bytes:
    """The plaintext of what :func:`seal` returned for the same key and ``associated`` data.

    Raises :class:`AuthenticationError` for anything else.
    """
    return Opener(key).open(sealed, associated)


class Sealer:
    """Seals many messages under one key, at a third of the cost of :func:`seal`.

    Setting up AES costs more than encrypting a short message, so one CBC object serves all of
    them. Each message starts by encrypting a random block: the block that comes out is that
    message's IV, as unpredictable as the random one, and CBC goes on from there by itself.

    ``mac`` is the key's authenticator, where there is one already.
    """

    __slots__ = ("_cbc", "_key", "_mac")

    def __init__(self, key: Key, mac: MAC | None = None) -> None:
        self._key = key
        self._mac = mac or key.authenticator()
        self._cbc = cbc(key.encryption, bytes(BLOCK))

    def seal(self, random_block: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """``iv ‖ ciphertext ‖ tag``; ``random_block`` is 16 fresh random bytes."""
        if len(random_block) != BLOCK:
            raise MisuseError("an IV is made from 16 random bytes")
        if len(plaintext) <= _PIECE:
            body = self._cbc.encrypt(random_block + pad(plaintext))
            return body + self._key.tag(self._mac, associated, body)
        end = len(plaintext) // _PIECE * _PIECE
        pieces = [self._cbc.encrypt(random_block)]
        pieces += [self._cbc.encrypt(plaintext[at : at + _PIECE]) for at in range(0, end, _PIECE)]
        pieces.append(self._cbc.encrypt(pad(plaintext[end:])))
        pieces.append(self._key.tag(self._mac, associated, *pieces))
        return b"".join(pieces)


class Opener:
    """Opens many messages under one key, sealed in either way and in any order."""

    __slots__ = ("_cbc", "_key", "_mac")

    def __init__(self, key: Key) -> None:
        self._key = key
        self._mac = key.authenticator()
        self._cbc = cbc(key.encryption, bytes(BLOCK))

    def open(self, sealed: bytes | memoryview, associated: bytes) -> bytes:
        """The plaintext. Raises :class:`AuthenticationError`, and then nothing has changed."""
        # The IV goes through too, which puts CBC into the right state; its own plaintext is noise.
        if len(sealed) <= _PIECE:
            body = self._key.split(self._mac, bytes(sealed), associated)
            return unpad(self._cbc.decrypt(body)[BLOCK:])
        large = self._key.split(self._mac, memoryview(sealed), associated)
        self._cbc.decrypt(large[:BLOCK])
        rest = range(BLOCK, len(large), _PIECE)
        pieces = [self._cbc.decrypt(large[at : at + _PIECE]) for at in rest]
        pieces[-1] = unpad(pieces[-1])
        return b"".join(pieces)


def pad(plaintext: bytes) -> bytes:
    """PKCS#7 padding to whole blocks (RFC 5652 §6.3)."""
    count = BLOCK - len(plaintext) % BLOCK
    return plaintext + bytes([count]) * count


def unpad(padded: bytes) -> bytes:
    """Take PKCS#7 padding off. Raises :class:`AuthenticationError` if it is not padding."""
    count = padded[-1]
    if not 1 <= count <= BLOCK or padded[-count:] != bytes([count]) * count:
        raise AuthenticationError
    return padded[:-count]
