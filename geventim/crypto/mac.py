"""HMAC (RFC 2104) under a key that authenticates many short messages."""

import hashlib
from typing import Final

TAG_SIZE: Final = 32
"""Bytes in a tag of HMAC-SHA256."""

_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))

_EMPTY: Final = hashlib.sha256()


class MAC:
    """Makes tags under ``key``, which is no longer than a block of the hash function.

    That is SHA-256, whose blocks have 64 bytes, or another one that :mod:`hashlib` knows. What the
    key comes to is put in front of each message anew. Hash states that have taken it in could be
    copied instead, but what a state has to allocate takes longer than to hash a block.
    """

    __slots__ = ("_begin", "_inner", "_outer")

    def __init__(self, key: bytes, hash_name: str = "sha256") -> None:
        self._begin = getattr(hashlib, hash_name)
        padded = key.ljust(self._begin().block_size, b"\x00")
        self._inner = padded.translate(_INNER)
        self._outer = padded.translate(_OUTER)

    def tag(self, message: bytes, *more: bytes | memoryview) -> bytes:
        """The whole tag that authenticates ``message``, and ``more`` that follows it."""
        inner = self._begin(self._inner + message)
        for part in more:
            inner.update(part)
        tag: bytes = self._begin(self._outer + inner.digest()).digest()
        return tag


def tag_once(key: bytes, message: bytes) -> bytes:
    """What ``MAC(key).tag(message)`` is, for whoever needs no other for long.

    With nothing made that would be kept it takes two thirds of the time.
    """
    padded = key.ljust(_EMPTY.block_size, b"\x00")
    inner, outer = _EMPTY.copy(), _EMPTY.copy()
    inner.update(padded.translate(_INNER) + message)
    outer.update(padded.translate(_OUTER) + inner.digest())
    return outer.digest()
