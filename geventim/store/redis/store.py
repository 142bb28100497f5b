"""The store of several server processes on any number of machines: Redis 7, or what is like it.

It must be one that writes before it answers: ``appendonly yes`` and ``appendfsync always``. With
``?replicas=N`` in the address nothing is answered before so many replicas have it, too.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from geventim.chat.names import fold
from geventim.chat.values import Account, Conversation, Membership, Totals
from geventim.log.blobs import BeginBlob, Blob, DropBlob, FinishBlob, SweepBlobs
from geventim.log.changes import (
    AddKeyPackages,
    Append,
    Change,
    Commit,
    Create,
    Expire,
    GiveState,
    TakeKeyPackage,
)
from geventim.log.judge import LogChange
from geventim.log.outcomes import Appended, Head, Outcome, Page, Position, State, Usage
from geventim.log.people import Invite, Seen
from geventim.store.lock import Lock
from geventim.store.redis import layout
from geventim.store.redis.blobs import RedisBlobs
from geventim.store.redis.bounds import USUAL, Bounds
from geventim.store.redis.feeds import RedisFeeds
from geventim.store.redis.layout import ACCOUNTS, LOGS, PROBE
from geventim.store.redis.link import RedisLink
from geventim.store.redis.logs import RedisLogs
from geventim.store.redis.people import RedisPeople


class RedisStore:
    """A :class:`geventim.log.shared.SharedStore` in the Redis at ``url``, within ``bounds``.

    What arrives together is written together for each conversation, but not across conversations:
    when :meth:`commit` fails, some of it may have been applied. To repeat it is harmless.

    Raises :class:`geventim.errors.StoreError` when Redis cannot be used.
    """

    def __init__(self, url: str, bounds: Bounds = USUAL) -> None:
        self._link = RedisLink(url, bounds)
        feeds = RedisFeeds(self._link, bounds)
        self._people = RedisPeople(self._link)
        self._logs = RedisLogs(self._link, self._people, feeds.node, bounds)
        self._blobs = RedisBlobs(self._link, self._find_homeless)
        self._lock = Lock()
        self.node = feeds.node
        self.feeds = tuple(map(layout.feed, range(layout.BUCKETS)))
        self.board = layout.BOARD
        self.looks = feeds.looks
        self.last = feeds.last
        self.read = feeds.read
        self.post = feeds.post
        self.acquire = feeds.acquire
        self.release = feeds.release
        self.agree = feeds.agree

    @property
    def failures(self) -> int:
        """See :attr:`geventim.log.shared.SharedStore.failures`."""
        return self._link.failures

    def commit(self, changes: Sequence[Change]) -> list[Outcome]:
        """See :meth:`geventim.log.store.Store.commit`."""
        outcomes: list[Outcome] = []
        waiting: list[LogChange] = []
        with self._lock:
            for change in changes:
                if isinstance(change, LogChange):
                    waiting.append(change)
                    continue
                outcomes += self._logs.apply(waiting)
                waiting = []
                outcomes.append(self._apply(change))
            return outcomes + self._logs.apply(waiting)

    def notice(self, appended: Appended) -> None:
        """Know of what another node has written."""
        self._logs.notice(appended)

    def account(self, account: bytes) -> Account | None:
        """The account with this id."""
        return self._people.account(account)

    def account_named(self, nick: str) -> Account | None:
        """The account whose nick is the same name as ``nick``; none that was released."""
        return self._people.account_by(layout.NICKS, fold(nick))

    def account_with_key(self, channel_key: bytes) -> Account | None:
        """The account that logs in with this X25519 key."""
        return self._people.account_by(layout.KEYS, channel_key)

    def accounts(self) -> list[Account]:
        """Every account, sorted by nick."""
        return self._people.accounts()

    def invites(self) -> dict[str, Invite]:
        """See :meth:`geventim.log.store.Store.invites`."""
        return self._people.invites()

    def last_seen(self) -> dict[bytes, Seen]:
        """See :meth:`geventim.log.store.Store.last_seen`."""
        return self._people.last_seen()

    def conversation(self, conversation: bytes) -> Conversation | None:
        """The conversation with this id, also when it was deleted."""
        found = self._logs.load(conversation)
        return found.log.roster.conversation if found else None

    def groups(self) -> list[Conversation]:
        """See :meth:`geventim.log.store.Store.groups`."""
        return self._logs.groups()

    def room_named(self, name: str) -> Conversation | None:
        """The room whose name is the same as ``name``."""
        holder = self._people.room_named(name)
        found = self._logs.load(holder) if holder else None
        return found.log.roster.conversation if found and not found.log.roster.deleted else None

    def rooms(self, after: str, most: int) -> list[Conversation]:
        """See :meth:`geventim.log.store.Store.rooms`."""
        found: list[Conversation] = []
        while len(found) < most and (listed := self._people.rooms(after, most - len(found))):
            after = listed[-1][0]
            states = map(self._logs.load, (room for _, room in listed))
            rosters = (state.log.roster for state in states if state)
            found += (roster.conversation for roster in rosters if not roster.deleted)
        return found

    def head(self, conversation: bytes) -> Head | None:
        """See :meth:`geventim.log.store.Store.head`."""
        return self._logs.head(conversation)

    def givers(self, conversation: bytes) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.givers`."""
        return self._logs.givers(conversation)

    def state(self, conversation: bytes, account: bytes) -> State | None:
        """See :meth:`geventim.log.store.Store.state`."""
        return self._logs.state(conversation, account)

    def has_written(self, conversation: bytes, account: bytes) -> bool:
        """See :meth:`geventim.log.store.Store.has_written`."""
        return self._logs.has_written(conversation, account)

    def position(self, conversation: bytes, after: int) -> Position:
        """See :meth:`geventim.log.store.Store.position`."""
        return self._logs.position(conversation, after)

    def members(self, conversation: bytes) -> list[bytes]:
        """The account ids of the present members, sorted."""
        return self._logs.members(conversation)

    def is_member(self, conversation: bytes, account: bytes) -> bool:
        """Whether the account is a member of a conversation now."""
        found = self._logs.load(conversation)
        return found is not None and found.log.roster.has_member(account)

    def blob(self, blob: bytes) -> Blob | None:
        """The blob with this id, also when it has expired."""
        return self._blobs.get(blob)

    def finished_blobs(self) -> list[Blob]:
        """See :meth:`geventim.log.shared.SharedStore.finished_blobs`."""
        return self._blobs.finished()

    def strays(self, ids: Sequence[bytes]) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.strays`."""
        return self._blobs.strays(ids)

    def memberships(
        self, account: bytes, after: bytes = b"", most: int | None = None
    ) -> list[Membership]:
        """See :meth:`geventim.log.store.Store.memberships`."""
        return self._logs.memberships(account, after, most)

    def entries(self, conversation: bytes, account: bytes, after: int) -> Page:
        """A page of what the account is entitled to, above ``after``."""
        return self._logs.page(conversation, account, after)

    def usage(self, account: bytes) -> Usage:
        """See :meth:`geventim.log.store.Store.usage`."""
        return replace(self._logs.usage(account), files=self._blobs.weight(account))

    def totals(self) -> Totals:
        """See :meth:`geventim.log.store.Store.totals`."""
        accounts, logs = self._link.ask_all([("HLEN", ACCOUNTS), ("LLEN", LOGS)])
        return Totals(accounts, {"any": logs}, *self._logs.totals(), *self._blobs.totals())

    def probe(self) -> None:
        """See :meth:`geventim.log.store.Store.probe`."""
        self._link.write("SET", PROBE, "")

    def crowded(self, accounts: Sequence[bytes], places: int) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.crowded`."""
        return self._logs.crowded(accounts, places)

    def key_packages(self, account: bytes, after: float) -> int:
        """How many key packages can be taken once, not counting what came before ``after``."""
        return self._people.count_packages(account, after)

    def close(self) -> None:
        """Give everything back; nothing may be called afterwards."""
        self._link.close()

    def _apply(self, change: Change) -> Outcome:
        match change:
            case Create():
                return self._logs.create(change)
            case AddKeyPackages():
                self._people.add_packages(change)
            case TakeKeyPackage():
                return self._people.take_package(change)
            case Expire():
                return self._logs.expire(change)
            case Append() | Commit() | GiveState():
                return self._logs.apply([change])[0]
            case BeginBlob() | FinishBlob() | DropBlob() | SweepBlobs():
                return self._blobs.apply(change)
            case _:
                return self._people.apply(change)
        return None

    def _find_homeless(self, blobs: Sequence[Blob]) -> set[bytes]:
        """Those of ``blobs`` whose conversation was deleted, or whose account has ended."""
        places = {each: self._logs.head(each) for each in {blob.conversation for blob in blobs}}
        owners = {each: self._people.account(each) for each in {blob.account for blob in blobs}}
        found = set()
        for blob in blobs:
            head, owner = places[blob.conversation], owners[blob.account]
            has_ended = owner is not None and owner.sanction.has_ended
            if head is None or head.deleted or has_ended:
                found.add(blob.id)
        return found
