"""Signatures: Ed25519 (RFC 8032)."""

import hashlib
from typing import Final

from Cryptodome.Signature import eddsa

from geventim.crypto import ed25519
from geventim.errors import AuthenticationError, MisuseError

KEY_SIZE: Final = 32
"""Bytes in a private and in a public key."""

SIGNATURE_SIZE: Final = 64
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
        key = eddsa.import_private_key(secret)
        self._signer = eddsa.new(key, "rfc8032")
        self.public: bytes = key.public_key().export_key(format="raw")

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of ``message``."""
        return self._signer.sign(message)


class Verifier:
    """Verifies the signatures of one public key.

    Preparing it costs about twice as much as a verification and takes some 10 KB of memory. Raises
    :class:`AuthenticationError` for 32 bytes that are no key, and for other sizes.
    """

    __slots__ = ("_comb", "public")

    def __init__(self, public: bytes) -> None:
        self._comb = ed25519.Comb(ed25519.negative(public), teeth=4)
        self.public = public

    def verify(self, message: bytes, signature: bytes) -> None:
        """Return if ``signature`` is this key's signature of ``message`` (RFC 8032 §5.1.7).

        Raises :class:`AuthenticationError` otherwise.
        """
        commitment, scalar = signature[:32], int.from_bytes(signature[32:], "little")
        if len(signature) != SIGNATURE_SIZE or scalar >= ed25519.ORDER:
            raise AuthenticationError
        digest = hashlib.sha512(commitment + self.public + message).digest()
        challenge = int.from_bytes(digest, "little") % ed25519.ORDER
        expected = ed25519.add_products(self._comb, challenge, scalar)
        if ed25519.is_encoded(expected, commitment):
            return
        # The equation has a factor of 8: a point of small order in the key or in the commitment
        # makes no difference. Nobody signs like that, so only here is the commitment decoded.
        expected += ed25519.negative(commitment)
        if not ed25519.has_small_order(expected):
            raise AuthenticationError


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Return if ``signature`` is ``public``'s signature of ``message``.

    Raises :class:`AuthenticationError` otherwise, for malformed keys too. Who expects more from
    the same key keeps a :class:`Verifier`.
    """
    Verifier(public).verify(message, signature)


def check_key(public: bytes) -> None:
    """Return unless ``public`` is a point of small order, for which anybody can sign anything.

    RFC 8032 lets such keys verify, and so do the published vectors: this is for keys that are to
    stand for somebody. Raises :class:`AuthenticationError`.
    """
    if public in ed25519.SMALL_ORDER:
        raise AuthenticationError
