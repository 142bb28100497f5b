"""What one account can make the server keep, and what others can make it a member of.

Commits, leaves and deletes never count: whoever is at a quota can still be removed, leave, and have
fresh keys.
"""

from dataclasses import dataclass
from typing import Final

from geventim.chat.limits import ENTRY_SIZE
from geventim.chat.values import Account, Allowance
from geventim.service import refusals
from geventim.service.bounds import USUAL, Bounds
from geventim.service.people.accounts import Accounts
from geventim.service.ports import Journal


@dataclass(frozen=True, slots=True)
class Quotas:
    """The bounds for each account.

    ``stored`` is in bytes of messages that it wrote and that have not expired; ``created`` counts
    rooms and groups that were not deleted; ``places`` are conversations, from which number on
    nobody else adds it to another one; ``files`` is in bytes of files.
    """

    stored: int = 256 * 1024 * 1024
    created: int = 200
    places: int = 1_000
    files: int = 4 * 1024**3


DEFAULT: Final = Quotas()


class Allotments:
    """Holds accounts to their ``quotas``; with none, everything is allowed.

    What is kept is counted by the store. How much an account has stored is asked for once, and
    again when that seems to be too much: something may have expired.
    """

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        quotas: Quotas | None,
        bounds: Bounds = USUAL,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._quotas = quotas
        self._stored: dict[bytes, int] = {}
        self._most = bounds.stored

    def store(self, author: Account, size: int) -> None:
        """Let ``author`` write a message of ``size`` bytes.

        Raises :class:`geventim.errors.UserError`: ``quota_stored``.
        """
        if self._quotas is None:
            return
        most = author.allowance.stored
        if most is None:
            most = self._quotas.stored
        account = author.id
        size += ENTRY_SIZE
        stored = self._stored.get(account)
        if stored is None or stored + size > most:
            stored = self._journal.usage(account).stored
        if stored + size > most:
            self.forget(account)
            raise refusals.quota_stored(most).error()
        if len(self._stored) >= self._most and account not in self._stored:
            del self._stored[next(iter(self._stored))]
        self._stored[account] = stored + size

    def forget(self, account: bytes) -> None:
        """The account may write elsewhere from now on."""
        self._stored.pop(account, None)

    def bound(self, allowance: Allowance) -> Allowance:
        """What whoever has this ``allowance`` may have kept; None is without end."""
        if self._quotas is None:
            return Allowance()
        stored, created, files = allowance.stored, allowance.created, allowance.files
        return Allowance(
            self._quotas.stored if stored is None else stored,
            self._quotas.created if created is None else created,
            self._quotas.files if files is None else files,
        )

    def place(self, accounts: tuple[bytes, ...]) -> None:
        """Let ``accounts`` be added to a conversation by somebody else.

        Raises :class:`geventim.errors.UserError`: ``quota_places``.
        """
        if self._quotas is None or not accounts:
            return
        crowded = self._journal.crowded(accounts, self._quotas.places)
        if crowded:
            nicks = [self._accounts.person(account).nick for account in crowded]
            raise refusals.quota_places(nicks, self._quotas.places).error()
