"""What is done to logs, and to what people need to get into them: changes, which are values.

A change goes in, its outcome comes out. Changes that arrive together are committed together, and
each is refused or applied on its own.
"""

from typing import Final

from msgspec import Struct

from geventim.chat.limits import BULK
from geventim.chat.values import Conversation, EntryKind
from geventim.log.blobs import BeginBlob, DropBlob, FinishBlob, OfBlobs
from geventim.log.people import OfPeople, SetStatus

ALONE: Final = 4
"""For how many small messages counts what is not written together with others."""

EXPIRED_AT_ONCE: Final = 1_000
"""Entries that one :class:`Expire` drops at most, and conversations that it looks at."""


class Create(Struct, frozen=True):
    """Begin a conversation with an empty log.

    ``members`` may append from the beginning: the creator of a group, both of two, nobody in a
    room. A room's name must be that of no other room and of nobody, and look like none of these;
    that of a group is a label, and may be anything. Who has created ``most`` rooms and groups can
    create no more. Outcome: the :class:`Conversation`, NAME_TAKEN or TOO_MANY.

    Creating again under the same creator and ``message_id``, or the same id, changes nothing, and
    has the conversation of the first time as its outcome, or NO_CONVERSATION when it was deleted.
    One of two needs no ``message_id``: it is known by its id, whoever began it.
    """

    conversation: Conversation
    members: tuple[bytes, ...]
    message_id: bytes | None = None
    most: int | None = None


class Append(Struct, frozen=True):
    """Put an entry at the end of a log.

    A leave ends its author's membership, as a kick by the server does, and a delete that of
    everyone; it frees the name. A delete is for the creator of a group, or for anyone with
    ``operator``; nobody leaves two people, and who is kicked out of them is an account that has
    ended. A message to the other one of two is refused then, and while that one's status is dnd.
    ``head`` must be the number of the last commit (only a message needs one). Outcome:
    :class:`Appended`, NO_CONVERSATION, NOT_A_MEMBER, NOT_ALLOWED, DO_NOT_DISTURB, ACCOUNT_ENDED or
    STALE_HEAD. The same author's ``message_id`` is looked up before anything else.
    """

    conversation: bytes
    author: bytes
    kind: EntryKind
    message_id: bytes
    time: float
    head: int = 0
    payload: bytes = b""
    operator: bool = False


class Commit(Struct, frozen=True):
    """Put a commit at the end of a log; it becomes the head, and its GroupInfo a state.

    ``removed`` are out after it (they get it, too), and ``added`` are members from this entry on;
    who is both, or was a member before, goes on being one. In a room everybody adds oneself, and
    nobody else does: a keyed one asks that who was not a member has ``proven`` to hold its gate.
    The creator of a group removes others; all may name whom they like of those who are no members.
    A room has at most ``limit`` members; two people stay two. ``gate`` replaces the gate of a keyed
    room. Without the ``turn`` only a repetition is answered. Outcomes are those of :class:`Append`,
    NO_TURN, BAD_GATE and ROOM_FULL.
    """

    conversation: bytes
    author: bytes
    message_id: bytes
    time: float
    head: int
    payload: bytes
    group_info: bytes
    welcome: bytes = b""
    added: tuple[bytes, ...] = ()
    removed: tuple[bytes, ...] = ()
    gate: bytes | None = None
    proven: bytes = b""
    limit: int = 0
    turn: bool = True


class GiveState(Struct, frozen=True):
    """Keep a GroupInfo of the last commit that counts in ``account``'s view, for newcomers.

    Of each account the latest is kept, and those of the latest accounts up to the bound of
    :mod:`geventim.chat.limits`. ``seq`` is a commit that does not count there, or a message that
    does not open, or 0. Outcome: :class:`Given`, NO_CONVERSATION, NOT_A_MEMBER, or NO_COMMIT if
    there is no such entry, or no group yet.
    """

    conversation: bytes
    account: bytes
    seq: int
    group_info: bytes


class AddKeyPackages(Struct, frozen=True):
    """Keep key packages of an account: each to be taken once, or the one of last resort.

    Those over the bound of :mod:`geventim.chat.limits` push out the oldest. Outcome: None.
    """

    account: bytes
    packages: tuple[bytes, ...]
    time: float
    last_resort: bool = False


class TakeKeyPackage(Struct, frozen=True):
    """Take the oldest key package of an account, else the one of last resort, which stays.

    Those that came before ``after`` are dropped. Outcome: :class:`Taken`, or NO_KEY_PACKAGE.
    """

    account: bytes
    after: float


class Expire(Struct, frozen=True):
    """Drop old messages from each log, and what else no member can need.

    Messages are old before ``before`` (seconds since the epoch), and those over ``size`` bytes of
    payload, counted from the end. Other entries are dropped when they are as old, and all present
    members came after them. The numbers and the running hash go on.

    This is done bit by bit, from the conversation ``start`` on: ``most`` of them, or ``most``
    entries. Outcome: :class:`Expired`.
    """

    before: float
    size: int | None = None
    start: int = 0
    most: int = EXPIRED_AT_ONCE


Change = (
    OfPeople
    | OfBlobs
    | Create
    | Append
    | Commit
    | GiveState
    | AddKeyPackages
    | TakeKeyPackage
    | Expire
)


def weight(change: Change) -> int:
    """For how many small messages ``change`` counts while it waits for the disk.

    Messages are written together. Whatever else there is asks and writes for itself.
    """
    match change:
        case Append(kind=EntryKind.MESSAGE, payload=payload):
            return 1 + len(payload) // BULK
        case Append(payload=payload):
            size = len(payload)
        case Commit(payload=payload, group_info=group_info, welcome=welcome):
            size = len(payload) + len(group_info) + len(welcome)
        case GiveState(group_info=group_info):
            size = len(group_info)
        case AddKeyPackages(packages=packages):
            size = sum(map(len, packages))
        case _:
            size = 0
    return ALONE + size // BULK


def whose(change: Change) -> bytes:
    """The account that wants ``change``; empty if it is the server itself, or an operator."""
    match change:
        case Append(author=account) | Commit(author=account):
            return account
        case GiveState(account=account) | AddKeyPackages(account=account):
            return account
        case SetStatus(account=account):
            return account
        case Create(conversation=conversation):
            return conversation.creator
        case BeginBlob(blob=blob):
            return blob.account
        case FinishBlob(account=account) | DropBlob(account=account):
            return account
        case _:
            return b""
