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
    """Begin a conversation of ``members``, its creator among them.

    A group's log begins with a commit that adds its members; other logs begin empty. Outcome: the
    :class:`Conversation`, NAME_TAKEN (also for a confusable name of the same kind, and for an id
    that is in use), or NO_CONVERSATION for one that has been deleted since. One that exists with
    the same id, kind, creator and name is left as it is; so is a conversation of two, whoever
    began it.
    """

    conversation: Conversation
    members: tuple[bytes, ...]
    message_id: bytes
    time: float


class Join(Struct, frozen=True):
    """Add an account to a room of at most ``limit`` members, from its present head on.

    Outcome: the :class:`Membership`, NO_CONVERSATION, NOT_ALLOWED for what is not a room, or
    ROOM_FULL. A member stays as it is.
    """

    conversation: bytes
    account: bytes
    limit: int


class Append(Struct, frozen=True):
    """Put an entry at the end of a log.

    A leave ends its author's membership, a delete that of everyone and frees the name; a delete is
    for the creator of a group, member or not, or for anyone with ``operator``. A conversation of
    two can be neither left nor deleted, and takes no message while the other one is dnd. Outcome:
    :class:`Appended`, NO_CONVERSATION, NOT_A_MEMBER, NOT_ALLOWED or DO_NOT_DISTURB. The same
    author's ``message_id`` is looked up before anything else, also when the author is no member
    any more or the conversation was deleted.
    """

    conversation: bytes
    author: bytes
    kind: EntryKind
    message_id: bytes
    time: float
    payload: bytes = b""
    operator: bool = False


class Appended(Struct, frozen=True):
    """The entry that is in the log now; ``repeated`` when it was there already."""

    entry: Entry
    repeated: bool = False


Change = Register | SetStatus | SetOperator | AddInvite | Allow | Create | Join | Append
Outcome = Account | Conversation | Membership | Appended | Refusal | None


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
