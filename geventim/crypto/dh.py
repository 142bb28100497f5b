"""Diffie-Hellman over Curve25519 (X25519, RFC 7748)."""

from Cryptodome.Protocol import DH
from Cryptodome.PublicKey import ECC

from geventim.errors import AuthenticationError, MisuseError

KEY_SIZE = 32
"""Bytes in a private key, a public key and a shared secret."""


class PrivateKey:
    """An X25519 private key, made from 32 uniform bytes.

    ``public`` holds the 32 bytes that the other side gets.
    """

    __slots__ = ("_key", "public", "secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_SIZE:
            raise MisuseError("an X25519 private key has 32 bytes")
        self.secret = secret
        self._key = ECC.construct(curve="Curve25519", seed=secret)
        self.public: bytes = self._key.public_key().export_key(format="raw")

    def exchange(self, public: bytes) -> bytes:
        """The 32-byte secret shared with the owner of ``public``.

        Raises :class:`AuthenticationError` for a key of the wrong size or of small order, whose
        shared secret would be all zeros (RFC 7748 §6.1).
        """
        try:
            return DH.key_agreement(
                static_priv=self._key,
                static_pub=DH.import_x25519_public_key(public),
                kdf=bytes,
            )
        except ValueError:
            raise AuthenticationError from None
