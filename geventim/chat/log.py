"""The port between what decides (``service``) and what keeps (``store``).

Everything that changes is a value: a :class:`Change` goes in, its outcome comes out. Changes that
arrive together are committed together, and each is refused or applied on its own.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from geventim.chat.values import Account, Conversation, Entry, EntryKind, Kind, Membership, Status


class Refusal(Struct, frozen=True):
    """A change that was not applied; ``code`` is one of the words below."""

    code: str


NICK_TAKEN = Refusal("nick_taken")
KEY_TAKEN = Refusal("key_taken")
NAME_TAKEN = Refusal("name_taken")
NOT_INVITED = Refusal("not_invited")
NOT_LISTED = Refusal("not_listed")
NOT_A_MEMBER = Refusal("not_a_member")
NOT_ALLOWED = Refusal("not_allowed")
NO_CONVERSATION = Refusal("no_conversation")
ROOM_FULL = Refusal("room_full")
DO_NOT_DISTURB = Refusal("do_not_disturb")
NO_KEY_PACKAGE = Refusal("no_key_package")
STALE_HEAD = Refusal("stale_head")
CONTESTED = Refusal("contested")


class Register(Struct, frozen=True):
    """Add an account. ``code`` uses up an invite; ``listed`` asks that the nick was allowed.

    Outcome: the :class:`Account`, NICK_TAKEN (also for a confusable nick), KEY_TAKEN when the keys
    belong to another nick, NOT_LISTED, or NOT_INVITED, looked at in this order; nothing is used up
    by a refusal. Repeating it with the same keys and nick gives the account as it is by now.
    """

    account: Account
    code: str | None = None
    listed: bool = False


class SetStatus(Struct, frozen=True):
    """Change an account's status. Outcome: the changed :class:`Account`; None if there is none."""

    account: bytes
    status: Status


class SetOperator(Struct, frozen=True):
    """Make an account an operator. Outcome: the changed :class:`Account`; None if there is none."""

    account: bytes


class AddInvite(Struct, frozen=True):
    """Let ``uses`` registrations use ``code``, however many could before. Outcome: None."""

    code: str
    uses: int


class Allow(Struct, frozen=True):
    """Let ``nick`` be claimed on a server that asks for it. Outcome: None."""

    nick: str


class Create(Struct, frozen=True):
    """Begin a conversation with an empty log.

    ``members`` may append from the beginning: the creator of a group, both of two, nobody in a
    room. Outcome: the :class:`Conversation`, or NAME_TAKEN. One that exists with the same id,
    creator and name is left as it is; so is a conversation of two, whoever began it.
    """

    conversation: Conversation
    members: tuple[bytes, ...]
    time: float


class Append(Struct, frozen=True):
    """Put an entry at the end of a log.

    A leave ends its author's membership, a delete that of everyone and frees the name; a delete is
    for the creator of a group, or for anyone with ``operator``. A message to the other one of two
    is refused while that one's status is dnd. ``head`` must be the number of the last commit
    (leave and delete need no head). Outcome: :class:`Appended`, NO_CONVERSATION, NOT_A_MEMBER,
    NOT_ALLOWED, DO_NOT_DISTURB, STALE_HEAD or CONTESTED. The same author's ``message_id`` is looked
    up before anything else.
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
    """Put a commit at the end of a log; it becomes the head, with its GroupInfo.

    ``added`` become members from this entry on (they get it, too), ``removed`` are out after it. In
    a room somebody who is not a member may add oneself and nobody else, while there are fewer than
    ``limit`` members. ``gate`` replaces the gate of a keyed room. Outcomes are those of
    :class:`Append`, and ROOM_FULL.

    While a commit is contested, both it and the head before it may be built on. Building on the
    old one is for those who are neither author nor contester of the new one, and takes the
    membership changes of the new one back; building on the new one is for anyone but its author.
    Whoever may not gets CONTESTED; what was not chosen is stale from then on. Between two people
    nothing is contested.
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
    limit: int = 0


