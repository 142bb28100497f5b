"""The access key: who does not hold it cannot even complete the handshake."""

from typing import Final

from geventim.crypto.kdf import hkdf_expand, hkdf_extract
from geventim.crypto.readable import decode_key

SIZE: Final = 16
"""Bytes in an access key: 128 random bits, shown as 26 characters."""


def channel_psk(text: str) -> bytes:
    """The 32-byte pre-shared key of the handshake for the access key ``text``.

    Raises :class:`geventim.errors.UserError` with code ``bad_key``.
    """
    key = decode_key(text, SIZE)
    return hkdf_expand(hkdf_extract(b"", key), b"geventim v1 access key", 32)
