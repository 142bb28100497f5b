"""Numbers that people compare, to see that nobody stands between them.

The *safety number* of two people is 60 digits, the same from both sides: 30 for each of them, the
smaller half first. A half is made as in Signal's published scheme: 5,200 rounds of SHA-512 over who
somebody is, of whose result six times five bytes give five digits each. The rounds make it dearer
to look for another key that has the same digits, of which there are about 2^99.

The *room code* is 30 digits made from the epoch authenticator (RFC 9420 §8.7) in the same way: all
members who agree on the history of the group and on its keys see the same one. It changes with
every commit.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from geventim.wire.presentation import opaque

ROUNDS: Final = 5_200
"""How often a half is hashed."""

DIGITS: Final = 5
"""Decimal digits in a group, and bytes that each group is made from."""

GROUPS: Final = 6
"""Groups in a half."""

_PERSON: Final = b"geventim safety number 1"
_ROOM: Final = b"geventim room code 1"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody on the server with the 32-byte ``server_key``.

    ``account`` is a 16-byte id, ``identity`` a 32-byte Ed25519 key.
    """

    server_key: bytes
    account: bytes
    nick: str
    identity: bytes


def safety_number(one: Party, other: Party) -> str:
    """The 60 digits that both compare."""
    return "".join(sorted(_half(party) for party in (one, other)))


def room_code(conversation: bytes, epoch_authenticator: bytes) -> str:
    """The 30 digits that the members of the ``conversation`` with this id compare."""
    return _digits(_ROOM + opaque(conversation) + opaque(epoch_authenticator), conversation)


def split(number: str) -> list[str]:
    """``number`` in groups of five digits."""
    return [number[start : start + DIGITS] for start in range(0, len(number), DIGITS)]


def format_number(number: str) -> str:
    """``number`` as it is shown and read out."""
    return " ".join(split(number))


def _half(party: Party) -> str:
    said = opaque(party.server_key) + opaque(party.account) + opaque(party.nick.encode())
    return _digits(_PERSON + said + opaque(party.identity), party.identity)


def _digits(said: bytes, key: bytes) -> str:
    """Thirty digits for what is ``said``; ``key`` goes into every round."""
    digest = said
    for _ in range(ROUNDS):
        digest = hashlib.sha512(digest + key).digest()
    chunks = (digest[DIGITS * group : DIGITS * (group + 1)] for group in range(GROUPS))
    return "".join(f"{int.from_bytes(chunk, 'big') % 10**DIGITS:0{DIGITS}}" for chunk in chunks)
