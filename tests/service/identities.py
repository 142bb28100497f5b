"""Keys and accounts that are the same for the same name."""

import functools
import hashlib
from typing import Any

from geventim.chat.departures import (
    DELETE,
    LEAVE,
    NO_HISTORY,
    NO_LEAF,
    Deletion,
    Departure,
    delete_claim,
    leave_claim,
)
from geventim.chat.replies import (
    Person,
)
from geventim.chat.values import (
    Account,
    Conversation,
    EntryKind,
    account_id,
    claim,
)
from geventim.crypto.signature import SigningKey

SERVER_KEY = bytes(range(32))


def channel_key(key: str) -> bytes:
    return hashlib.sha256(b"channel " + key.encode()).digest()


def departure(
    account: Account, conversation: Conversation, kind: EntryKind, leaf: bytes = NO_LEAF
) -> bytes:
    """What somebody has to say who leaves, or deletes a conversation."""
    signer, place = identity(account.nick), (conversation.id, conversation.incarnation)
    if kind is EntryKind.LEAVE:
        signed = signer.sign(leave_claim(*place, leaf, NO_HISTORY))
        return Departure(LEAVE, account.id, leaf, NO_HISTORY, signed).encode()
    return Deletion(DELETE, account.id, signer.sign(delete_claim(*place))).encode()


@functools.cache
def identity(key: str) -> SigningKey:
    return SigningKey(hashlib.sha256(b"identity " + key.encode()).digest())


def account(nick: str) -> Account:
    """The account of ``nick`` as registering with the keys of that name makes it."""
    public = identity(nick).public
    return Account(account_id(public), nick, public, channel_key(nick))


def person(nick: str) -> Person:
    """The person of ``nick`` as others are told."""
    known = account(nick)
    return Person(nick, known.id, known.identity)


def registration(nick: str, key: str | None = None, code: str = "") -> dict[str, Any]:
    """The fields of a valid registration of ``nick`` with the keys called ``key``."""
    key = key or nick
    signer = identity(key)
    signed = signer.sign(claim(SERVER_KEY, nick, signer.public, channel_key(key)))
    return {"nick": nick, "identity": signer.public, "signature": signed, "code": code}
