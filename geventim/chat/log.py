"""The port between what decides (``service``) and what keeps (``store``).

Everything that changes is a value: a :class:`Change` goes in, its outcome comes out. Changes that
arrive together are committed together, and each is refused or applied on its own.
"""

from collections.abc import Sequence
from math import inf
from typing import Final, Protocol

from msgspec import Struct

from geventim.chat.limits import BULK
from geventim.chat.values import (
    Account,
    Allowance,
    Conversation,
    Entry,
    EntryKind,
    Membership,
    Nearness,
    Sanction,
    Status,
    Totals,
)

EXPIRED_AT_ONCE: Final = 1_000
"""Entries that one :class:`Expire` drops at most, and conversations that it looks at."""


class Refusal(Struct, frozen=True):
    """A change that was not applied; ``code`` is one of the words below."""

    code: str


NICK_TAKEN = Refusal("nick_taken")
KEY_TAKEN = Refusal("key_taken")
NAME_TAKEN = Refusal("name_taken")
TOO_MANY = Refusal("too_many")
NOT_INVITED = Refusal("not_invited")
NOT_LISTED = Refusal("not_listed")
NOT_A_MEMBER = Refusal("not_a_member")
NOT_ALLOWED = Refusal("not_allowed")
NO_CONVERSATION = Refusal("no_conversation")
ROOM_FULL = Refusal("room_full")
DO_NOT_DISTURB = Refusal("do_not_disturb")
ACCOUNT_ENDED = Refusal("account_ended")
NO_KEY_PACKAGE = Refusal("no_key_package")
STALE_HEAD = Refusal("stale_head")
NO_COMMIT = Refusal("no_commit")
NO_TURN = Refusal("no_turn")
BAD_GATE = Refusal("bad_gate")


class Register(Struct, frozen=True):
    """Add an account. ``code`` uses up an invite; ``listed`` asks that the nick was allowed.

    An invite counts only before its end; ``time`` is in seconds since the epoch.

    Outcome: the :class:`Account`, NOT_LISTED, NOT_INVITED, NICK_TAKEN (also for a confusable nick,
    and for the name of a room), or KEY_TAKEN when the keys belong to another nick, looked at in
    this order; nothing is used up by a refusal. Repeating it with the same keys and nick gives the
    account as it is by now.
    """

    account: Account
    code: str | None = None
    listed: bool = False
    time: float = 0.0


class SetStatus(Struct, frozen=True):
    """Change an account's status. Outcome: the changed :class:`Account`; None if there is none."""

    account: bytes
    status: Status


class SetOperator(Struct, frozen=True):
    """Make an account an operator, or let it be ``operator`` no longer.

    Outcome: the changed :class:`Account`; None if there is none.
    """

    account: bytes
    operator: bool = True


class SetSanction(Struct, frozen=True):
    """Let ``sanction`` hold for an account, in place of what did.

    Where it ends the account, its key packages are dropped, and it is no operator any more; with
    RELEASED the nick is free. Such an account can only be released after that, or what has been
    done be repeated. Outcome: the changed :class:`Account`, ACCOUNT_ENDED, or None if there is
    none.
    """

    account: bytes
    sanction: Sanction


class SetAllowance(Struct, frozen=True):
    """Let an account make the server keep more or less than others.

    Outcome: the changed :class:`Account`; None if there is none.
    """

    account: bytes
    allowance: Allowance


class NoteSeen(Struct, frozen=True):
    """Somebody was there at this ``time``, in seconds since the epoch. Outcome: None."""

    account: bytes
    seen: "Seen"


class Seen(Struct, frozen=True):
    """When somebody was there last, in seconds since the epoch, and from where."""

    time: float
    nearness: Nearness


class Invite(Struct, frozen=True):
    """So many people may come, before ``end`` in seconds since the epoch."""

    uses: int
    end: float = inf


