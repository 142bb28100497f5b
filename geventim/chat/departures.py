"""How somebody is out of a conversation without a commit: what a leave, a kick and a delete say.

These are the payloads of the entries. A leave and a kick stand in commits too, where they give the
right to take the leaf out that they name.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from geventim.chat.values import ID_SIZE
from geventim.wire.presentation import Bytes, Struct, Uint8

LEAVE: Final = 1
KICK: Final = 2
DELETE: Final = 3
DELETE_BY_SERVER: Final = 4

NO_LEAF: Final = bytes(32)
"""Stands for the encryption key of a leaf where there is none, or none is meant."""

NO_HISTORY: Final = bytes(32)
"""Stands for the history of a group where none is meant."""


@dataclass(frozen=True, slots=True)
class Departure(Struct):
    """``account`` is out, and its leaf with this 32-byte encryption key may be taken out.

    That is so in the epoch with the interim transcript hash ``history``, and in no other: who is
    out can come in again, with a leaf whose key was known before.

    The ``signature`` is over :func:`leave_claim` or :func:`kick_claim`: in the entry ``leave`` by
    the identity key of the account, in a commit by the signature key of the leaf, and in all kicks
    by the server.
    """

    kind: Uint8
    account: Annotated[bytes, Bytes(ID_SIZE)]
    leaf: Annotated[bytes, Bytes(32)]
    history: Annotated[bytes, Bytes(32)]
    signature: Annotated[bytes, Bytes(64)]


@dataclass(frozen=True, slots=True)
class Deletion(Struct):
    """``account`` has ended a conversation; its identity key has signed :func:`delete_claim`.

    With the kind DELETE_BY_SERVER it is the server that has, and that has signed, and ``account``
    is who has created it.
    """

    kind: Uint8
    account: Annotated[bytes, Bytes(ID_SIZE)]
    signature: Annotated[bytes, Bytes(64)]


def leave_claim(conversation: bytes, incarnation: bytes, leaf: bytes, history: bytes) -> bytes:
    """The bytes that are signed by who leaves, having the leaf with this encryption key."""
    return b"geventim leave" + conversation + incarnation + leaf + history


def kick_claim(
    conversation: bytes, incarnation: bytes, account: bytes, leaf: bytes, history: bytes
) -> bytes:
    """The bytes that the server signs to say that ``account`` is out with this leaf."""
    return b"geventim kick" + conversation + incarnation + account + leaf + history


def delete_claim(conversation: bytes, incarnation: bytes) -> bytes:
    """The bytes that are signed by who deletes a conversation."""
    return b"geventim delete" + conversation + incarnation
