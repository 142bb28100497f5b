"""One conversation of the store in memory: its log, its members, and what may be built on."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from msgspec.structs import replace as change_struct

from geventim.chat import limits, log
from geventim.chat.values import Conversation, Entry, EntryKind, Kind, Membership, first_hash
from geventim.store import heads, rules


@dataclass(slots=True)
class Interval:
    """Entitles to the entries above ``since``, up to ``until``; None while it lasts."""

    since: int
    until: int | None = None
    is_left: bool = False


@dataclass(slots=True)
class MemoryLog:
    """A conversation with its entries and everyone who ever was a member.

    ``seq`` and ``hash`` are those of the last entry. Messages up to ``floor`` have expired, those
    that are left have ``size`` bytes.
    """

    conversation: Conversation
    deleted: bool = False
    seq: int = 0
    hash: bytes = b""
    size: int = 0
    floor: int = 0
    entries: dict[int, Entry] = field(default_factory=dict)
    by_message: dict[tuple[bytes, bytes], Entry] = field(default_factory=dict)
    intervals: dict[bytes, list[Interval]] = field(default_factory=dict)
    tips: heads.Tips = ()
    group_infos: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hash = first_hash(self.conversation.incarnation)
        self.tips = [heads.Tip(0, gate=self.conversation.gate)]

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

    def reopen(self, account: bytes, head: int) -> int:
        """Let the membership that the account had at ``head`` go on until now; its since."""
        intervals = self.intervals[account]
        while len(intervals) > 1 and (intervals[-2].until or 0) > head:
            intervals.pop()
        intervals[-1].until = None
        return intervals[-1].since

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

    def head(self) -> log.Head:
        """See :meth:`geventim.chat.log.Store.head`."""
        commit = heads.in_use(self.tips).seq
        group_info = self.group_infos.get(commit, b"")
        members = len(self.members)
        return log.Head(
            self.seq, self.hash, commit, group_info, members, self.floor, deleted=self.deleted
        )

    def position(self, after: int) -> log.Position:
        """See :meth:`geventim.chat.log.Store.position`."""
        if after in self.entries:
            return log.Position(after, self.entries[after].hash, self.seq, self.floor)
        for entry in self._between(after, self.seq):
            return log.Position(entry.seq - 1, entry.previous, self.seq, self.floor)
        return log.Position(self.seq, self.hash, self.seq, self.floor)

    def page(self, account: bytes, after: int) -> log.Page:
        """See :meth:`geventim.chat.log.Store.entries`."""
        page: list[Entry] = []
        size = 0
        for entry in self._entitled(account, after):
            shown = rules.shown_to(entry, account)
            size += len(shown.payload) + len(shown.welcome)
            if page and (len(page) == limits.PAGE_ENTRIES or size > limits.PAGE_SIZE):
                break
            page.append(shown)
        return log.Page(tuple(page), self.has_member(account))

    def _entitled(self, account: bytes, after: int) -> Iterator[Entry]:
        for interval in self.intervals.get(account, ()):
            until = self.seq if interval.until is None else interval.until
            yield from self._between(max(after, interval.since), until)

    def _between(self, after: int, until: int) -> Iterator[Entry]:
        for seq in range(after + 1, until + 1):
            if seq in self.entries:
                yield self.entries[seq]

    def append(self, change: log.Append | log.Commit) -> Entry:
        """Put the entry that ``change`` makes at the end."""
        entry = rules.new_entry(change, self.seq + 1, self.hash)
        self.entries[entry.seq] = entry
        self.by_message[entry.author, entry.message_id] = entry
        self.seq, self.hash = entry.seq, entry.hash
        if entry.kind is EntryKind.MESSAGE:
            self.size += len(entry.payload)
        return entry

    def apply(self, change: log.Append, *, is_peer_dnd: bool) -> log.Appended | log.Refusal:
        """Append what is no commit, unless something speaks against it."""
        refusal = rules.refuse_append(
            change,
            self.conversation,
            is_member=self.has_member(change.author),
            is_peer_dnd=is_peer_dnd,
        )
        if refusal:
            return refusal
        if change.kind is EntryKind.MESSAGE:
            return self._write(change)
        gone = (change.author,) if change.kind is EntryKind.LEAVE else tuple(self.members)
        entry = self.append(change)
        if change.kind is EntryKind.LEAVE:
            self._leave(change.author)
        else:
            self._delete()
        return log.Appended(entry, gone=gone)

    def _write(self, change: log.Append) -> log.Appended | log.Refusal:
        """Append a message, if what it builds on may be built on."""
        refusal = heads.refuse(self.tips, change.author, change.head)
        if refusal:
            return refusal
        dropped = heads.dropped(self.tips, change.head)
        undoing = heads.undo(dropped)
        if change.author in undoing.ousted:
            return log.NOT_A_MEMBER
        self._keep(heads.kept(self.tips, change.author, change.head))
        entry = self.append(change)
        if not dropped:
            return log.Appended(entry)
        return self._take_effect(entry, undoing, rules.Effect((), ()))

    def commit(self, change: log.Commit) -> log.Appended | log.Refusal:
        """Append a commit, unless something speaks against it."""
        if not change.turn:
            return log.NO_TURN
        refusal = heads.refuse(self.tips, change.author, change.head)
        if refusal:
            return refusal
        kept = heads.kept(self.tips, change.author, change.head)
        undoing = heads.undo(heads.dropped(self.tips, change.head))
        effect = rules.judge_commit(
            change,
            change_struct(self.conversation, gate=kept[-1].gate),
            rules.Members(self.has_member, len(self.members), undoing),
        )
        if isinstance(effect, log.Refusal):
            return effect
        entry = self.append(change)
        gate = kept[-1].gate if change.gate is None else change.gate
        tip = heads.Tip(entry.seq, change.author, effect.joined, effect.gone, gate)
        self.group_infos[entry.seq] = change.group_info
        self._keep([tip] if self.conversation.kind is Kind.DM else [*kept, tip])
        return self._take_effect(entry, undoing, effect)

    def contest(self, change: log.Contest) -> log.Refusal | None:
        """Let a commit be contested, if it still can be."""
        if self.deleted:
            return log.NO_CONVERSATION
        is_member = self.has_member(change.account)
        refusal = rules.refuse_contest(self.conversation, is_member=is_member)
        if refusal:
            return refusal
        tips = heads.contest(self.tips, change.account, change.seq)
        if tips is None:
            return log.STALE_HEAD
        self.tips = tips
        return None

    def _keep(self, tips: heads.Tips) -> None:
        self.tips = tips
        seqs = {tip.seq for tip in tips}
        self.group_infos = {seq: info for seq, info in self.group_infos.items() if seq in seqs}
        self.conversation = change_struct(self.conversation, gate=tips[-1].gate)

    def _take_effect(
        self, entry: Entry, undoing: heads.Undoing, effect: rules.Effect
    ) -> log.Appended:
        """Change the membership as ``entry`` demands, which has taken something back or not."""
        ousted = set(filter(self.has_member, undoing.ousted.difference(effect.joined)))
        for account in ousted:
            self.end(account, entry.seq)
        joined = {account: self.reopen(account, entry.head) for account in undoing.restored}
        for account in effect.gone:
            self.end(account, entry.seq)
            joined.pop(account, None)
        for account in effect.joined:
            if not self.has_member(account):
                self.begin(account, entry.seq - 1)
                joined[account] = entry.seq - 1
        return log.Appended(
            entry,
            joined=tuple(sorted(joined.items())),
            gone=tuple(sorted(ousted.union(effect.gone))),
            conversation=self.conversation,
            members=len(self.members),
        )

    def _delete(self) -> None:
        """The last entry has ended it."""
        for account in self.members:
            self.end(account, self.seq)
        self.deleted = True

    def _leave(self, account: bytes) -> None:
        """The account has gone by itself with the last entry, which no commit can take back."""
        self.end(account, self.seq, is_left=True)
        self.tips = [
            replace(
                tip,
                joined=tuple(each for each in tip.joined if each != account),
                gone=tuple(each for each in tip.gone if each != account),
            )
            for tip in self.tips
        ]

    def expire(self, change: log.Expire, most: int) -> int:
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
