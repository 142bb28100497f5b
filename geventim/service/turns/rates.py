"""How long an account has to wait for its next turn in a conversation, by what it did with others.

A commit that closes the conversation for others, so that they ask for help, costs its author time;
so does a turn that passes without a commit. What happened is remembered for an hour, in memory.
While most ask nobody waits for long to get in anew: there are few left to be shut out.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from geventim.chat.values import Purpose
from geventim.service.people.presence import Connected
from geventim.service.ports import Journal, Timers

HOUR: Final = 3600.0
"""Seconds for which it is remembered."""

TIDYING: Final = 60.0
"""Seconds between two times at which what was before is looked for and forgotten."""

AT_ONCE: Final = 60.0
"""Seconds after a commit in which asking for help is laid at its door."""

RECENT: Final = 1_024
"""Commits of a conversation to which asking may refer."""

LEAST_SHARE: Final = 0.1
"""The share of members who ask, below which it costs nothing."""

FIRST_COST: Final = 10.0
MOST_COST: Final = 600.0
"""Seconds that being asked about costs at first, doubled each time, and at most."""

MOST_SHARED: Final = 4.0
"""Seconds that it costs accounts at most which have only in common that they wrote nothing.

With what it takes to get in then, one of them keeps somebody new waiting for less than five.
"""

MOST_ASK: Final = 0.5
"""The share of members who ask of late, from which on the conversation is shut to most."""

LATELY: Final = 2.0
"""Seconds after asking in which somebody counts as still shut out; one asks twice a second."""

MOST_SHUT: Final = 3.0
"""Seconds after the commit that has shut it, beyond which nobody's cost keeps them from getting in
anew."""

FIRST_PRICE: Final = 5.0
MOST_PRICE: Final = 60.0
"""Seconds that an unused turn costs at first, doubled each time, and at most."""

EXTERNAL: Final = 10.0
"""Seconds between two commits from outside by one account."""

RECURRENCE: Final = 60.0
"""Seconds after a re-entry in which another one of the account does not go before others."""

SOON: Final = 1.0
"""Seconds to the next one, if others have called what it wrote void."""

EXCUSED: Final = 3
"""How often that is so, until the account has done nothing there for an hour."""

BURST: Final = 8
"""Commits that an account makes in as many seconds at most."""


@dataclass(slots=True)
class _Commit:
    """What ``author`` has put into the log at ``time``.

    ``askers`` has when each asked for help last, ``asked`` when the last of them did. ``others``
    were connected besides the author. It is ``shared`` by all who had written nothing if its author
    had not.
    """

    author: bytes
    time: float
    askers: dict[bytes, float] = field(default_factory=dict)
    asked: float = -math.inf
    others: int = 0
    shared: bool = False

    @property
    def share(self) -> float:
        """Which part of the others asks, if it is one that counts."""
        share = min(1.0, len(self.askers) / max(self.others, 1))
        return share if share >= LEAST_SHARE else 0.0

    @property
    def last(self) -> float:
        """When it was made, or asked about last."""
        return max(self.time, self.asked)

    def shuts(self, now: float) -> bool:
        """Whether most of the others still ask for help with it."""
        since = now - LATELY
        if self.asked <= since or not self.others:
            return False
        return sum(time > since for time in self.askers.values()) >= MOST_ASK * self.others


@dataclass(slots=True)
class _Deeds:
    """What one account did in a conversation: its last commits, and turns ``passed`` since.

    ``excused``: how often it was let in again soon.
    """

    commits: deque[float] = field(default_factory=lambda: deque(maxlen=BURST))
    external: float = -math.inf
    reentered: float = -math.inf
    passed: int = 0
    passed_at: float = -math.inf
    excused: int = 0

    @property
    def last(self) -> float:
        """When it did the last of it."""
        return max(self.external, self.passed_at, *self.commits)


@dataclass(slots=True)
class _Memory:
    """What is remembered of a conversation; at ``tidied`` it was last seen to be needed still."""

    tidied: float
    recent: dict[int, _Commit] = field(default_factory=dict)
    charged: list[_Commit] = field(default_factory=list)
    deeds: dict[bytes, _Deeds] = field(default_factory=dict)

    def note(self, seq: int, commit: _Commit) -> None:
        """Remember a commit, of which asking may be about the latest only."""
        self.recent[seq] = commit
        if len(self.recent) > RECENT:
            del self.recent[next(iter(self.recent))]

    def tidy(self, now: float) -> None:
        """Forget what was an hour ago. In between, nobody pays for how many there are."""
        if now - self.tidied < TIDYING:
            return
        self.tidied = now
        self.charged = [commit for commit in self.charged if commit.time > now - HOUR]
        for account in [each for each, deeds in self.deeds.items() if deeds.last <= now - HOUR]:
            del self.deeds[account]
        for seq in [seq for seq, commit in self.recent.items() if commit.last <= now - AT_ONCE]:
            del self.recent[seq]


class Rates:
    """Remembers what accounts did, and tells what that costs."""

    def __init__(self, journal: Journal, timers: Timers, connected: Connected) -> None:
        self._journal = journal
        self._timers = timers
        self._connected = connected
        self._memories: dict[bytes, _Memory] = {}
        self._looked = timers.now()

    def note_commit(self, conversation: bytes, seq: int, author: bytes) -> None:
        """A commit is in the log; turns that its author let pass are forgotten."""
        memory = self._remember(conversation)
        now = self._timers.now()
        memory.note(seq, _Commit(author, now))
        deeds = memory.deeds.setdefault(author, _Deeds())
        deeds.commits.append(now)
        deeds.passed = 0

    def note_purpose(self, conversation: bytes, account: bytes, purpose: Purpose) -> None:
        """What the commit of ``account`` was made for."""
        if purpose in {Purpose.JOIN, Purpose.REENTER}:
            deeds = self._remember(conversation).deeds.setdefault(account, _Deeds())
            deeds.external = self._timers.now()
            if purpose is Purpose.REENTER:
                deeds.reentered = deeds.external

    def note_void(self, conversation: bytes, account: bytes) -> None:
        """Others say that ``account`` is not where they are: it may come again soon."""
        memory = self._memories.get(conversation)
        deeds = memory.deeds.get(account) if memory else None
        soon = self._timers.now() - EXTERNAL + SOON
        if deeds is not None and deeds.external > soon and deeds.excused < EXCUSED:
            deeds.excused += 1
            deeds.external = soon

    def note_passed(self, conversation: bytes, account: bytes) -> None:
        """A turn has passed without a commit."""
        deeds = self._remember(conversation).deeds.setdefault(account, _Deeds())
        deeds.passed += 1
        deeds.passed_at = self._timers.now()

    def note_ask(self, conversation: bytes, account: bytes, seq: int) -> None:
        """``account`` asks for help with what the commit ``seq`` has closed.

        This may wait, and raises :class:`geventim.errors.StoreError`.
        """
        memory = self._memories.get(conversation)
        commit = memory.recent.get(seq) if memory else None
        if memory is None or commit is None or account == commit.author:
            return
        now = self._timers.now()
        if account in commit.askers:
            commit.askers[account] = commit.asked = now
            return
        if commit.time <= now - AT_ONCE:
            return
        if not commit.askers:
            members = self._journal.members(conversation)
            others = [each for each in members if each != commit.author]
            commit.others = sum(map(self._connected.is_connected, others))
            commit.shared = not self._journal.has_written(conversation, commit.author)
        if not commit.askers:  # reading may have taken a while
            memory.charged.append(commit)
        commit.askers[account] = commit.asked = now

    def has_let_pass(self, conversation: bytes, account: bytes) -> bool:
        """Whether the account had a turn of late that passed, and has not committed since."""
        memory = self._memories.get(conversation)
        deeds = memory.deeds.get(account) if memory else None
        since = self._timers.now() - HOUR
        return deeds is not None and deeds.passed > 0 and deeds.passed_at > since

    def has_reentered(self, conversation: bytes, account: bytes) -> bool:
        """Whether the account has got in anew of late."""
        memory = self._memories.get(conversation)
        deeds = memory.deeds.get(account) if memory else None
        return deeds is not None and deeds.reentered > self._timers.now() - RECURRENCE

    def burden(self, conversation: bytes, account: bytes) -> int:
        """What the account has been asked about in the last hour, in thirds of all the others."""
        memory = self._memories.get(conversation)
        since = self._timers.now() - HOUR
        charged = memory.charged if memory else []
        return _count([each for each in charged if each.author == account and each.time > since])

    def earliest(
        self, conversation: bytes, account: bytes, purpose: Purpose, *, has_written: bool
    ) -> float:
        """When the account may have a turn for ``purpose``, in seconds since the epoch.

        ``has_written`` says that a message of it was accepted there; all others have one budget
        between them to join, besides each its own. Who was shut out gets back in by its own.
        """
        memory = self._memories.get(conversation)
        if memory is None:
            return 0.0
        now = self._timers.now()
        charged = [commit for commit in memory.charged if commit.time > now - HOUR]
        cost = _cost([commit for commit in charged if commit.author == account])
        if cost > now and purpose is Purpose.REENTER:
            cost = min([cost, *(each.time + MOST_SHUT for each in charged if each.shuts(now))])
        times = [cost]
        if not has_written and purpose is Purpose.JOIN:
            shared = [commit for commit in charged if commit.shared]
            times.append(_cost(shared, MOST_SHARED))
        deeds = memory.deeds.get(account)
        if deeds is not None:
            if deeds.passed:
                times.append(deeds.passed_at + _doubled(FIRST_PRICE, deeds.passed, MOST_PRICE))
            if purpose in {Purpose.JOIN, Purpose.REENTER}:
                times.append(deeds.external + EXTERNAL)
            if len(deeds.commits) == BURST:
                times.append(deeds.commits[0] + BURST)
        return max(times)

    def _remember(self, conversation: bytes) -> _Memory:
        now = self._timers.now()
        if now - self._looked > HOUR:
            self._looked = now
            for memory in self._memories.values():
                memory.tidy(now)
            self._memories = {
                each: memory for each, memory in self._memories.items() if memory.deeds
            }
        memory = self._memories.setdefault(conversation, _Memory(now))
        memory.tidy(now)
        return memory


def _cost(commits: list[_Commit], most: float = MOST_COST) -> float:
    """Until when their author has to wait, who has made ``commits`` in the last hour.

    That is ``most`` seconds after the last of them at most.
    """
    count = _count(commits)
    if not count:
        return 0.0
    last = max(commit.time for commit in commits if commit.share)
    return last + _doubled(FIRST_COST, count, most)


def _count(commits: list[_Commit]) -> int:
    """By how many doublings ``commits`` are paid for, and one."""
    # What is added up is not exact.
    return math.ceil(3 * sum(commit.share for commit in commits) - 1e-9)


def _doubled(first: float, count: int, most: float) -> float:
    """``first`` seconds, doubled for each of ``count`` after the first one; ``most`` at most."""
    return min(first * 2.0 ** min(count - 1, 10), most)
