"""A user as a file that moves from one machine to another: who they are, and what only they know.

A line that says so, and a sealed MessagePack map with the keys of the account, the pins, and the
keys of keyed rooms. What a user is a member of is not in it: the new client learns it from the
server, and gets into each conversation anew. Nor is the history.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from geventim.chat.values import PublicKey
from geventim.client.kept.memory import Memory
from geventim.client.kept.record import KEY, MOVED, room_keys
from geventim.client.people.profile import ENTRY, NICK
from geventim.client.people.trust import PIN, RIVAL
from geventim.crypto import dh, passphrase, signature
from geventim.crypto.readable import decode_key, encode_key
from geventim.errors import AuthenticationError, DeniedError, UserError

HEADER: Final = b"geventim identity 1\n"

LARGEST: Final = 64 * 2**20
"""Bytes of a file that is read."""

KEY_SIZE: Final = 16
"""Bytes of a key that is made in place of a passphrase."""

_KEYS_SIZE: Final = signature.KEY_SIZE + dh.KEY_SIZE
_PREFIXES: Final = (PIN, RIVAL, KEY)


class Identity(Struct, frozen=True):
    """``nick`` on the server at ``address``.

    ``keys`` are :meth:`.profile.Keys.encode`, ``kept`` are values of a memory by their names.
    """

    nick: str
    address: str
    server_key: PublicKey
    keys: Annotated[bytes, Meta(min_length=_KEYS_SIZE, max_length=_KEYS_SIZE)]
    kept: dict[str, bytes]

    def __repr__(self) -> str:
        return f"<identity of {self.nick!r}>"

    @classmethod
    def of(
        cls, nick: str, address: str, server_key: bytes, kept: Mapping[str, bytes]
    ) -> "Identity":
        """The identity of a user whose values are ``kept``, with their keys among them.

        Raises :class:`StoreError`.
        """
        moved = {name: value for name, value in kept.items() if name.startswith(_PREFIXES)}
        moved |= room_keys(Memory(kept))
        return cls(nick, address, server_key, kept[ENTRY], moved)

    def values(self) -> dict[str, bytes]:
        """What a vault has to hold for this user."""
        return {**self.kept, ENTRY: self.keys, NICK: self.nick.encode(), MOVED: b""}


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Identity)


def seal(identity: Identity, secret: str, random: Callable[[int], bytes]) -> bytes:
    """The content of a file with ``identity``; ``secret`` is a passphrase or key text.

    Blocks for about half a second.
    """
    plaintext = _encoder.encode(identity)
    return HEADER + passphrase.seal(_normal(secret), plaintext, HEADER, random)


def open_sealed(content: bytes, secret: str) -> Identity:
    """The identity in a file. Blocks for about half a second.

    Raises :class:`UserError` with code ``no_identity`` for another file, or
    ``wrong_passphrase``.
    """
    if not content.startswith(HEADER):
        raise DeniedError("no_identity", case="header")
    try:
        plaintext = passphrase.open_sealed(_normal(secret), content[len(HEADER) :], HEADER)
    except AuthenticationError:
        raise DeniedError("wrong_passphrase", case="file") from None
    try:
        identity = _decoder.decode(plaintext)
    except msgspec.MsgspecError:
        raise DeniedError("no_identity") from None
    if not all(name.startswith(_PREFIXES) for name in identity.kept):
        raise DeniedError("no_identity", case="more")
    return identity


def _normal(secret: str) -> str:
    """Key text as it was made, however it is grouped; a passphrase as it is."""
    try:
        return encode_key(decode_key(secret, KEY_SIZE))
    except UserError:
        return secret
