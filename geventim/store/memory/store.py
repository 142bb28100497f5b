"""The store that forgets: everything in memory, for tests and for servers that keep nothing."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import nsmallest
from itertools import islice
from operator import attrgetter
from typing import assert_never

from msgspec.structs import replace

from geventim.chat import limits
from geventim.chat.names import fold, skeleton
from geventim.chat.values import (
    Account,
    Conversation,
    Kind,
    Membership,
    Sanction,
    Status,
    Totals,
)
from geventim.log import outcomes
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
from geventim.log.entries import weight
from geventim.log.expiry import sweep
from geventim.log.judge import LogChange, repeat_create
from geventim.log.outcomes import Outcome
from geventim.log.people import (
    AddInvite,
    Allow,
    Invite,
    NoteSeen,
    OfPeople,
    Register,
    RemoveInvite,
    Seen,
    SetAllowance,
    SetOperator,
    SetSanction,
    SetStatus,
    admits,
    is_repeated,
    sanctioned,
)
from geventim.store.lock import Lock
from geventim.store.memory.blobs import MemoryBlobs
from geventim.store.memory.log import MemoryLog


@dataclass(slots=True)
class _KeyPackages:
    """Those of one account: what can be taken once, with its time, and the one of last resort."""

    fresh: deque[tuple[float, bytes]] = field(default_factory=deque)
    last_resort: bytes | None = None

    def take(self, after: float) -> bytes | None:
        """The oldest that came since ``after``, else the one of last resort."""
        kept = [(time, package) for time, package in self.fresh if time >= after]
        if kept:
            self.fresh = deque(kept[1:])
            return kept[0][1]
        if self.last_resort is not None:
            self.fresh.clear()
        return self.last_resort


class MemoryStore:
    """A :class:`geventim.log.store.Store` whose content ends with the process.

    A page has at most so many entries.
    """

    def __init__(self, page: int = limits.PAGE_ENTRIES) -> None:
        self._most = page
        self._lock = Lock()
        self._accounts: dict[bytes, Account] = {}
        self._by_nick: dict[str, Account] = {}
        self._by_skeleton: dict[str, Account] = {}
        self._by_key: dict[bytes, Account] = {}
        self._invites: dict[str, Invite] = {}
        self._seen: dict[bytes, Seen] = {}
        self._allowed: set[str] = set()
        self._logs: dict[bytes, MemoryLog] = {}
        self._stored: Counter[bytes] = Counter()
        self._created: dict[tuple[bytes, bytes], MemoryLog] = {}
        self._rooms: dict[str, MemoryLog] = {}
        self._room_skeletons: dict[str, MemoryLog] = {}
        self._key_packages: dict[bytes, _KeyPackages] = {}
        self._blobs = MemoryBlobs()

    def commit(self, changes: Sequence[Change]) -> list[outcomes.Outcome]:
        """See :meth:`geventim.log.store.Store.commit`."""
        with self._lock:
            return [self._apply(change) for change in changes]

    def account(self, account: bytes) -> Account | None:
        """The account with this id."""
        with self._lock:
            return self._accounts.get(account)

    def account_named(self, nick: str) -> Account | None:
        """The account whose nick is the same name as ``nick``; none that was released."""
        with self._lock:
            return self._by_nick.get(fold(nick))

    def account_with_key(self, channel_key: bytes) -> Account | None:
        """The account that logs in with this X25519 key."""
        with self._lock:
            return self._by_key.get(channel_key)

    def accounts(self) -> list[Account]:
        """Every account, sorted by nick."""
        with self._lock:
            return sorted(self._accounts.values(), key=attrgetter("nick", "id"))

    def invites(self) -> dict[str, Invite]:
        """See :meth:`geventim.log.store.Store.invites`."""
        with self._lock:
            return dict(self._invites)

    def last_seen(self) -> dict[bytes, Seen]:
        """See :meth:`geventim.log.store.Store.last_seen`."""
        with self._lock:
            return dict(self._seen)

    def conversation(self, conversation: bytes) -> Conversation | None:
        """The conversation with this id, also when it was deleted."""
        with self._lock:
            found = self._logs.get(conversation)
            return found.conversation if found else None

    def groups(self) -> list[Conversation]:
        """See :meth:`geventim.log.store.Store.groups`."""
        with self._lock:
            return [
                known.conversation
                for known in self._logs.values()
                if known.conversation.kind is Kind.GROUP and not known.deleted
            ]

    def room_named(self, name: str) -> Conversation | None:
        """The room whose name is the same as ``name``."""
        with self._lock:
            found = self._rooms.get(fold(name))
            return found.conversation if found else None

    def rooms(self, after: str, most: int) -> list[Conversation]:
        """See :meth:`geventim.log.store.Store.rooms`."""
        with self._lock:
            behind = nsmallest(most, (name for name in self._rooms if name > after))
            return [self._rooms[name].conversation for name in behind]

    def head(self, conversation: bytes) -> outcomes.Head | None:
        """See :meth:`geventim.log.store.Store.head`."""
        with self._lock:
            found = self._logs.get(conversation)
            return found.log.head() if found else None

    def givers(self, conversation: bytes) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.givers`."""
        with self._lock:
            found = self._logs.get(conversation)
            return [giver.account for giver in found.log.roster.givers] if found else []

    def state(self, conversation: bytes, account: bytes) -> outcomes.State | None:
        """See :meth:`geventim.log.store.Store.state`."""
        with self._lock:
            found = self._logs.get(conversation)
            return found.state(account) if found else None

    def has_written(self, conversation: bytes, account: bytes) -> bool:
        """See :meth:`geventim.log.store.Store.has_written`."""
        with self._lock:
            found = self._logs.get(conversation)
            return found is not None and account in found.writers

    def position(self, conversation: bytes, after: int) -> outcomes.Position:
        """See :meth:`geventim.log.store.Store.position`."""
        with self._lock:
            return self._logs[conversation].position(after)

    def members(self, conversation: bytes) -> list[bytes]:
        """The account ids of the present members, sorted."""
        with self._lock:
            found = self._logs.get(conversation)
            return found.log.roster.members if found else []

    def is_member(self, conversation: bytes, account: bytes) -> bool:
        """Whether the account is a member of a conversation now."""
        with self._lock:
            found = self._logs.get(conversation)
            return found is not None and found.log.roster.has_member(account)

    def blob(self, blob: bytes) -> Blob | None:
        """The blob with this id, also when it has expired."""
        with self._lock:
            return self._blobs.get(blob)

    def strays(self, ids: Sequence[bytes]) -> list[bytes]:
        """Those of ``ids`` that name no blob of which anything is to be kept."""
        with self._lock:
            return self._blobs.strays(ids)

    def memberships(
        self, account: bytes, after: bytes = b"", most: int | None = None
    ) -> list[Membership]:
        """See :meth:`geventim.log.store.Store.memberships`."""
        with self._lock:
            before = self._logs.get(after)
            number = before.log.roster.number if before else 0
            behind = islice(self._logs.values(), number, None)
            found = (known.log.membership(account) for known in behind)
            return list(islice((membership for membership in found if membership), most))

    def entries(self, conversation: bytes, account: bytes, after: int) -> outcomes.Page:
        """A page of what the account is entitled to, above ``after``."""
        with self._lock:
            found = self._logs.get(conversation)
            return (
                found.page(account, after, self._most)
                if found
                else outcomes.Page((), present=False)
            )

    def usage(self, account: bytes) -> outcomes.Usage:
        """See :meth:`geventim.log.store.Store.usage`."""
        with self._lock:
            files = sum(blob.weight for blob in self._blobs.kept(account))
            return outcomes.Usage(self._stored[account], self._count_created(account), files)

    def totals(self) -> Totals:
        """See :meth:`geventim.log.store.Store.totals`."""
        with self._lock:
            logs = self._logs.values()
            kinds = Counter(str(known.conversation.kind) for known in logs if not known.deleted)
            entries, size = (
                sum(known.log.seq for known in logs),
                sum(known.log.size for known in logs),
            )
            blobs = self._blobs.kept()
            weight = sum(blob.weight for blob in blobs)
            return Totals(len(self._accounts), dict(kinds), entries, size, len(blobs), weight)

    def probe(self) -> None:
        """Nothing can fail."""

    def crowded(self, accounts: Sequence[bytes], places: int) -> list[bytes]:
        """See :meth:`geventim.log.store.Store.crowded`."""
        with self._lock:
            if len(self._logs) < places:
                return []
            logs = self._logs.values()
            return [
                account
                for account in accounts
                if sum(known.log.roster.has_member(account) for known in logs) >= places
            ]

    def key_packages(self, account: bytes, after: float) -> int:
        """How many key packages can be taken once, not counting what came before ``after``."""
        with self._lock:
            kept = self._key_packages.get(account)
            return sum(time >= after for time, _ in kept.fresh) if kept else 0

    def close(self) -> None:
        """Nothing has to be given back."""

    def _apply(self, change: Change) -> outcomes.Outcome:
        match change:
            case Append() | Commit() | GiveState():
                return self._change_log(change)
            case Create():
                return self._create(change)
            case AddKeyPackages():
                self._add_key_packages(change)
                return None
            case TakeKeyPackage():
                return self._take_key_package(change)
            case Expire():
                return self._expire(change)
            case BeginBlob() | FinishBlob() | DropBlob() | SweepBlobs():
                return self._blobs.apply(change, self._is_homeless)
            case _:
                return self._apply_to_people(change)

    def _apply_to_people(self, change: OfPeople) -> outcomes.Outcome:
        match change:
            case Register():
                return self._register(change)
            case SetStatus():
                return self._change_account(change.account, status=change.status)
            case SetOperator():
                return self._change_account(change.account, operator=change.operator)
            case SetSanction():
                return self._set_sanction(change)
            case AddInvite():
                self._invites[change.code] = Invite(change.uses, change.end)
                return None
            case RemoveInvite():
                self._invites.pop(change.code, None)
                return None
            case SetAllowance():
                return self._change_account(change.account, allowance=change.allowance)
            case NoteSeen():
                self._seen[change.account] = change.seen
                return None
            case Allow():
                self._allowed.add(fold(change.nick))
                return None
        assert_never(change)

    def _register(self, change: Register) -> Account | outcomes.Refusal:
        new = change.account
        known = self._accounts.get(new.id)
        if known and is_repeated(known, new):
            return known
        if change.listed and fold(new.nick) not in self._allowed:
            return outcomes.NOT_LISTED
        if change.code is not None and not admits(self._invites.get(change.code), change):
            return outcomes.NOT_INVITED
        if self._is_taken(new.nick):
            return outcomes.NICK_TAKEN
        if known or new.channel_key in self._by_key:
            return outcomes.KEY_TAKEN
        if change.code is not None:
            self._use_up(change.code)
        self._keep_account(new)
        return new

    def _use_up(self, code: str) -> None:
        invite = self._invites.pop(code)
        if invite.uses > 1:
            self._invites[code] = replace(invite, uses=invite.uses - 1)

    def _is_homeless(self, blob: Blob) -> bool:
        """Whether the conversation of ``blob`` was deleted, or its account has ended."""
        account, known = self._accounts.get(blob.account), self._logs.get(blob.conversation)
        has_ended = account is not None and account.sanction.has_ended
        return has_ended or known is None or known.deleted

    def _count_created(self, account: bytes) -> int:
        """The rooms and groups that the account has created, and nobody has deleted."""
        return sum(
            known.conversation.creator == account
            for known in self._logs.values()
            if known.conversation.kind is not Kind.DM and not known.deleted
        )

    def _is_taken(self, name: str) -> bool:
        """Whether a person or a room has this name, or one that looks like it."""
        folded, look = fold(name), skeleton(name)
        is_nick = folded in self._by_nick or look in self._by_skeleton
        return is_nick or folded in self._rooms or look in self._room_skeletons

    def _change_account(self, account: bytes, **fields: object) -> Account | None:
        known = self._accounts.get(account)
        if known is None:
            return None
        changed = replace(known, **fields)
        self._keep_account(changed)
        return changed

    def _set_sanction(self, change: SetSanction) -> Account | outcomes.Refusal | None:
        known = self._accounts.get(change.account)
        if known is None:
            return None
        judged = sanctioned(known, change.sanction)
        if isinstance(judged, outcomes.Refusal):
            return judged
        if judged.sanction.has_ended:
            self._key_packages.pop(judged.id, None)
        if judged.sanction is Sanction.RELEASED and known.sanction is not Sanction.RELEASED:
            del self._by_nick[fold(known.nick)]
            del self._by_skeleton[skeleton(known.nick)]
        self._keep_account(judged)
        return judged

    def _keep_account(self, account: Account) -> None:
        self._accounts[account.id] = account
        self._by_key[account.channel_key] = account
        if account.sanction is not Sanction.RELEASED:
            self._by_nick[fold(account.nick)] = account
            self._by_skeleton[skeleton(account.nick)] = account

    def _create(self, change: Create) -> Conversation | outcomes.Refusal:
        new = change.conversation
        known = self._logs.get(new.id)
        if change.message_id is not None:
            known = self._created.get((new.creator, change.message_id), known)
        if known:
            return repeat_create(known.conversation, deleted=known.deleted)
        if change.most is not None and self._count_created(new.creator) >= change.most:
            return outcomes.TOO_MANY
        members = dict.fromkeys(change.members)
        created = MemoryLog(new, members, len(self._logs) + 1)
        if new.kind is Kind.ROOM:
            if self._is_taken(new.name):
                return outcomes.NAME_TAKEN
            self._rooms[fold(new.name)] = self._room_skeletons[skeleton(new.name)] = created
        self._logs[new.id] = created
        if change.message_id is not None:
            self._created[new.creator, change.message_id] = created
        return new

    def _change_log(self, change: LogChange) -> Outcome:
        known = self._logs.get(change.conversation)
        if known is None:
            return outcomes.NO_CONVERSATION
        peers = known.log.peers(change)
        is_peer_dnd = bool(peers) and any(map(self._is_dnd, peers))
        outcome = known.apply(change, is_peer_dnd=is_peer_dnd)
        if isinstance(outcome, outcomes.Appended) and not outcome.repeated:
            self._stored[outcome.entry.author] += weight(outcome.entry)
            if known.deleted and known.conversation.kind is Kind.ROOM:
                del self._rooms[fold(known.conversation.name)]
                del self._room_skeletons[skeleton(known.conversation.name)]
        return outcome

    def _is_dnd(self, account: bytes) -> bool:
        known = self._accounts.get(account)
        return known is not None and known.status is Status.DND

    def _add_key_packages(self, change: AddKeyPackages) -> None:
        kept = self._key_packages.setdefault(change.account, _KeyPackages())
        if change.last_resort:
            kept.last_resort = change.packages[-1]
        else:
            kept.fresh.extend((change.time, package) for package in change.packages)
            while len(kept.fresh) > limits.KEY_PACKAGES:
                kept.fresh.popleft()

    def _take_key_package(self, change: TakeKeyPackage) -> outcomes.Taken | outcomes.Refusal:
        kept = self._key_packages.get(change.account, _KeyPackages())
        package = kept.take(change.after)
        return (
            outcomes.NO_KEY_PACKAGE if package is None else outcomes.Taken(package, len(kept.fresh))
        )

    def _expire(self, change: Expire) -> outcomes.Expired:
        first = max(change.start, 1)
        numbered = enumerate(islice(self._logs.values(), first - 1, None), first)
        return sweep(numbered, partial(self._drop, change), change.most)

    def _drop(self, change: Expire, known: MemoryLog, most: int) -> int:
        dropped = known.expire(change, most)
        for entry in dropped:
            self._stored[entry.author] -= weight(entry)
        return len(dropped)
