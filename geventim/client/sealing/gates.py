"""Keyed rooms: a key that two or more people agree on elsewhere keeps out even the operator.

scrypt stretches the key to a secret that every join has to include (an external PSK, RFC 9420
§8.4), and to the *gate*, an Ed25519 key that every join is signed with. The gate's public half is
known to server and members, so that a mistyped key is found out before anything is sent.
"""

import unicodedata
from dataclasses import dataclass, field
from typing import Final

from geventim.chat.names import fold
from geventim.crypto import readable
from geventim.crypto.kdf import scrypt
from geventim.crypto.signature import SigningKey
from geventim.errors import UserError

COST: Final = 2**17
"""The parameter N of scrypt: 128 MiB of memory for each guess."""

KEY_SIZE: Final = 16
"""Bytes in a generated key."""

WORDS: Final = 6
"""Generated words that make a passphrase as good as anyone needs."""

SECRET_SIZE: Final = 64
"""Bytes in what a key is stretched to: a PSK, and the seed of the gate."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that a room is to have from now on, and the 64-byte secret that it stretches to."""

    text: str = field(repr=False)
    secret: bytes = field(repr=False)

    @property
    def gate(self) -> bytes:
        """The public half of the gate."""
        return gate(self.secret).public


def stretch(key: str, server_key: bytes, room: str, cost: int = COST) -> bytes:
    """The 64-byte secret of ``room``; takes half a second, and blocks.

    A generated key may be typed with any spacing, a passphrase with any composition of characters.
    """
    return scrypt(_normalise(key), server_key + fold(room).encode(), cost=cost, length=SECRET_SIZE)


def psk(secret: bytes) -> bytes:
    """The 32 bytes that every join includes."""
    return secret[:32]


def gate(secret: bytes) -> SigningKey:
    """What every join is signed with."""
    return SigningKey(secret[32:])


def is_weak(key: str) -> bool:
    """Whether ``key`` may be guessed: it is neither generated nor six words or more."""
    return _generated(key) is None and len(key.split()) < WORDS


def _normalise(key: str) -> bytes:
    generated = _generated(key)
    if generated is not None:
        return generated
    return unicodedata.normalize("NFC", " ".join(key.split())).encode()


def _generated(key: str) -> bytes | None:
    try:
        return readable.decode_key(key, KEY_SIZE)
    except UserError:
        return None
