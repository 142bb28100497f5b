"""Sealing under a passphrase that a person types.

``salt ‖ IV ‖ ciphertext ‖ tag``: scrypt (RFC 7914) stretches the passphrase with the salt to a key
of AES-256-CBC with HMAC-SHA256. It takes 128 MiB and about half a second, which makes it dear to
guess and is why nothing small is sealed so twice.
"""

import unicodedata
from collections.abc import Callable
from typing import Final

from geventim.crypto import etm
from geventim.crypto.kdf import scrypt

SALT_SIZE: Final = 16
"""Bytes in a salt, fresh each time."""

COST: Final = 2**17
"""The parameter N of scrypt."""

_SUITE: Final = etm.A256CBC_HS256


def seal(
    passphrase: str, plaintext: bytes, associated: bytes, random: Callable[[int], bytes]
) -> bytes:
    """``plaintext`` sealed so that ``passphrase`` opens it, however its characters are composed.

    ``random`` returns so many unpredictable bytes. Blocks while it stretches.
    """
    salt = random(SALT_SIZE)
    return salt + etm.seal(_stretch(passphrase, salt), random(etm.BLOCK), plaintext, associated)


def open_sealed(passphrase: str, sealed: bytes, associated: bytes) -> bytes:
    """The plaintext of what :func:`seal` gave for the same ``associated`` data.

    Blocks while it stretches. Raises :class:`AuthenticationError` for anything else.
    """
    salt, body = sealed[:SALT_SIZE], sealed[SALT_SIZE:]
    return etm.open_sealed(_stretch(passphrase, salt), body, associated)


def _stretch(passphrase: str, salt: bytes) -> etm.Key:
    normal = unicodedata.normalize("NFKC", passphrase).encode()
    size = _SUITE.mac_key_size + _SUITE.encryption_key_size
    return _SUITE.key(scrypt(normal, salt, cost=COST, length=size))