class Contest(Struct, frozen=True):
    """Say that ``account`` cannot apply the commit ``seq``, which is the head.

    Outcome: None, NOT_A_MEMBER, or STALE_HEAD when that commit is no longer the head.
    """

    conversation: bytes
    account: bytes
    seq: int


class AddKeyPackages(Struct, frozen=True):
    """Keep key packages of an account: each to be taken once, or the one of last resort.

    Those over the bound of :mod:`.limits` push out the oldest. Outcome: None.
    """

    account: bytes
    packages: tuple[bytes, ...]
    last_resort: bool = False


class TakeKeyPackage(Struct, frozen=True):
    """Take the oldest key package of an account, else the one of last resort, which stays.

    Outcome: :class:`Taken`, or NO_KEY_PACKAGE.
    """

    account: bytes


class Taken(Struct, frozen=True):
    """A key package, and how many are left that can be taken once."""

    package: bytes
    left: int


class Expire(Struct, frozen=True):
    """Drop messages older than ``before`` (seconds since the epoch), and the oldest ones over
    ``size`` bytes in each log. Commits stay while a member may need them, as do the numbers.

    Outcome: None.
    """

    before: float
    size: int


class Appended(Struct, frozen=True):
    """The entry that is in the log now; ``repeated`` when it was there already."""

    entry: Entry
    repeated: bool = False


class Head(Struct, frozen=True):
    """The end of a log: its last entry and running hash, and the last commit in use.

    ``group_info`` is that of the commit; empty while the conversation has no group.
    """

    seq: int
    hash: bytes
    commit: int
    group_info: bytes
    members: int


Change = (
    Register
    | SetStatus
    | SetOperator
    | AddInvite
    | Allow
    | Create
    | Append
    | Commit
    | Contest
    | AddKeyPackages
    | TakeKeyPackage
    | Expire
)
Outcome = Account | Conversation | Appended | Taken | Refusal | None


class Store(Protocol):
    """What a server needs to keep; every method may be called from any thread."""

    def commit(self, changes: Sequence[Change]) -> list[Outcome]:
        """Apply ``changes`` in order; when this returns, they are on disk.

        Raises :class:`geventim.errors.StoreError`, and then none of them is applied.
        """

    def account(self, account: bytes) -> Account | None:
        """The account with this id."""

    def account_named(self, nick: str) -> Account | None:
        """The account whose nick is the same name as ``nick``."""

    def account_with_key(self, channel_key: bytes) -> Account | None:
        """The account that logs in with this X25519 key."""

    def accounts(self) -> list[Account]:
        """Every account, sorted by nick."""

    def invites(self) -> dict[str, int]:
        """Invite codes and how often each can still be used, at least once."""

    def conversation(self, conversation: bytes) -> Conversation | None:
        """The conversation with this id, also when it was deleted."""

    def conversation_named(self, kind: Kind, name: str) -> Conversation | None:
        """The room or group whose name is the same as ``name``."""

    def head(self, conversation: bytes) -> int:
        """The number of the last entry, also of a deleted log; 0 for an empty or unknown one."""

    def members(self, conversation: bytes) -> list[bytes]:
        """The account ids of the present members, sorted; none once it was deleted."""

    def memberships(self, account: bytes) -> list[Membership]:
        """The conversations that the account is a member of, or was when they were deleted.

        The deleted ones can still be read up to their last entry, the delete; another one may have
        their name by now. Conversations that the account has left are not listed.
        """

    def entries(self, conversation: bytes, account: bytes, after: int) -> list[Entry]:
        """A page of what the account is entitled to, above ``after``, in order.

        That is what came while it was a member, its own leave or the delete included. A page holds
        at least one entry, at most PAGE_ENTRIES, and PAGE_SIZE bytes of payload unless one entry
        alone is larger; an empty one means that there is no more for now.
        """

    def close(self) -> None:
        """Give everything back; nothing may be called afterwards."""
