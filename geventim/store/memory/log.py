"""One conversation of the store in memory: its log with the entries, and the states given in it."""

from collections.abc import Collection, Iterator

from geventim.chat.values import Conversation, Entry, EntryKind
from geventim.log.changes import Append, Commit, Expire
from geventim.log.effect import Effect
from geventim.log.expiry import Line, cut
from geventim.log.judge import LogChange
from geventim.log.logs import Log
from geventim.log.outcomes import Appended, Given, Page, Position, Refusal, State
from geventim.log.pages import fill, find_position, spans


class MemoryLog:
    """A conversation with its entries.

    ``writers`` have written messages, ``group_infos`` are those of whom a state is kept.
    """

    def __init__(self, conversation: Conversation, members: Collection[bytes], number: int) -> None:
        self.log = Log.begin(conversation, members, number)
        self.entries: dict[int, Entry] = {}
        self.by_message: dict[tuple[bytes, bytes], Entry] = {}
        self.writers: set[bytes] = set()
        self.group_infos: dict[bytes, bytes] = {}

    @property
    def conversation(self) -> Conversation:
        """What it is now."""
        return self.log.roster.conversation

    @property
    def deleted(self) -> bool:
        """Whether it was deleted."""
        return self.log.roster.deleted

    def state(self, account: bytes) -> State | None:
        """See :meth:`geventim.log.store.Store.state`."""
        for giver in self.log.roster.givers:
            if giver.account == account:
                return State(account, giver.at, self.group_infos[account])
        return None

    def position(self, after: int) -> Position:
        """See :meth:`geventim.log.store.Store.position`."""
        log = self.log
        first = self._between(after - 1, log.seq)
        return find_position(after, log.seq, log.hash, log.floor, lambda: next(first, None))

    def page(self, account: bytes, after: int, most: int) -> Page:
        """See :meth:`geventim.log.store.Store.entries`; it has at most so many."""
        roster = self.log.roster
        intervals = roster.intervals.get(account, ())
        entries = (
            entry
            for span in spans(intervals, after, self.log.seq)
            for entry in self._between(*span)
        )
        return fill(entries, account, present=roster.has_member(account), most=most)

    def apply(self, change: LogChange, *, is_peer_dnd: bool = False) -> Appended | Given | Refusal:
        """What comes of ``change``."""
        repeated = called = None
        if isinstance(change, Append | Commit):
            repeated = self.by_message.get((change.author, change.message_id))
        else:
            called = self.entries.get(change.seq)
        outcome, effect = self.log.judge(
            change, repeated=repeated, is_peer_dnd=is_peer_dnd, called=called
        )
        if effect is not None:
            self._write(effect)
        return outcome

    def expire(self, change: Expire, most: int) -> list[Entry]:
        """Drop at most ``most`` entries; which ones."""
        lines = (
            Line(entry.seq, entry.time, entry.kind, len(entry.payload))
            for entry in self.entries.values()
        )
        found = cut(change, lines, self.log.size, self.log.unneeded, most)
        self.log = self.log.without(found)
        dropped = [self.entries.pop(line.seq) for line in found.lines]
        for entry in dropped:
            del self.by_message[entry.author, entry.message_id]
        return dropped

    def _between(self, after: int, until: int) -> Iterator[Entry]:
        for seq in range(after + 1, until + 1):
            if seq in self.entries:
                yield self.entries[seq]

    def _write(self, effect: Effect) -> None:
        self.log = self.log.applied(effect)
        entry = effect.entry
        if entry is not None:
            self.entries[entry.seq] = entry
            self.by_message[entry.author, entry.message_id] = entry
            if entry.kind is EntryKind.MESSAGE:
                self.writers.add(entry.author)
        if effect.givers is not None:
            self.group_infos[effect.givers[0].account] = effect.group_info
            kept = {giver.account for giver in effect.givers}
            self.group_infos = {each: self.group_infos[each] for each in kept}
