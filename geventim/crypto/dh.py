"""Diffie-Hellman over Curve25519 (X25519, RFC 7748)."""

import secrets
from typing import Final

from Cryptodome.PublicKey.ECC import EccXPoint
from Cryptodome.Util._raw_api import (
    VoidPointer,
    c_size_t,
    c_uint8_ptr,
    c_ulonglong,
    null_pointer,
)

from geventim.errors import AuthenticationError, MisuseError

KEY_SIZE: Final = 32
"""Bytes in a private key, a public key and a shared secret."""

_BASE_POINT: Final = (9).to_bytes(KEY_SIZE, "little")

# What the library's points are made of, which its stubs do not name. Making a point for each
# multiplication, and numbers of what goes in and comes out, takes as much time as a dozen tags.
_CURVE: Final = EccXPoint(9, "Curve25519")._curve  # type: ignore[attr-defined]  # noqa: SLF001 - see above
_LIBRARY: Final = _CURVE.rawlib


class PrivateKey:
    """An X25519 private key, made from 32 uniform bytes.

    Who already knows the public key that belongs to ``secret`` passes it, which saves computing
    it. It is not checked: it is only ever given out again as ``public``.
    """

    __slots__ = ("_public", "secret")

    def __init__(self, secret: bytes, public: bytes | None = None) -> None:
        if len(secret) != KEY_SIZE or (public is not None and len(public) != KEY_SIZE):
            raise MisuseError("an X25519 key has 32 bytes")
        self.secret = secret
        self._public = public

    @property
    def public(self) -> bytes:
        """The 32 bytes that the other side gets, computed when first asked for."""
        if self._public is None:
            self._public = _multiply(self.secret, _BASE_POINT)
        return self._public

    def exchange(self, public: bytes) -> bytes:
        """The 32-byte secret shared with the owner of ``public``.

        Raises :class:`AuthenticationError` for a key of the wrong size or of small order, whose
        shared secret would be all zeros (RFC 7748 §6.1).
        """
        if len(public) != KEY_SIZE:
            raise AuthenticationError
        try:
            return _multiply(self.secret, public)
        except ValueError:
            raise AuthenticationError from None


def _multiply(scalar: bytes, u: bytes) -> bytes:
    """The function X25519 of RFC 7748 §5. Raises :class:`ValueError` where it would be zero."""
    clamped = int.from_bytes(scalar, "little") & ((1 << 254) - 8) | (1 << 254)
    coordinate = int.from_bytes(u, "little") & ((1 << 255) - 1)
    result = bytearray(KEY_SIZE)
    pointer = VoidPointer()
    _check(
        _LIBRARY.new_point(
            pointer.address_of(), _encode(coordinate), c_size_t(KEY_SIZE), null_pointer
        )
    )
    point = pointer.get()
    try:
        blinding = c_ulonglong(secrets.randbits(64))
        _check(_LIBRARY.scalar(point, _encode(clamped), c_size_t(KEY_SIZE), blinding))
        _check(_LIBRARY.get_x(c_uint8_ptr(result), c_size_t(KEY_SIZE), point))
    finally:
        _LIBRARY.free_point(point)
    result.reverse()
    return bytes(result)


def _encode(number: int) -> bytes:
    """``number`` as the library takes it."""
    return number.to_bytes(KEY_SIZE, "big")


def _check(error: int) -> None:
    if error:
        raise ValueError
