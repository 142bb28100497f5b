"""What one account may ask for in a while.

A budget is spent by asking and comes back with time. Who has spent it is refused, and everything
that draws on it with it, until the time that the refusal has named: so what was refused together is
asked again together, in its order. What a request costs is bounded by what it makes the server do,
such as the names to be looked up, not by how it is answered.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.codec import Malformed
from geventim.service.feed import Pace
from geventim.service.sessions import Session

LEAST_WAIT: Final = 1.0
"""Seconds for which an account is refused at least: time for what is on its way to arrive."""

MOST_WAIT: Final = 60.0
"""Seconds for which it is refused at most, also when the clock was set back."""

REMEMBERED: Final = 65_536
"""Budgets in memory; when there are so many, those that were drawn on last stay."""

FULL: Final = 3_600.0
"""Seconds after which a budget counts as full."""

Request = ask.AnyRequest | Malformed


@dataclass(frozen=True, slots=True)
class Budget:
    """``burst`` at once, and ``rate`` a second after that."""

    burst: float
    rate: float


@dataclass(frozen=True, slots=True)
class Budgets:
    """What an account may spend: ``size`` is in bytes of payload, ``names`` is in names looked up.

    ``registrations`` are an address's, where anybody may register. ``creations`` are rooms and
    groups, ``additions`` commits that add somebody else, ``pages`` those of the lists of
    conversations and of rooms, ``subscriptions`` those beyond the first of each conversation in a
    session, ``chunks`` are put or got, ``files`` begun, finished, asked about or deleted;
    ``changes`` turns and commits, ``states`` what is given to newcomers, of which each 64 KiB
    count as one more; ``odd`` is what is no request. ``kept`` is in bytes of commits and states,
    which are kept whatever the quotas say: over a day, it makes them slow.
    """

    registrations: Budget = Budget(30, 0.01)
    logins: Budget = Budget(60, 1.0)
    messages: Budget = Budget(3_000, 100.0)
    size: Budget = Budget(64 * 1024 * 1024, 2 * 1024 * 1024)
    names: Budget = Budget(600, 30.0)
    creations: Budget = Budget(250, 1 / 20)
    additions: Budget = Budget(40, 0.5)
    pages: Budget = Budget(200, 5.0)
    subscriptions: Budget = Budget(200, 10.0)
    changes: Budget = Budget(600, 20.0)
    states: Budget = Budget(300, 5.0)
    kept: Budget = Budget(134_217_728, 3_000)
    asks: Budget = Budget(600, 50.0)
    helps: Budget = Budget(4_000, 500.0)
    claims: Budget = Budget(60, 1.0)
    key_packages: Budget = Budget(30, 0.5)
    statuses: Budget = Budget(5, 0.5)
    listings: Budget = Budget(60, 2.0)
    files: Budget = Budget(3_000, 10.0)
    chunks: Budget = Budget(32_768, 200.0)
    odd: Budget = Budget(100, 10.0)


class Cost(Struct, frozen=True):
    """``amount`` of the budget that is called ``budget``."""

    budget: str
    amount: float = 1.0


@dataclass(slots=True)
class _Purse:
    """What is ``spent`` of one budget, as of ``time``; nobody may ask from ``time`` to ``shut``."""

    spent: float
    time: float
    shut: float = 0.0

    def age(self, now: float, rate: float) -> None:
        """Let what has come back since be there; a clock that was set back brings nothing."""
        self.spent = max(0.0, self.spent - max(0.0, now - self.time) * rate)
        if not self.time <= now < self.shut:
            self.shut = 0.0
        self.time = now


class Spending:
    """What accounts have spent of ``budgets``; with none, nothing is counted.

    ``now`` gives seconds since the epoch.
    """

    def __init__(
        self, budgets: Budgets | None, now: Callable[[], float], most: int = REMEMBERED
    ) -> None:
        self._most = most
        self._budgets = budgets
        self._now = now
        self._purses: dict[tuple[bytes, str], _Purse] = {}

    def spend(self, account: bytes, costs: Iterable[Cost]) -> float:
        """Pay all ``costs``; or else none of them, and return the seconds to wait."""
        if self._budgets is None:
            return 0.0
        now, paid = self._now(), []
        for cost in costs:
            budget: Budget = getattr(self._budgets, cost.budget)
            spent = self._look_up((account, cost.budget), now, budget.rate)
            # What costs more than there can ever be is paid afterwards.
            missing = spent.spent + min(cost.amount, budget.burst) - budget.burst
            if not spent.shut and missing > 0:
                wait = max(missing / budget.rate, LEAST_WAIT)
                spent.shut = now + min(wait, MOST_WAIT)
            if spent.shut:
                return spent.shut - now
            paid.append((spent, cost.amount))
        for spent, amount in paid:
            spent.spent += amount
        return 0.0

    def _look_up(self, key: tuple[bytes, str], now: float, rate: float) -> _Purse:
        found = self._purses.get(key)
        if found is None:
            if len(self._purses) >= self._most:
                self._forget(now)
            found = self._purses[key] = _Purse(0.0, now)
        found.age(now, rate)
        return found

    def _forget(self, now: float) -> None:
        """Let the budgets be full that nobody has drawn on for long, and half of all at least."""
        used = sorted(self._purses.items(), key=lambda item: item[1].time)[self._most // 2 :]
        self._purses = {key: each for key, each in used if each.time > now - FULL}


DEFAULT: Final = Budgets()

ONE: Final = {
    ask.Append: "messages",
    ask.Commit: "changes",
    ask.SignKick: "changes",
    ask.Void: "states",
    ask.Ask: "asks",
    ask.Help: "helps",
    ask.TakeTurn: "changes",
    ask.GiveUpTurn: "changes",
    ask.CreateRoom: "creations",
    ask.CreateGroup: "creations",
    ask.ListConversations: "pages",
    ask.ListRooms: "pages",
    ask.OpenRoom: "names",
    ask.OpenGroup: "names",
    ask.Challenge: "names",
    ask.OpenDm: "names",
    ask.LookUp: "names",
    ask.ClaimKeyPackage: "claims",
    ask.UploadKeyPackages: "key_packages",
    ask.SetStatus: "statuses",
    ask.ListNames: "listings",
    ask.BeginBlob: "files",
    ask.FindBlob: "files",
    ask.FinishBlob: "files",
    ask.DeleteBlob: "files",
    ask.PutChunk: "chunks",
    ask.GetChunk: "chunks",
    Malformed: "odd",
}
"""Of what each request takes one."""

FREE: Final = frozenset({ask.Login, ask.Register, ask.Subscribe, ask.Quit})
"""What draws on nothing by itself: it ends the session, comes before it, or see :func:`costs`."""


def costs(session: Session, request: Request, payload: bytes) -> Iterator[Cost]:
    """What a request of somebody who has logged in costs."""
    budget = ONE.get(type(request))
    if budget is not None:
        yield Cost(budget)
    if payload and not isinstance(request, ask.PutChunk):
        yield Cost("size", len(payload))
    if isinstance(request, ask.Append):
        return
    if isinstance(request, ask.CreateGroup):
        yield Cost("names", 1 + len(request.members))
    elif isinstance(request, ask.Commit) and set(request.added) - {session.account.id}:
        yield Cost("additions")
    elif isinstance(request, ask.Void):
        yield Cost("states", len(payload) // limits.STATE_UNIT)
    if isinstance(request, ask.Commit | ask.Void):
        yield Cost("kept", len(payload) + limits.ENTRY_SIZE)
    elif isinstance(request, ask.Subscribe) and not is_first(session, request):
        yield Cost("subscriptions")


def is_first(session: Session, request: ask.Subscribe) -> bool:
    """Whether it is for a place that the session has been given, and not asked about so far."""
    place = session.places.get(request.conversation)
    return place is not None and place.pace is Pace.SILENT
