"""One conversation of the store in memory: its log, its members, and the states they gave."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from msgspec.structs import replace as change_struct

from geventim.chat import limits
from geventim.chat.values import Conversation, Entry, EntryKind, Kind, Membership, first_hash
from geventim.log.changes import Append, Commit, Expire, GiveState
from geventim.log.outcomes import (
    NO_CONVERSATION,
    NO_TURN,
    STALE_HEAD,
    Appended,
    Given,
    Head,
    Page,
    Position,
    Refusal,
    State,
)
from geventim.store import rules


@dataclass(slots=True)
class Interval:
    """Entitles to the entries above ``since``, up to ``until``; None while it lasts."""

    since: int
    until: int | None = None
    is_left: bool = False


@dataclass(slots=True)
class MemoryLog:
    """A conversation with its entries and everyone who ever was a member.

    ``seq`` and ``hash`` are those of the last entry, ``commit`` is the last commit. Messages up to
    ``floor`` have expired, those that are left have ``size`` bytes. ``writers`` have written some.
    """

    conversation: Conversation
    deleted: bool = False
    seq: int = 0
    hash: bytes = b""
    commit: int = 0
    size: int = 0
    floor: int = 0
    entries: dict[int, Entry] = field(default_factory=dict)
    by_message: dict[tuple[bytes, bytes], Entry] = field(default_factory=dict)
    intervals: dict[bytes, list[Interval]] = field(default_factory=dict)
    writers: set[bytes] = field(default_factory=set)
    givers: list[rules.Giver] = field(default_factory=list)
    group_infos: dict[bytes, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hash = first_hash(self.conversation.incarnation)

    @property
    def members(self) -> list[bytes]:
        """The present members, sorted."""
        return sorted(account for account in self.intervals if self.has_member(account))

    def has_member(self, account: bytes) -> bool:
        """Whether the account is a member now."""
        intervals = self.intervals.get(account)
        return intervals is not None and intervals[-1].until is None

    def begin(self, account: bytes, since: int) -> None:
        """Make the account a member."""
        self.intervals.setdefault(account, []).append(Interval(since))

    def end(self, account: bytes, until: int, *, is_left: bool = False) -> None:
        """Let the account be a member no longer."""
        last = self.intervals[account][-1]
        last.until = until
        last.is_left = is_left

    def membership(self, account: bytes) -> Membership | None:
        """What the account has of it, unless it left."""
        intervals = self.intervals.get(account)
        if intervals is None or intervals[-1].is_left:
            return None
        last = intervals[-1]
        is_present = last.until is None
        peer = None
        if self.conversation.kind is Kind.DM:
            peer = next((other for other in self.intervals if other != account), None)
        until = self.seq if last.until is None else last.until
        members = len(self.members)
        return Membership(self.conversation, last.since, until, members, is_present, peer)

    def head(self) -> Head:
        """See :meth:`geventim.log.store.Store.head`."""
        members = len(self.members)
        return Head(self.seq, self.hash, self.commit, members, self.floor, deleted=self.deleted)

    def state(self, account: bytes) -> State | None:
        """See :meth:`geventim.log.store.Store.state`."""
        for giver in self.givers:
            if giver.account == account:
                return State(account, giver.at, self.group_infos[account])
        return None

    def position(self, after: int) -> Position:
        """See :meth:`geventim.log.store.Store.position`."""
        if after in self.entries:
            return Position(after, self.entries[after].hash, self.seq, self.floor)
        for entry in self._between(after, self.seq):
            return Position(entry.seq - 1, entry.previous, self.seq, self.floor)
        return Position(self.seq, self.hash, self.seq, self.floor)

    def page(self, account: bytes, after: int) -> Page:
        """See :meth:`geventim.log.store.Store.entries`."""
        page: list[Entry] = []
        size = 0
        for entry in self._entitled(account, after):
            shown = rules.shown_to(entry, account)
            size += len(shown.payload) + len(shown.welcome)
            if page and (len(page) == limits.PAGE_ENTRIES or size > limits.PAGE_SIZE):
                break
            page.append(shown)
        return Page(tuple(page), self.has_member(account))

    def _entitled(self, account: bytes, after: int) -> Iterator[Entry]:
        for interval in self.intervals.get(account, ()):
            until = self.seq if interval.until is None else interval.until
            yield from self._between(max(after, interval.since), until)

    def _between(self, after: int, until: int) -> Iterator[Entry]:
        for seq in range(after + 1, until + 1):
            if seq in self.entries:
                yield self.entries[seq]

    def append(self, change: Append | Commit) -> Entry:
        """Put the entry that ``change`` makes at the end."""
        entry = rules.new_entry(change, self.seq + 1, self.hash)
        self.entries[entry.seq] = entry
        self.by_message[entry.author, entry.message_id] = entry
        self.seq, self.hash = entry.seq, entry.hash
        if entry.kind is EntryKind.MESSAGE:
            self.size += len(entry.payload)
            self.writers.add(entry.author)
        return entry

    def apply(self, change: Append, *, is_peer_dnd: bool) -> Appended | Refusal:
        """Append what is no commit, unless something speaks against it."""
        refusal = rules.refuse_append(
            change,
            self.conversation,
            is_member=self.has_member(change.author),
            is_alone=rules.is_alone(self.conversation, lambda: len(self.members)),
            is_peer_dnd=is_peer_dnd,
        )
        if refusal:
            return refusal
        if change.kind is EntryKind.MESSAGE:
            if change.head != self.commit:
                return STALE_HEAD
            return Appended(self.append(change))
        self.deleted = change.kind is EntryKind.DELETE
        gone = tuple(self.members) if self.deleted else (change.author,)
        entry = self.append(change)
        for account in gone:
            self.end(account, entry.seq, is_left=change.kind is EntryKind.LEAVE)
        ended = self.conversation if self.deleted else None
        return Appended(entry, gone=gone, conversation=ended)

    def apply_commit(self, change: Commit) -> Appended | Refusal:
        """Append a commit, unless something speaks against it."""
        if not change.turn:
            return NO_TURN
        if change.head != self.commit:
            return STALE_HEAD
        count = len(self.members)
        effect = rules.judge_commit(change, self.conversation, self.has_member, count)
        if isinstance(effect, Refusal):
            return effect
        entry = self.append(change)
        self.commit = entry.seq
        self._keep(change.author, change.group_info)
        if change.gate is not None:
            self.conversation = change_struct(self.conversation, gate=change.gate)
        for account in effect.gone:
            self.end(account, entry.seq)
        for account in effect.joined:
            self.begin(account, entry.seq - 1)
        return Appended(
            entry,
            joined=tuple((account, entry.seq - 1) for account in sorted(effect.joined)),
            gone=tuple(sorted(effect.gone)),
            conversation=self.conversation,
            members=len(self.members),
        )

    def give(self, change: GiveState, called: Entry | None) -> Given | Refusal:
        """Keep a state, unless something speaks against it; ``called`` is the entry in question."""
        if self.deleted:
            return NO_CONVERSATION
        is_member = self.has_member(change.account)
        outcome = rules.judge_state(change, is_member=is_member, head=self.commit, called=called)
        if isinstance(outcome, Given):
            if rules.has_called(self.givers, change):
                return change_struct(outcome, repeated=True)
            self._keep(change.account, change.group_info, change.seq)
        return outcome

    def _keep(self, account: bytes, group_info: bytes, called: int = 0) -> None:
        self.givers = rules.give(self.givers, account, self.commit, called)
        self.group_infos[account] = group_info
        kept = {giver.account for giver in self.givers}
        self.group_infos = {each: info for each, info in self.group_infos.items() if each in kept}

    def expire(self, change: Expire, most: int) -> int:
        """Drop at most ``most`` entries; how many were."""
        present = [self.intervals[account][-1].since for account in self.members]
        lines = (
            rules.Line(entry.seq, entry.time, entry.kind, len(entry.payload))
            for entry in list(self.entries.values())
        )
        found = rules.expired(lines, change, self.size, min(present, default=self.seq))
        dropped = list(islice(found, most))
        for line in dropped:
            entry = self.entries.pop(line.seq)
            del self.by_message[entry.author, entry.message_id]
            if line.kind is EntryKind.MESSAGE:
                self.size -= line.size
                self.floor = line.seq
        return len(dropped)