class AddInvite(Struct, frozen=True):
    """Let ``uses`` registrations use ``code`` before ``end``, whatever was before. Outcome: None.

    The end is in seconds since the epoch.
    """

    code: str
    uses: int
    end: float = inf


class RemoveInvite(Struct, frozen=True):
    """Let nobody use ``code`` any more. Outcome: None."""

    code: str


class Allow(Struct, frozen=True):
    """Let ``nick`` be claimed on a server that asks for it. Outcome: None."""

    nick: str


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
    :mod:`.limits`. ``seq`` is the commit that does not count, or 0. Outcome: :class:`Given`,
    NO_CONVERSATION, NOT_A_MEMBER, or NO_COMMIT if there is no such commit, or no group yet.
    """

    conversation: bytes
    account: bytes
    seq: int
    group_info: bytes


class Given(Struct, frozen=True):
    """The state is kept. ``author`` is that of the commit in question, empty if there is none.

    It is ``repeated``, and nothing is kept, when the account has called this commit void already,
    or a later one.
    """

    author: bytes
    repeated: bool = False


class AddKeyPackages(Struct, frozen=True):
    """Keep key packages of an account: each to be taken once, or the one of last resort.

    Those over the bound of :mod:`.limits` push out the oldest. Outcome: None.
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


class Taken(Struct, frozen=True):
    """A key package, and how many are left that can be taken once."""

    package: bytes
    left: int


class Expire(Struct, frozen=True):
    """Drop old messages from each log, and what else no member can need.

    Messages are old before ``before`` (seconds since the epoch), and those over ``size`` bytes of
    payload, counted from the end. Other entries are dropped when they are as old, and all present
    members came after them. The numbers and the running hash go on.

    This is done bit by bit, from the conversation ``start`` on. Outcome: :class:`Expired`.
    """

    before: float
    size: int | None = None
    start: int = 0


class Expired(Struct, frozen=True):
    """How many entries were dropped, and where to go on; with ``start`` 0 it is done."""

    count: int
    start: int = 0


class Appended(Struct, frozen=True):
    """The entry that is in the log now; ``repeated`` when it was there already.

    The others say what it did: who became a member, and since which number; who is one no longer;
    and after a commit or a delete, the conversation with the number of its ``members`` as it is
    now. A repetition does nothing.
    """

    entry: Entry
    repeated: bool = False
    joined: tuple[tuple[bytes, int], ...] = ()
    gone: tuple[bytes, ...] = ()
    conversation: Conversation | None = None
    members: int = 0


class Head(Struct, frozen=True):
    """The end of a log: its last entry and running hash, and its last commit (0: there is none).

    Messages up to ``floor`` have expired.
    """

    seq: int
    hash: bytes
    commit: int
    members: int
    floor: int = 0
    deleted: bool = False


class State(Struct, frozen=True):
    """A GroupInfo that ``account`` has given, with its commit ``at`` or when that was the last."""

    account: bytes
    at: int
    group_info: bytes


class Position(Struct, frozen=True):
    """A place in a log: behind the entry ``seq``, where the running hash is ``hash``.

    ``last`` is the last entry of the log. Messages up to ``floor`` have expired.
    """

    seq: int
    hash: bytes
    last: int
    floor: int


class Page(Struct, frozen=True):
    """Entries in order. An empty page is the end for now.

    It is the end for good if the account was no member when the page was read: not ``present``.
    """

    entries: tuple[Entry, ...]
    present: bool


class Usage(Struct, frozen=True):
    """What an account makes a server keep.

    ``stored`` is in bytes of messages that it wrote and that have not expired, each with ENTRY_SIZE
    more; ``created`` counts rooms and groups that were not deleted.
    """

    stored: int
    created: int


OfPeople = (
    Register
    | SetStatus
    | SetOperator
    | SetSanction
    | SetAllowance
    | NoteSeen
    | AddInvite
    | RemoveInvite
    | Allow
)
Change = OfPeople | Create | Append | Commit | GiveState | AddKeyPackages | TakeKeyPackage | Expire
Outcome = Account | Conversation | Appended | Given | Taken | Expired | Refusal | None


