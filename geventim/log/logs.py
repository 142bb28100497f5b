"""A log as a value: its end, who is and was a member, and who gave a state; all but its entries."""

from collections.abc import Collection
from dataclasses import replace as change_fields

from msgspec import Struct
from msgspec.structs import replace

from geventim.chat.values import Conversation, Entry, EntryKind, Kind, Membership, first_hash
from geventim.log.changes import Append
from geventim.log.effect import Effect, Giver
from geventim.log.entries import size_of
from geventim.log.expiry import Cut
from geventim.log.judge import Judgement, LogChange, Standing, judge, named
from geventim.log.outcomes import Head
from geventim.log.pages import Interval


class Roster(Struct, array_like=True, frozen=True):
    """What a conversation is, who is and was a member, its last commit, and who gave a state.

    ``number`` is its place in the order of creation.
    """

    number: int
    conversation: Conversation
    deleted: bool
    intervals: dict[bytes, tuple[Interval, ...]]
    commit: int
    givers: list[Giver]

    @property
    def members(self) -> list[bytes]:
        """The present members, sorted."""
        return sorted(account for account in self.intervals if self.has_member(account))

    def has_member(self, account: bytes) -> bool:
        """Whether the account is a member now."""
        intervals = self.intervals.get(account)
        return intervals is not None and intervals[-1].until is None

    def applied(self, effect: Effect) -> "Roster":
        """The roster after ``effect``: the same one if that changes nothing of it."""
        is_changed = effect.joined or effect.gone or effect.deleted or effect.givers is not None
        if not is_changed:
            return self
        intervals = dict(self.intervals)
        if effect.entry is not None:
            seq = effect.entry.seq
            for account in effect.gone:
                *earlier, last = intervals[account]
                ended = change_fields(last, until=seq, is_left=effect.is_left)
                intervals[account] = (*earlier, ended)
            for account in effect.joined:
                intervals[account] = (*intervals.get(account, ()), Interval(seq - 1))
        return replace(
            self,
            conversation=effect.conversation,
            deleted=effect.deleted,
            intervals=intervals,
            commit=effect.commit,
            givers=self.givers if effect.givers is None else effect.givers,
        )


class Log(Struct, frozen=True):
    """A log without its entries.

    ``seq`` and ``hash`` are those of the last one. There are so many ``members``. Messages up to
    ``floor`` have expired, those that are left have ``size`` bytes.
    """

    roster: Roster
    members: int
    seq: int
    hash: bytes
    size: int = 0
    floor: int = 0

    @classmethod
    def begin(cls, conversation: Conversation, members: Collection[bytes], number: int) -> "Log":
        """The empty log of a new conversation."""
        intervals: dict[bytes, tuple[Interval, ...]] = dict.fromkeys(members, (Interval(0),))
        roster = Roster(number, conversation, False, intervals, 0, [])
        return cls(roster, len(intervals), 0, first_hash(conversation.incarnation))

    def judge(
        self,
        change: LogChange,
        *,
        repeated: Entry | None = None,
        is_peer_dnd: bool = False,
        called: Entry | None = None,
    ) -> Judgement:
        """What becomes of ``change``; see :class:`.judge.Standing` for what this cannot know."""
        roster, names = self.roster, named(change)
        present = roster.members if names is None else list(filter(roster.has_member, names))
        standing = Standing(
            roster.conversation,
            self.seq,
            self.hash,
            roster.commit,
            self.members,
            roster.deleted,
            present,
            repeated,
            is_peer_dnd,
            roster.givers,
            called,
        )
        return judge(change, standing)

    def applied(self, effect: Effect) -> "Log":
        """The log after ``effect``."""
        roster, entry = self.roster.applied(effect), effect.entry
        if entry is None:
            return replace(self, roster=roster)
        size = self.size + size_of(entry)
        return Log(roster, effect.members, entry.seq, entry.hash, size, self.floor)

    def without(self, cut: Cut) -> "Log":
        """The log when it has let go of ``cut``."""
        floor = self.floor if cut.floor is None else cut.floor
        return replace(self, size=self.size - cut.size, floor=floor)

    @property
    def unneeded(self) -> int:
        """Up to where all present members came later."""
        roster = self.roster
        present = (roster.intervals[account][-1].since for account in roster.members)
        return min(present, default=self.seq)

    def peers(self, change: LogChange) -> list[bytes]:
        """Whose wish not to be disturbed matters to ``change``: the other one of two."""
        roster = self.roster
        if roster.conversation.kind is not Kind.DM or not isinstance(change, Append):
            return []
        if change.kind is not EntryKind.MESSAGE:
            return []
        return [account for account in roster.intervals if account != change.author]

    def head(self) -> Head:
        """See :meth:`geventim.log.store.Store.head`."""
        roster = self.roster
        return Head(
            self.seq, self.hash, roster.commit, self.members, self.floor, deleted=roster.deleted
        )

    def membership(self, account: bytes) -> Membership | None:
        """What the account has of it, unless it left."""
        roster = self.roster
        intervals = roster.intervals.get(account)
        if intervals is None or intervals[-1].is_left:
            return None
        last = intervals[-1]
        is_present = last.until is None
        peer = None
        if roster.conversation.kind is Kind.DM:
            peer = next((other for other in roster.intervals if other != account), None)
        until = self.seq if last.until is None else last.until
        return Membership(roster.conversation, last.since, until, self.members, is_present, peer)
