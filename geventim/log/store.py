"""The port between what decides (``service``) and what keeps (``store``)."""

from collections.abc import Sequence
from typing import Protocol

from geventim.chat.values import Account, Conversation, Membership, Totals
from geventim.log.blobs import Blob
from geventim.log.changes import Change
from geventim.log.outcomes import Head, Outcome, Page, Position, State, Usage
from geventim.log.people import Invite, Seen


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

    def rooms(self, after: str, most: int) -> list[Conversation]:
        """The first rooms, ``most`` of them, whose folded names come behind ``after``, by these.

        They are compared by their code points. What was deleted is not listed.
        """

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

    def is_member(self, conversation: bytes, account: bytes) -> bool:
        """Whether the account is a member of a conversation now; there may be no such one."""

    def blob(self, blob: bytes) -> Blob | None:
        """The blob with this id, also when it has expired."""

    def strays(self, ids: Sequence[bytes]) -> list[bytes]:
        """Those of ``ids`` that name no blob of which anything is to be kept."""

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
