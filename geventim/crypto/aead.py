"""Authenticated encryption with associated data (RFC 5116): AES-GCM and ChaCha20-Poly1305."""

from dataclasses import dataclass
from typing import Final

from Cryptodome.Cipher import AES, ChaCha20_Poly1305

from geventim.errors import AuthenticationError

NONCE_SIZE: Final = 12
"""Bytes in a nonce."""

TAG_SIZE: Final = 16
"""Bytes in a tag, which ends the ciphertext."""


@dataclass(frozen=True, slots=True)
class AESGCM:
    """AES in Galois/Counter Mode (SP 800-38D) with keys of ``key_size`` bytes."""

    key_size: int

    def seal(self, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """``ciphertext ‖ tag``; a nonce must never repeat under one key."""
        cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
        cipher.update(associated)
        ciphertext, tag = cipher.encrypt_and_digest(plaintext)
        return ciphertext + tag

    def open(self, key: bytes, nonce: bytes, ciphertext: bytes, associated: bytes) -> bytes:
        """The plaintext. Raises :class:`AuthenticationError`."""
        cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
        cipher.update(associated)
        try:
            return cipher.decrypt_and_verify(ciphertext[:-TAG_SIZE], ciphertext[-TAG_SIZE:])
        except ValueError:
            raise AuthenticationError from None


@dataclass(frozen=True, slots=True)
class ChaCha20Poly1305:
    """ChaCha20-Poly1305 (RFC 8439)."""

    key_size: int = 32

    def seal(self, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """``ciphertext ‖ tag``; a nonce must never repeat under one key."""
        cipher = ChaCha20_Poly1305.new(key=key, nonce=nonce)
        cipher.update(associated)
        ciphertext, tag = cipher.encrypt_and_digest(plaintext)
        return ciphertext + tag

    def open(self, key: bytes, nonce: bytes, ciphertext: bytes, associated: bytes) -> bytes:
        """The plaintext. Raises :class:`AuthenticationError`."""
        cipher = ChaCha20_Poly1305.new(key=key, nonce=nonce)
        cipher.update(associated)
        try:
            return cipher.decrypt_and_verify(ciphertext[:-TAG_SIZE], ciphertext[-TAG_SIZE:])
        except ValueError:
            raise AuthenticationError from None
