"""Cryptographic primitives under this project's names, and the only importer of Cryptodome.

Knows no protocol: no labels, no message layouts. Secrets never appear in a ``repr``.

==============  ===================================================
``aes``         AES in CBC mode, without padding
``etm``         AES-CBC with HMAC, encrypt-then-MAC
``cbc``         AES-CBC alone, for protocols with tags of their own
``mac``         HMAC for many short messages
``aead``        AES-GCM and ChaCha20-Poly1305
``dh``          X25519
``signature``   Ed25519
``ed25519``     the curve arithmetic that verifies signatures
``kdf``         HKDF and scrypt
``passphrase``  the key that a passphrase stands for
``hpke``        hybrid public-key encryption, base mode
``readable``    keys as text that people can read out
==============  ===================================================
"""

import os
from typing import Any

# Without GMP the library uses its own Curve25519 code, which is almost twice as fast. It reads the
# variable once, at its first import, which is why this stands before every other module here.
os.environ.setdefault("PYCRYPTODOME_DISABLE_GMP", "1")

from Cryptodome.Util import _raw_api


class _Lock:
    """The lock of cffi, which the library calls C with, as it is meant.

    cffi asserts that it holds the lock by trying to take it again without waiting. A lock of gevent
    takes that for spinning and lets other greenlets run, in the middle of sealing something: then
    two messages would be sealed with one key.
    """

    def __init__(self, lock: Any) -> None:
        self._lock = lock

    def acquire(self, blocking: bool = True) -> bool:
        """Take the lock; without waiting it is never to be had, as cffi asserts."""
        return bool(blocking and self._lock.acquire())

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


if hasattr(_raw_api, "ffi"):
    _raw_api.ffi._lock = _Lock(_raw_api.ffi._lock)  # noqa: SLF001 - there is no other way
