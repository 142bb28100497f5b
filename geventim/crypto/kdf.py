"""Key derivation: HKDF (RFC 5869) with SHA-256, and scrypt (RFC 7914)."""

import hashlib
import hmac
from typing import Final

from geventim.errors import MisuseError

HASH_SIZE: Final = 32
"""Bytes in a SHA-256 digest."""

LONGEST: Final = 255 * HASH_SIZE
"""Bytes that one expansion can yield: 8,160."""


def hkdf_extract(salt: bytes, key_material: bytes) -> bytes:
    """Concentrate ``key_material`` into 32 uniform bytes (RFC 5869 §2.2)."""
    return hmac.digest(salt or bytes(HASH_SIZE), key_material, "sha256")


def hkdf_expand(key: bytes, info: bytes, length: int) -> bytes:
    """Stretch the 32-byte ``key`` to ``length`` bytes bound to ``info`` (RFC 5869 §2.3).

    Raises :class:`MisuseError` above :data:`LONGEST`.
    """
    if not 0 <= length <= LONGEST:
        raise MisuseError("HKDF yields at most 255 blocks")
    block = hmac.digest(key, info + b"\x01", "sha256")
    if length <= HASH_SIZE:
        return block[:length]
    blocks = [block]
    for counter in range(2, -(-length // HASH_SIZE) + 1):
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        blocks.append(block)
    return b"".join(blocks)[:length]


def scrypt(passphrase: bytes, salt: bytes, *, cost: int, length: int) -> bytes:
    """Stretch a ``passphrase`` to ``length`` bytes with r = 8 and p = 1.

    ``cost`` is N, a power of two; the call takes 1,024 · N bytes of memory and blocks for as long
    as N makes it.
    """
    memory = 128 * 8 * (cost + 4)
    return hashlib.scrypt(passphrase, salt=salt, n=cost, r=8, p=1, maxmem=2 * memory, dklen=length)
