"""Accounts, conversations and log entries: what a server keeps and both sides talk about."""

import enum
import hashlib
from typing import Annotated, Final

from msgspec import Meta, Struct

ID_SIZE: Final = 16
"""Bytes in the id of an account, a conversation or a message."""

Id = Annotated[bytes, Meta(min_length=ID_SIZE, max_length=ID_SIZE)]
PublicKey = Annotated[bytes, Meta(min_length=32, max_length=32)]
Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, Meta(min_length=64, max_length=64)]

LARGEST_COUNT: Final = 2**53 - 1
"""The largest whole number up to which every JSON implementation can represent all of them."""

Count = Annotated[int, Meta(ge=0, le=LARGEST_COUNT)]
"""A whole number that every JSON implementation can represent."""


class Kind(enum.StrEnum):
    """What a conversation is: a public room, a group by invitation, or two people."""

    ROOM = "room"
    GROUP = "group"
    DM = "dm"


class EntryKind(enum.StrEnum):
    """What an entry of a log does.

    A commit declares who was added, a message carries a payload. With a leave its author is out,
    with a kick whom it calls its author: the server has put that one out. A delete is the last
    entry of its log. What the last three say is in :mod:`.departures`.
    """

    COMMIT = "commit"
    MESSAGE = "message"
    LEAVE = "leave"
    KICK = "kick"
    DELETE = "delete"


class Purpose(enum.StrEnum):
    """What a turn is for.

    To join a room, to get back to one's place by an external commit, to commit as a member, or to
    take out others by the right of who has founded a group.
    """

    JOIN = "join"
    REENTER = "reenter"
    COMMIT = "commit"
    REMOVE = "remove"


class Status(enum.StrEnum):
    """Whether somebody wants to be talked to."""

    NORMAL = "normal"
    DND = "dnd"
    AWAY = "away"


class Access(enum.StrEnum):
    """Who may claim a nick: anyone, holders of an invite code, or nicks that were listed."""

    OPEN = "open"
    INVITE = "invite"
    ALLOWLIST = "allowlist"


class Sanction(enum.StrEnum):
    """What the operator of a server has done about an account.

    Who is muted reads and does not write; who is banned does not come in. Once an account was
    removed it has ended for good: it keeps its nick from others until it is released.
    """

    NONE = "none"
    MUTED = "muted"
    BANNED = "banned"
    REMOVED = "removed"
    RELEASED = "released"

    @property
    def has_ended(self) -> bool:
        """Whether there is no way back from it."""
        return self in {Sanction.REMOVED, Sanction.RELEASED}

    @property
    def keeps_out(self) -> bool:
        """Whether nobody logs in with the account."""
        return self is Sanction.BANNED or self.has_ended


class Nearness(enum.StrEnum):
    """From where somebody connects: this machine, a private network, or anywhere else."""

    LOOPBACK = "loopback"
    PRIVATE = "private"
    PUBLIC = "public"


class Allowance(Struct, frozen=True):
    """What an account may make a server keep where that is not what all may; None is what all may.

    ``stored`` is in bytes of messages, ``created`` counts rooms and groups, ``files`` is in bytes
    of files.
    """

    stored: int | None = None
    created: int | None = None
    files: int | None = None


class Account(Struct, frozen=True):
    """A nick and the two public keys that own it: Ed25519 identity, X25519 channel key."""

    id: bytes
    nick: str
    identity: bytes
    channel_key: bytes
    status: Status = Status.NORMAL
    operator: bool = False
    sanction: Sanction = Sanction.NONE
    allowance: Allowance = Allowance()


class Conversation(Struct, frozen=True):
    """A conversation; ``creator`` is an account id, ``name`` is empty for two people.

    ``incarnation`` is drawn by the server when the log begins. ``gate`` is the Ed25519 public key
    with which one has to sign to join a keyed room, and empty for all others.
    """

    id: bytes
    kind: Kind
    name: str
    creator: bytes
    incarnation: bytes = b""
    gate: bytes = b""


class Entry(Struct, frozen=True):
    """One entry of a log. ``seq`` counts from 1, ``time`` is in seconds since the epoch.

    ``previous`` is the running hash of the log before it. ``head`` is the commit on which the
    entry builds. A commit declares who was ``added`` and ``removed``, and brings a ``welcome`` for
    those who were added.
    """

    conversation: bytes
    seq: int
    time: float
    author: bytes
    kind: EntryKind
    message_id: bytes
    previous: bytes
    head: int = 0
    payload: bytes = b""
    welcome: bytes = b""
    added: tuple[bytes, ...] = ()
    removed: tuple[bytes, ...] = ()

    @property
    def hash(self) -> bytes:
        """The running hash of the log up to here."""
        return next_hash(self.previous, self.seq, self.payload)


class Membership(Struct, frozen=True):
    """A conversation as an account has it: the entries above ``since`` are its own, up to ``head``.

    Once it was removed, or the conversation deleted, it is not ``present`` and ``head`` is the
    entry that did it. ``members`` is how many there are; ``peer`` is the other one of two.
    """

    conversation: Conversation
    since: int
    head: int
    members: int
    present: bool = True
    peer: bytes | None = None


def first_hash(incarnation: bytes) -> bytes:
    """The running hash of a log that has no entries yet."""
    return hashlib.sha256(b"geventim log" + incarnation).digest()


def next_hash(previous: bytes, seq: int, payload: bytes) -> bytes:
    """The running hash after the entry ``seq``: 32 bytes that stand for the whole log."""
    return hashlib.sha256(previous + seq.to_bytes(8, "big") + payload).digest()


def gate_claim(conversation: bytes, incarnation: bytes, account: bytes, nonce: bytes) -> bytes:
    """The bytes that a gate key signs to let ``account`` into a keyed room.

    ``nonce`` is the server's challenge, 16 bytes.
    """
    return b"geventim challenge" + conversation + incarnation + account + nonce


def account_id(identity: bytes) -> bytes:
    """The 16-byte id of the account with this 32-byte Ed25519 identity key."""
    return hashlib.sha256(identity).digest()[:ID_SIZE]


def dm_id(one: bytes, other: bytes) -> bytes:
    """The 16-byte id of the conversation of two accounts, the same from both sides."""
    pair = min(one, other) + max(one, other)
    return hashlib.sha256(b"geventim dm" + pair).digest()[:ID_SIZE]


def claim(server_key: bytes, nick: str, identity: bytes, channel_key: bytes) -> bytes:
    """The bytes that an identity key signs to claim ``nick`` on the server with ``server_key``."""
    return b"geventim claim" + server_key + identity + channel_key + nick.encode()


class Totals(Struct, frozen=True):
    """What a store has in all.

    ``conversations`` counts them by kind, without those that were deleted; where a store cannot
    tell, all of them are of the kind ``any``. ``entries`` is how many were ever put into the logs,
    ``size`` the bytes of the messages that are kept. There are so many ``files``, of
    ``file_bytes``.
    """

    accounts: int
    conversations: dict[str, int]
    entries: int
    size: int
    files: int = 0
    file_bytes: int = 0
