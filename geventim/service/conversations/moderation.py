"""What the operator of the server does about people and conversations.

A server is blind: it stops to deliver and to take, and the members' clients do the rest. What is
decided is on disk before anybody hears of it. Where several steps follow from it, whatever a crash
has left out is done at the next start, or when the same is commanded again.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from geventim.chat.bulletins import AccountChanged
from geventim.chat.replies import Announcement, Dismissed
from geventim.chat.values import Account, Allowance, Conversation, Sanction
from geventim.errors import StoreError
from geventim.log.outcomes import Outcome
from geventim.service import refusals
from geventim.service.conversations.entries import Done, Entries
from geventim.service.people.accounts import Accounts
from geventim.service.people.presence import Connected
from geventim.service.ports import Journal, Neighbours

LEAST_DIGITS: Final = 4
"""Hexadecimal digits of the id of a group that name it."""

ROUNDS: Final = 8
"""How often it is looked whether somebody has become a member while being put out."""


class Moderation:
    """Carries out commands that name people by their nicks.

    ``ended`` is called when an account has ended.
    """

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        connected: Connected,
        entries: Entries,
        neighbours: Neighbours,
        ended: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._connected = connected
        self._entries = entries
        self._neighbours = neighbours
        self._ended = ended

    def judge(self, nick: str, sanction: Sanction) -> Account:
        """Let ``sanction`` hold for the account of ``nick``, at once if it is connected.

        One that ends is put out of all conversations. Raises :class:`geventim.errors.UserError`:
        ``user_not_found``, ``account_ended``.
        """
        account = self._accounts.named(nick)
        judged = self._accounts.judge(account, sanction)
        self.take_up(judged)
        self._neighbours.tell(AccountChanged(judged.id))
        if judged.sanction.has_ended:
            self._put_out(judged)
            self._ended()
        return judged

    def lift(self, nick: str, sanction: Sanction) -> Account:
        """Let ``sanction`` hold for the account of ``nick`` no longer.

        Raises :class:`geventim.errors.UserError`: ``user_not_found``, ``not_sanctioned``.
        """
        account = self._accounts.named(nick)
        if account.sanction is not sanction:
            raise refusals.not_sanctioned(account.nick, sanction).error()
        return self.judge(nick, Sanction.NONE)

    def make_operator(self, nick: str, *, operator: bool = True) -> Account:
        """Make ``nick`` an operator, or one no longer, at once if connected.

        Raises :class:`geventim.errors.UserError`: ``user_not_found``, ``account_ended``.
        """
        account = self._accounts.named(nick)
        if account.sanction.has_ended:
            raise refusals.account_ended(account.nick).error()
        account = self._accounts.make_operator(account, operator=operator)
        self.take_up(account)
        self._neighbours.tell(AccountChanged(account.id))
        return account

    def allow_more(self, nick: str, allowance: Allowance) -> Account:
        """Let the account of ``nick`` make the server keep other amounts than all others.

        Raises :class:`geventim.errors.UserError`: ``user_not_found``.
        """
        account = self._accounts.allow_more(self._accounts.named(nick), allowance)
        self.take_up(account)
        self._neighbours.tell(AccountChanged(account.id))
        return account

    def take_up(self, account: Account) -> None:
        """An account is another one than before: let that hold where it is connected here."""
        self._accounts.note(account)
        session = self._connected.session(account.id)
        if session is None:
            return
        before, session.account = session.account.sanction, account
        if account.sanction.keeps_out:
            sentence = refusals.SANCTIONS[account.sanction]
            session.send(Dismissed(sentence.code, sentence.text, sentence.advice))
            self._connected.quit(session)
            session.outlet.close()
        elif account.sanction is Sanction.MUTED and before is not Sanction.MUTED:
            session.send(Announcement(text=refusals.MUTED.text))
        elif before is Sanction.MUTED and account.sanction is Sanction.NONE:
            session.send(Announcement(text="The operator of this server lets you write again."))

    def finish(self) -> None:
        """Put out whoever has ended and is a member yet, because a server has died meanwhile."""
        for account in self._accounts.all():
            if account.sanction.has_ended:
                self._put_out(account)

    def kick(self, nick: str, place: str) -> tuple[Account, Conversation]:
        """Put ``nick`` out of the room or group that ``place`` names, and say of which.

        Raises :class:`geventim.errors.UserError`: ``user_not_found``, ``no_place``,
        ``several_places``, ``not_a_member``.
        """
        account, conversation = self._accounts.named(nick), self.find(place)
        if account.id not in self._journal.members(conversation.id):
            raise refusals.not_in(account.nick, conversation.name).error()
        self._do([partial(self._entries.kick, conversation, account.id)])
        return account, conversation

    def delete(self, place: str) -> Conversation:
        """End the room or group that ``place`` names, for all who are in it, and say which it was.

        Raises :class:`geventim.errors.UserError`: ``no_place``, ``several_places``.
        """
        conversation = self.find(place)
        self._do([partial(self._entries.delete, conversation)])
        return conversation

    def find(self, place: str) -> Conversation:
        """The room of that name, or the group: by the first digits of its id, or FOUNDER/LABEL.

        Raises :class:`geventim.errors.UserError`: ``no_place``, ``several_places``.
        """
        founder, has_founder, label = place.partition("/")
        room = None if has_founder else self._journal.room_named(place)
        if room is not None:
            return room
        if has_founder:
            account = self._accounts.named(founder)
            found = [
                group
                for group in self._journal.groups()
                if group.creator == account.id and group.name == label
            ]
        elif len(place) >= LEAST_DIGITS:
            found = [
                group
                for group in self._journal.groups()
                if group.id.hex().startswith(place.lower())
            ]
        else:
            found = []
        if not found:
            raise refusals.no_place(place).error()
        if len(found) > 1:
            raise refusals.several_places(place, [group.id.hex() for group in found]).error()
        return found[0]

    def _put_out(self, account: Account) -> None:
        """Have ``account`` be a member of nothing. Raises :class:`StoreError`."""
        for _ in range(ROUNDS):
            memberships = self._journal.memberships(account.id)
            places = [each.conversation for each in memberships if each.present]
            if not places:
                return
            self._do([partial(self._entries.kick, place, account.id) for place in places])

    def _do(self, steps: Sequence[Callable[[Done], None]]) -> None:
        """Take ``steps`` and wait until they are on disk.

        Raises :class:`StoreError` if one of them is not.
        """
        outcomes: list[Outcome | StoreError] = []
        for step in steps:
            step(outcomes.append)
        self._journal.settle()
        for outcome in outcomes:
            if isinstance(outcome, StoreError):
                raise outcome
