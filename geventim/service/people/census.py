"""Who has an account, when they were there last, and what the server keeps for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from geventim.chat.values import Account, Allowance
from geventim.errors import StoreError
from geventim.log.outcomes import Outcome, Usage
from geventim.log.people import NoteSeen, Seen
from geventim.service.people.accounts import Accounts
from geventim.service.people.presence import Connected
from geventim.service.people.quotas import Allotments
from geventim.service.ports import Journal, Timers
from geventim.service.sessions import Session

LEISURE: Final = 5.0
"""Seconds in which it is gathered who was seen, before that is kept."""


@dataclass(frozen=True, slots=True)
class Inhabitant:
    """An account, whether it ``is_connected``, and how it is otherwise.

    ``seen`` is None for one that was never there since that is noted.
    """

    account: Account
    is_connected: bool
    seen: Seen | None
    usage: Usage


class Census:
    """Answers what an operator asks about people."""

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        connected: Connected,
        allotments: Allotments,
        timers: Timers,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._connected = connected
        self._allotments = allotments
        self._timers = timers
        self._noted: dict[bytes, Seen] = {}

    def note(self, session: Session) -> None:
        """Somebody has come, or gone."""
        if not self._noted:
            self._timers.later(LEISURE, self.keep)
        self._noted[session.account.id] = Seen(self._timers.now(), session.nearness)

    def keep(self) -> None:
        """Have kept who was seen."""
        noted, self._noted = self._noted, {}
        for account, seen in noted.items():
            self._journal.submit(NoteSeen(account, seen), _ignore)

    def take(self) -> Iterator[Inhabitant]:
        """Everybody who has an account, sorted by nick."""
        seen = {**self._journal.last_seen(), **self._noted}
        for account in self._accounts.all():
            yield Inhabitant(
                account,
                self._connected.is_connected(account.id),
                seen.get(account.id),
                self._journal.usage(account.id),
            )

    def bound(self, account: Account) -> Allowance:
        """What an account may have kept; None is without end."""
        return self._allotments.bound(account.allowance)

    def usage(self, account: Account) -> Usage:
        """What the server keeps for an account."""
        return self._journal.usage(account.id)


def _ignore(_: Outcome | StoreError) -> None:
    """Nobody waits for it, and the next time it is noted anew."""
