"""Key derivation: HKDF (RFC 5869) with SHA-256, and scrypt (RFC 7914)."""

import hashlib
import hmac
from typing import Final

from geventim.errors import MisuseError

HASH_SIZE: Final = 32
"""Bytes in a SHA-256 digest."""

LONGEST: Final = 255 * HASH_SIZE
"""Bytes that one expansion can yield: 8,160."""

# Above 2^20 the memory no longer fits the integer that the C library takes.
_COSTS: Final = frozenset(1 << exponent for exponent in range(1, 21))


def hkdf_extract(salt: bytes, key_material: bytes) -> bytes:
    """Concentrate ``key_material`` into 32 uniform bytes (RFC 5869 §2.2)."""
    return hmac.digest(salt or bytes(HASH_SIZE), key_material, "sha256")


def hkdf_expand(key: bytes, info: bytes, length: int) -> bytes:
    """Stretch ``key``, at least 32 uniform bytes, to ``length`` bytes (RFC 5869 §2.3).

    They are bound to ``info``. Raises :class:`MisuseError` for a length above :data:`LONGEST`.
    """
    if not 0 <= length <= LONGEST:
        raise MisuseError("HKDF yields at most 255 blocks")
    stretched = block = b""
    for counter in range(1, -(-length // HASH_SIZE) + 1):
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        stretched += block
    return stretched[:length]


def scrypt(passphrase: bytes, salt: bytes, *, cost: int, length: int) -> bytes:
    """Stretch a ``passphrase`` to ``length`` bytes (RFC 7914) with r = 8 and p = 1.

    ``cost`` is N, a power of two; the call takes 1,024 · N bytes of memory and blocks for as long
    as N makes it. Raises :class:`MisuseError` for another ``cost``, or one above 2^20.
    """
    if cost not in _COSTS:
        raise MisuseError("the cost of scrypt is a power of two up to 2^20")
    # What scrypt asks for (RFC 7914 §6): N + 2 blocks of 128 · r bytes and p more.
    memory = 128 * 8 * (cost + 3)
    return hashlib.scrypt(passphrase, salt=salt, n=cost, r=8, p=1, maxmem=memory, dklen=length)