def weight(change: Change) -> int:
    """For how many small changes ``change`` counts while it waits for the disk."""
    match change:
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
    return 1 + size // BULK


class Store(Protocol):
    """What a server needs to keep; every method may be called from any thread."""

    def commit(self, changes: Sequence[Change]) -> list[Outcome]:
        """Apply ``changes`` in order; when this returns, they are on disk.

        Raises :class:`geventim.errors.StoreError`, and then none of them is applied.
        """

    def account(self, account: bytes) -> Account | None:
        """The account with this id."""

    def account_named(self, nick: str) -> Account | None:
        """The account whose nick is the same name as ``nick``; none that was released."""

    def account_with_key(self, channel_key: bytes) -> Account | None:
        """The account that logs in with this X25519 key."""

    def accounts(self) -> list[Account]:
        """Every account, sorted by nick and id."""

    def invites(self) -> dict[str, Invite]:
        """What invite codes are still good for: one use at least, if their end has not come."""

    def last_seen(self) -> dict[bytes, Seen]:
        """When which accounts were there last."""

    def conversation(self, conversation: bytes) -> Conversation | None:
        """The conversation with this id, also when it was deleted."""

    def groups(self) -> list[Conversation]:
        """Every group that was not deleted, in the order of :meth:`memberships`."""

    def room_named(self, name: str) -> Conversation | None:
        """The room whose name is the same as ``name``."""

    def head(self, conversation: bytes) -> Head | None:
        """The end of the log, also of a deleted one; None if there is no such conversation."""

    def givers(self, conversation: bytes) -> list[bytes]:
        """The accounts of which a state is kept, the latest first; none if there is no log."""

    def state(self, conversation: bytes, account: bytes) -> State | None:
        """The state that is kept of ``account``."""

    def has_written(self, conversation: bytes, account: bytes) -> bool:
        """Whether the log has a message of the account; one that has expired may not count."""

    def position(self, conversation: bytes, after: int) -> Position:
        """The first place at or above ``after`` of which the running hash is known.

        It is above ``after`` when what is between the two has expired; the place is the last entry
        when there is nothing above.
        """

    def members(self, conversation: bytes) -> list[bytes]:
        """The account ids of the present members, sorted; none once it was deleted."""

    def memberships(
        self, account: bytes, after: bytes = b"", most: int | None = None
    ) -> list[Membership]:
        """The conversations that the account is a member of, or was until it was put out.

        They come in an order that stays as it is: at most ``most`` of those behind the conversation
        ``after``, or all. One that nobody knows is before all others.

        That is by a commit, or because they were deleted (another one may have their name by now).
        They can still be read up to the entry that did it. Conversations that the account has left
        are not listed.
        """

    def entries(self, conversation: bytes, account: bytes, after: int) -> Page:
        """A page of what the account is entitled to, above ``after``.

        That is what came while it was a member, the commits that added and removed it, its own
        leave and the delete included; a Welcome is there for those whom it is for. A page holds at
        least one entry, at most PAGE_ENTRIES, and PAGE_SIZE bytes of payload and Welcome unless one
        entry alone is larger; an empty one means that there is no more for now.
        """

    def usage(self, account: bytes) -> Usage:
        """What the account makes the store keep."""

    def totals(self) -> Totals:
        """What there is in all."""

    def probe(self) -> None:
        """Write something that changes nothing. Raises what :meth:`commit` does."""

    def crowded(self, accounts: Sequence[bytes], places: int) -> list[bytes]:
        """Those of ``accounts`` that are present members of so many conversations, or more."""

    def key_packages(self, account: bytes, after: float) -> int:
        """How many key packages can be taken once, not counting what came before ``after``."""

    def close(self) -> None:
        """Give everything back; nothing may be called afterwards."""
