"""Nicks and the keys that own them, who may claim one, and operators."""

from collections.abc import Callable, Iterable
from typing import Any

from geventim.chat.names import OLD, check_name, check_nick, fold
from geventim.chat.replies import Person
from geventim.chat.requests import Login, Register
from geventim.chat.values import Access, Account, Allowance, Sanction, Status, account_id, claim
from geventim.crypto import signature
from geventim.crypto.readable import generate_key
from geventim.errors import AuthenticationError, MisuseError, StoreError
from geventim.log import people
from geventim.log.changes import Change
from geventim.log.outcomes import ACCOUNT_ENDED, NICK_TAKEN, NOT_INVITED, NOT_LISTED, Outcome
from geventim.log.people import (
    AddInvite,
    Allow,
    Invite,
    RemoveInvite,
    SetAllowance,
    SetOperator,
    SetSanction,
    SetStatus,
)
from geventim.service import refusals
from geventim.service.bounds import USUAL, Bounds
from geventim.service.ports import Journal

STANDING_INVITE_USES = 100
"""People whom the invite link that a server prints at its first start lets in."""

STANDING_INVITE_DAYS = 30
"""Days for which it does."""

DAY = 86_400.0


class Accounts:
    """The accounts of the server with the X25519 public key ``server_key``.

    Unless it ``is_alone``, other nodes may change them. ``now`` gives seconds since the epoch.
    """

    def __init__(
        self,
        journal: Journal,
        server_key: bytes,
        access: Access,
        now: Callable[[], float],
        *,
        is_alone: bool,
        bounds: Bounds = USUAL,
    ) -> None:
        self._journal = journal
        self._server_key = server_key
        self._access = access
        self._now = now
        self._people: dict[bytes, Person] = {}
        self._is_alone = is_alone
        self._most = bounds.people
        self._owners: dict[bytes, Account] = {}
        # Those that were seen to change, and those that have ended.
        self._sanctions: dict[bytes, Sanction] = {}

    def log_in(self, request: Login, channel_key: bytes) -> Account:
        """The account that ``channel_key`` owns, if it is the one asked for.

        Whether somebody else has that nick is told only where registering tells it, too. Raises
        :class:`geventim.errors.UserError`: ``nick_taken``, ``unknown_account``, ``banned``,
        ``removed``.
        """
        owned = self._owners.get(channel_key) or self._journal.account_with_key(channel_key)
        if owned is not None:
            self._let_in(owned)
        if owned is not None and fold(owned.nick) == fold(request.nick):
            return owned
        nick = check_name(request.nick)
        tells = self._access is Access.OPEN and self._journal.account_named(nick) is not None
        if owned is not None or tells:
            raise refusals.nick_taken(nick).error()
        raise refusals.unknown_account(nick).error()

    def register(self, request: Register, channel_key: bytes) -> Account:
        """Give a free nick to the owner of an identity key and ``channel_key``.

        Who may not come in does not learn which nicks are free. Raises
        :class:`geventim.errors.UserError`: ``bad_name``, ``bad_signature``, ``not_listed``,
        ``not_invited``, ``nick_taken``, ``banned``, ``removed``.
        """
        nick = check_nick(request.nick)
        claimed = claim(self._server_key, nick, request.identity, channel_key)
        try:
            signature.check_key(request.identity)
            signature.verify(request.identity, claimed, request.signature)
        except AuthenticationError:
            raise refusals.BAD_SIGNATURE.error() from None
        account = Account(account_id(request.identity), nick, request.identity, channel_key)
        outcome = self._commit(
            people.Register(
                account,
                code=request.code if self._access is Access.INVITE else None,
                listed=self._access is Access.ALLOWLIST,
                time=self._now(),
            )
        )
        if isinstance(outcome, Account):
            self._let_in(outcome)
            return outcome
        is_hidden = outcome == NICK_TAKEN and self._access is Access.ALLOWLIST
        if outcome == NOT_LISTED or is_hidden:
            raise refusals.not_listed(nick).error()
        if outcome == NOT_INVITED:
            raise refusals.NOT_INVITED.error()
        raise refusals.nick_taken(nick).error()

    def named(self, nick: str) -> Account:
        """The account of ``nick``; it may have been removed.

        Raises :class:`geventim.errors.UserError`: ``user_not_found``.
        """
        account = self._journal.account_named(nick)
        if account is None:
            raise refusals.user_not_found(nick).error()
        return account

    def reachable(self, nick: str) -> Account:
        """The account of ``nick``, with which something can be begun.

        Raises :class:`geventim.errors.UserError`: ``user_not_found``, ``account_ended``.
        """
        account = self.named(nick)
        if account.sanction.has_ended:
            raise refusals.account_ended(account.nick).error()
        return account

    def all(self) -> list[Account]:
        """Every account, sorted by nick."""
        return self._journal.accounts()

    def set_status(self, account: Account, status: Status) -> Account:
        """The account with another status."""
        return self._change(account, SetStatus(account.id, status))

    def make_operator(self, account: Account, *, operator: bool = True) -> Account:
        """The account as an operator, or as one no longer."""
        return self._change(account, SetOperator(account.id, operator))

    def judge(self, account: Account, sanction: Sanction) -> Account:
        """The account when ``sanction`` holds for it.

        Raises :class:`geventim.errors.UserError`: ``account_ended``.
        """
        return self._change(account, SetSanction(account.id, sanction))

    def allow_more(self, account: Account, allowance: Allowance) -> Account:
        """The account with another allowance."""
        return self._change(account, SetAllowance(account.id, allowance))

    def note(self, account: Account) -> None:
        """An account was changed, here or by another node."""
        # Whoever logs in at this moment may have been looked up before.
        self._sanctions[account.id] = account.sanction
        self._owners.pop(account.channel_key, None)
        self._people.pop(account.id, None)

    def invite(self, uses: int, days: int) -> str:
        """A new invite code for ``uses`` people who come within so many ``days``."""
        code = generate_key()
        self._commit(AddInvite(code, uses, self._now() + days * DAY))
        return code

    def first_invite(self) -> str:
        """A code to print when the server starts, as long as nobody has come by one; or empty."""
        if self._access is not Access.INVITE or self._journal.accounts():
            return ""
        known = next(iter(self.invites()), "")
        return known or self.invite(STANDING_INVITE_USES, STANDING_INVITE_DAYS)

    def invites(self) -> dict[str, Invite]:
        """What invite codes are good for; those whose end has come are forgotten."""
        invites = self._journal.invites()
        ended = [code for code, invite in invites.items() if invite.end <= self._now()]
        self._journal.commit([RemoveInvite(code) for code in ended])
        return {code: invite for code, invite in invites.items() if code not in ended}

    def revoke(self, code: str) -> None:
        """Let nobody come with ``code`` any more.

        Raises :class:`geventim.errors.UserError`: ``no_invite``.
        """
        if code not in self.invites():
            raise refusals.NO_INVITE.error()
        self._commit(RemoveInvite(code))

    def allow(self, nick: str) -> str:
        """Let ``nick`` be claimed. Raises :class:`geventim.errors.UserError`: ``bad_name``."""
        nick = check_nick(nick)
        self._commit(Allow(nick))
        return nick

    def person(self, account: bytes) -> Person:
        """The person of an account id, as others are told."""
        known = self._people.get(account)
        if known is not None:
            return known
        found = self._journal.account(account)
        if found is None:
            raise MisuseError("there is no such account")
        if found.sanction.has_ended:
            self._sanctions[account] = found.sanction
        return self.know(found)

    def know(self, account: Account) -> Person:
        """The person of an account, which need not be looked up soon."""
        _make_room(self._people, self._most)
        person = self._people[account.id] = introduce(account)
        if self._is_alone:
            _make_room(self._owners, self._most)
            self._owners[account.channel_key] = account
        return person

    def check(self, accounts: Iterable[bytes]) -> None:
        """See that there are such accounts.

        Raises :class:`geventim.errors.UserError`: ``unknown_account``.
        """
        for account in accounts:
            try:
                self.person(account)
            except MisuseError:
                raise refusals.NO_ACCOUNT.error() from None

    def has_ended(self, account: bytes) -> bool:
        """Whether an account that was checked has ended."""
        return self._sanctions.get(account, Sanction.NONE).has_ended

    def _let_in(self, account: Account) -> None:
        sanction = self._sanctions.get(account.id, account.sanction)
        if sanction.keeps_out:
            raise refusals.SANCTIONS[sanction].error()

    def _change(
        self,
        account: Account,
        change: SetStatus | SetOperator | SetSanction | SetAllowance,
    ) -> Account:
        # Whoever logs in before the change is known finds it in the store.
        self._owners.pop(account.channel_key, None)
        outcome = self._commit(change)
        if outcome == ACCOUNT_ENDED:
            raise refusals.account_ended(account.nick).error()
        if not isinstance(outcome, Account):
            raise StoreError("an account has vanished")
        self.know(outcome)
        return outcome

    def _commit(self, change: Change) -> Outcome:
        return self._journal.commit([change])[0]


def _make_room(cache: dict[bytes, Any], most: int) -> None:
    if len(cache) >= most:
        del cache[next(iter(cache))]


def introduce(account: Account) -> Person:
    """The account as others are told of it."""
    return Person(shown(account), account.id, account.identity)


def shown(account: Account) -> str:
    """What an account is called: somebody else may have the nick of one that was released."""
    is_old = account.sanction is Sanction.RELEASED
    return account.nick + OLD if is_old else account.nick
