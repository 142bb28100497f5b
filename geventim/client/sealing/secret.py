"""Secrets: a text sealed with a key that sender and recipient agreed on elsewhere.

``salt ‖ IV ‖ ciphertext ‖ tag``: scrypt stretches the key with the salt to a key of AES-256-CBC
with HMAC-SHA256. The tag covers who wrote to whom and when, so that a secret cannot be passed off
as another one. Stretching takes about 100 ms and blocks; it is left to the caller.
"""

import struct
import unicodedata
from typing import Final

from geventim.crypto import etm
from geventim.crypto.kdf import scrypt
from geventim.errors import AuthenticationError

SALT_SIZE: Final = 16
"""Bytes in a salt, fresh for every secret."""

COST: Final = 2**15
"""The parameter N of scrypt: 32 MiB of memory for each guess."""

_SUITE: Final = etm.A256CBC_HS256


def stretch(passphrase: str, salt: bytes, cost: int = COST) -> bytes:
    """The 64 bytes that seal under ``passphrase``, however its characters were composed."""
    normal = unicodedata.normalize("NFC", passphrase).encode()
    return scrypt(normal, salt, cost=cost, length=_SUITE.mac_key_size + _SUITE.encryption_key_size)


def seal(key: bytes, salt: bytes, iv: bytes, text: str, parties: bytes) -> bytes:
    """``text`` sealed under ``key``, stretched with ``salt``; ``iv`` is 16 random bytes."""
    return salt + etm.seal(_SUITE.key(key), iv, text.encode(), parties)


def salt_of(sealed: bytes) -> bytes:
    """The salt with which a passphrase has to be stretched to open ``sealed``."""
    return sealed[:SALT_SIZE]


def unseal(key: bytes, sealed: bytes, parties: bytes) -> str:
    """The text of a sealed secret. Raises :class:`AuthenticationError` for any other key."""
    try:
        return etm.open_sealed(_SUITE.key(key), sealed[SALT_SIZE:], parties).decode()
    except UnicodeError:
        raise AuthenticationError from None


def between(author: str, recipient: str, date: float) -> bytes:
    """What binds a secret to who wrote it to whom, and when."""
    return b"geventim secret" + struct.pack(">d", date) + f"{author}\0{recipient}".encode()
