"""Authenticated encryption with associated data (RFC 5116): AES-GCM and ChaCha20-Poly1305."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final, Protocol

from Cryptodome.Cipher import AES, ChaCha20_Poly1305

from geventim.errors import AuthenticationError, MisuseError

NONCE_SIZE: Final = 12
"""Bytes in a nonce."""

TAG_SIZE: Final = 16
"""Bytes in a tag, which ends the ciphertext."""


class _Cipher(Protocol):
    """What the library offers for one message."""

    def update(self, associated: bytes, /) -> object: ...

    def encrypt_and_digest(self, plaintext: bytes, /) -> tuple[bytes, bytes]: ...

    def decrypt_and_verify(self, ciphertext: bytes, tag: bytes, /) -> bytes: ...


class AEAD(ABC):
    """An algorithm; its keys have ``key_size`` bytes."""

    __slots__ = ()

    key_size: int

    def seal(self, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """``ciphertext ‖ tag``; a nonce must never repeat under one key."""
        ciphertext, tag = self._start(key, nonce, associated).encrypt_and_digest(plaintext)
        return ciphertext + tag

    def open(self, key: bytes, nonce: bytes, ciphertext: bytes, associated: bytes) -> bytes:
        """The plaintext of what :meth:`seal` returned. Raises :class:`AuthenticationError`."""
        cipher = self._start(key, nonce, associated)
        try:
            return cipher.decrypt_and_verify(ciphertext[:-TAG_SIZE], ciphertext[-TAG_SIZE:])
        except ValueError:
            raise AuthenticationError from None

    def _start(self, key: bytes, nonce: bytes, associated: bytes) -> _Cipher:
        # The library would take other sizes, and with them be another algorithm.
        if len(key) != self.key_size or len(nonce) != NONCE_SIZE:
            raise MisuseError("wrong size of key or nonce")
        cipher = self._new(key, nonce)
        cipher.update(associated)
        return cipher

    @abstractmethod
    def _new(self, key: bytes, nonce: bytes) -> _Cipher:
        """The library's object for one message."""


@dataclass(frozen=True, slots=True)
class AESGCM(AEAD):
    """AES in Galois/Counter Mode (SP 800-38D); ``key_size`` is 16 or 32."""

    key_size: int

    def _new(self, key: bytes, nonce: bytes) -> _Cipher:
        return AES.new(key, AES.MODE_GCM, nonce=nonce)


@dataclass(frozen=True, slots=True)
class ChaCha20Poly1305(AEAD):
    """ChaCha20-Poly1305 (RFC 8439)."""

    key_size: int = 32

    def _new(self, key: bytes, nonce: bytes) -> _Cipher:
        return ChaCha20_Poly1305.new(key=key, nonce=nonce)
