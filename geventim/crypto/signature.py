"""Signatures: Ed25519 (RFC 8032)."""

from Cryptodome.PublicKey import ECC
from Cryptodome.Signature import eddsa

from geventim.errors import AuthenticationError, MisuseError

KEY_SIZE = 32
"""Bytes in a private and in a public key."""

SIGNATURE_SIZE = 64
"""Bytes in a signature."""


class SigningKey:
    """An Ed25519 private key, made from 32 uniform bytes.

    ``public`` holds the 32 bytes that verify its signatures.
    """

    __slots__ = ("_signer", "public", "secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_SIZE:
            raise MisuseError("an Ed25519 private key has 32 bytes")
        self.secret = secret
        key = ECC.construct(curve="Ed25519", seed=secret)
        self._signer = eddsa.new(key, "rfc8032")
        self.public: bytes = key.public_key().export_key(format="raw")

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of ``message``."""
        return self._signer.sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Return if ``signature`` is ``public``'s signature of ``message``.

    Raises :class:`AuthenticationError` otherwise, for malformed keys too.
    """
    try:
        key = eddsa.import_public_key(public)
        eddsa.new(key, "rfc8032").verify(message, signature)
    except ValueError:
        raise AuthenticationError from None
