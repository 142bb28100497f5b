"""The store that forgets: everything in memory, for tests and for servers that keep nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import assert_never

from msgspec.structs import replace

from geventim.chat import limits, log
from geventim.chat.names import fold, skeleton
from geventim.chat.values import Account, Conversation, Entry, EntryKind, Kind, Membership, Status
from geventim.store import rules
from geventim.store.lock import Lock


@dataclass(slots=True)
class _Interval:
    """Entitles to the entries above ``since``, up to ``until``; None while it lasts."""

    since: int
    until: int | None = None


@dataclass(slots=True)
class _Log:
    """A conversation with its entries and everyone who ever was a member."""

    conversation: Conversation
    deleted: bool = False
    entries: list[Entry] = field(default_factory=list)
    by_message: dict[tuple[bytes, bytes], Entry] = field(default_factory=dict)
    intervals: dict[bytes, list[_Interval]] = field(default_factory=dict)

    @property
    def head(self) -> int:
        return len(self.entries)

    @property
    def members(self) -> list[bytes]:
        return sorted(account for account in self.intervals if self.has_member(account))

    def has_member(self, account: bytes) -> bool:
        intervals = self.intervals.get(account)
        return intervals is not None and intervals[-1].until is None

    def begin(self, account: bytes) -> None:
        self.intervals.setdefault(account, []).append(_Interval(self.head))

    def end(self, account: bytes) -> None:
        self.intervals[account][-1].until = self.head

    def membership(self, account: bytes) -> Membership | None:
        intervals = self.intervals.get(account)
        if intervals is None:
            return None
        last = intervals[-1]
        if last.until is None or (self.deleted and last.until == self.head):
            return Membership(self.conversation, last.since, self.head)
        return None

    def append(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.by_message[entry.author, entry.message_id] = entry

    def page(self, account: bytes, after: int) -> list[Entry]:
        page: list[Entry] = []
        size = 0
        for interval in self.intervals.get(account, ()):
            until = self.head if interval.until is None else interval.until
            # Entry n stands at index n - 1.
            for entry in self.entries[max(after, interval.since) : until]:
                size += len(entry.payload)
                if page and (len(page) == limits.PAGE_ENTRIES or size > limits.PAGE_SIZE):
                    return page
                page.append(entry)
        return page


class MemoryStore:
    """A :class:`geventim.chat.log.Store` whose content ends with the process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._accounts: dict[bytes, Account] = {}
        self._by_nick: dict[str, Account] = {}
        self._by_skeleton: dict[str, Account] = {}
        self._by_key: dict[bytes, Account] = {}
        self._invites: dict[str, int] = {}
        self._allowed: set[str] = set()
        self._logs: dict[bytes, _Log] = {}
        self._names: dict[tuple[Kind, str], _Log] = {}
        self._skeletons: dict[tuple[Kind, str], _Log] = {}

    def commit(self, changes: Sequence[log.Change]) -> list[log.Outcome]:
        """See :meth:`geventim.chat.log.Store.commit`."""
        with self._lock:
            return [self._apply(change) for change in changes]

    def account(self, account: bytes) -> Account | None:
        """The account with this id."""
        with self._lock:
            return self._accounts.get(account)

    def account_named(self, nick: str) -> Account | None:
        """The account whose nick is the same name as ``nick``."""
        with self._lock:
            return self._by_nick.get(fold(nick))

    def account_with_key(self, channel_key: bytes) -> Account | None:
        """The account that logs in with this X25519 key."""
        with self._lock:
            return self._by_key.get(channel_key)

    def accounts(self) -> list[Account]:
        """Every account, sorted by nick."""
        with self._lock:
            return sorted(self._accounts.values(), key=attrgetter("nick"))

    def invites(self) -> dict[str, int]:
        """Invite codes and how often each can still be used."""
        with self._lock:
            return dict(self._invites)

    def conversation(self, conversation: bytes) -> Conversation | None:
        """The conversation with this id, also when it was deleted."""
        with self._lock:
            found = self._logs.get(conversation)
            return found.conversation if found else None

    def conversation_named(self, kind: Kind, name: str) -> Conversation | None:
        """The room or group whose name is the same as ``name``."""
        with self._lock:
            found = self._names.get((kind, fold(name)))
            return found.conversation if found else None

    def head(self, conversation: bytes) -> int:
        """The number of the last entry; 0 for an empty log."""
        with self._lock:
            found = self._logs.get(conversation)
            return found.head if found else 0

    def members(self, conversation: bytes) -> list[bytes]:
        """The account ids of the present members, sorted."""
        with self._lock:
            found = self._logs.get(conversation)
            return found.members if found else []

    def memberships(self, account: bytes) -> list[Membership]:
        """The conversations that the account is a member of, or was when they were deleted."""
        with self._lock:
            found = (known.membership(account) for known in self._logs.values())
            return [membership for membership in found if membership]

    def entries(self, conversation: bytes, account: bytes, after: int) -> list[Entry]:
        """A page of what the account is entitled to, above ``after``."""
        with self._lock:
            found = self._logs.get(conversation)
            return found.page(account, after) if found else []

    def close(self) -> None:
        """Nothing has to be given back."""

    def _apply(self, change: log.Change) -> log.Outcome:
        match change:
            case log.Append():
                return self._append(change)
            case log.Join():
                return self._join(change)
            case log.Create():
                return self._create(change)
            case log.Register():
                return self._register(change)
            case log.SetStatus():
                return self._change_account(change.account, status=change.status)
            case log.SetOperator():
                return self._change_account(change.account, operator=True)
            case log.AddInvite():
                self._invites[change.code] = change.uses
                return None
            case log.Allow():
                self._allowed.add(fold(change.nick))
                return None
        assert_never(change)

    def _register(self, change: log.Register) -> Account | log.Refusal:
        new = change.account
        known = self._accounts.get(new.id)
        if known and rules.is_repeated(known, new):
            return known
        if fold(new.nick) in self._by_nick or skeleton(new.nick) in self._by_skeleton:
            return log.NICK_TAKEN
        if known or new.channel_key in self._by_key:
            return log.KEY_TAKEN
        if change.listed and fold(new.nick) not in self._allowed:
            return log.NOT_LISTED
        if change.code is not None and not self._use_up(change.code):
            return log.NOT_INVITED
        self._keep_account(new)
        return new

    def _use_up(self, code: str) -> bool:
        uses = self._invites.get(code, 0)
        if uses > 1:
            self._invites[code] = uses - 1
        else:
            self._invites.pop(code, None)
        return uses > 0

    def _change_account(self, account: bytes, **fields: object) -> Account | None:
        known = self._accounts.get(account)
        if known is None:
            return None
        changed = replace(known, **fields)
        self._keep_account(changed)
        return changed

    def _keep_account(self, account: Account) -> None:
        self._accounts[account.id] = account
        self._by_nick[fold(account.nick)] = account
        self._by_skeleton[skeleton(account.nick)] = account
        self._by_key[account.channel_key] = account

    def _create(self, change: log.Create) -> Conversation | log.Refusal:
        new = change.conversation
        known = self._logs.get(new.id)
        if known:
            return rules.repeat_create(known.conversation, new, deleted=known.deleted)
        created = _Log(new)
        if new.kind is not Kind.DM:
            name, look = (new.kind, fold(new.name)), (new.kind, skeleton(new.name))
            if name in self._names or look in self._skeletons:
                return log.NAME_TAKEN
            self._names[name] = self._skeletons[look] = created
        self._logs[new.id] = created
        for account in dict.fromkeys(change.members):
            created.begin(account)
        if new.kind is Kind.GROUP:
            created.append(rules.first_entry(change))
        return new

    def _join(self, change: log.Join) -> Membership | log.Refusal | None:
        known = self._open_log(change.conversation)
        if known is None:
            return log.NO_CONVERSATION
        if not known.has_member(change.account):
            if known.conversation.kind is not Kind.ROOM:
                return log.NOT_ALLOWED
            if len(known.members) >= change.limit:
                return log.ROOM_FULL
            known.begin(change.account)
        return known.membership(change.account)

    def _append(self, change: log.Append) -> log.Appended | log.Refusal:
        known = self._logs.get(change.conversation)
        if known is None:
            return log.NO_CONVERSATION
        repeated = known.by_message.get((change.author, change.message_id))
        if repeated:
            return log.Appended(repeated, repeated=True)
        if known.deleted:
            return log.NO_CONVERSATION
        refusal = rules.refuse_append(
            change,
            known.conversation,
            is_member=known.has_member(change.author),
            is_peer_dnd=self._is_peer_dnd(known, change.author),
        )
        if refusal:
            return refusal
        entry = rules.new_entry(change, known.head + 1)
        known.append(entry)
        if change.kind is EntryKind.LEAVE:
            known.end(change.author)
        elif change.kind is EntryKind.DELETE:
            self._delete(known)
        return log.Appended(entry)

    def _is_peer_dnd(self, known: _Log, author: bytes) -> bool:
        if known.conversation.kind is not Kind.DM:
            return False
        peers = (self._accounts.get(account) for account in known.intervals if account != author)
        return any(peer is not None and peer.status is Status.DND for peer in peers)

    def _delete(self, known: _Log) -> None:
        for account in known.members:
            known.end(account)
        known.deleted = True
        del self._names[known.conversation.kind, fold(known.conversation.name)]
        del self._skeletons[known.conversation.kind, skeleton(known.conversation.name)]

    def _open_log(self, conversation: bytes) -> _Log | None:
        found = self._logs.get(conversation)
        return None if found is None or found.deleted else found
