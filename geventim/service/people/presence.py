"""Who is connected, and telling the others.

What happens is gathered for a quarter of a second, or longer where many hear of it, and told in one
event, the same for all; of several changes of somebody's status that is the last. The changes are
counted, so that who came meanwhile knows which of them are news. A connection that was lost is
announced after ten seconds, unless its owner has returned. Some are connected to other nodes: they
are guests here.
"""

from collections.abc import Iterator
from typing import Final

from geventim.chat.bulletins import Entered, Guest, Left, StatusChanged
from geventim.chat.codec import encode
from geventim.chat.replies import Change, Presence, PresenceChange, Recipient, Superseded
from geventim.chat.values import Account
from geventim.service.bounds import USUAL, Bounds
from geventim.service.ports import Audience, Neighbours, Timer, Timers
from geventim.service.sessions import Session

GATHER: Final = 0.25
"""The least seconds in which changes are gathered."""

GRACE: Final = 10.0
"""Seconds in which a lost connection may come back unnoticed."""


class Connected:
    """The sessions of those who are connected, one for each account, and the guests."""

    def __init__(
        self, timers: Timers, audience: Audience, neighbours: Neighbours, bounds: Bounds = USUAL
    ) -> None:
        self._timers = timers
        self._audience = audience
        self._neighbours = neighbours
        self._bounds = bounds
        self._sessions: dict[bytes, Session] = {}
        self._guests: dict[bytes, tuple[bytes, Guest]] = {}
        self._missing: dict[bytes, Timer] = {}
        self._told = 0
        self._known = 0
        self._changes: list[PresenceChange] = []

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def __len__(self) -> int:
        """How many are connected here."""
        return len(self._sessions)

    def session(self, account: bytes) -> Session | None:
        """The session of the account, if it is connected here."""
        return self._sessions.get(account)

    def is_connected(self, account: bytes) -> bool:
        """Whether the account is connected, here or elsewhere."""
        return account in self._sessions or account in self._guests

    def names(self) -> tuple[str, ...]:
        """The nicks of those who are connected, sorted."""
        nicks = [session.account.nick for session in self._sessions.values()]
        return tuple(sorted(nicks + [guest.nick for _, guest in self._guests.values()]))

    def recipient(self, account: Account) -> Recipient:
        """The account as somebody who writes to it should see it."""
        session = self._sessions.get(account.id)
        if session is not None:
            account = session.account
        is_guest = account.id in self._guests
        status = self._guests[account.id][1].status if is_guest else account.status
        connected = is_guest or session is not None
        return Recipient(nick=account.nick, status=status, connected=connected)

    def enter(self, session: Session) -> None:
        """A client has logged in; an older session of the same account is told and ended."""
        account = session.account
        if not self._supersede(account.id):
            self._note_arrival(account.id, account.nick)
        self._sessions[account.id] = session
        self._neighbours.tell(Entered(_guest(session)))

    def listen(self, session: Session) -> None:
        """Tell a client that has logged in of every change after those counted so far."""
        if self._sessions.get(session.account.id) is session:
            self._audience.add(session.outlet)

    def count(self) -> int:
        """How many changes there were, told or gathered, for somebody who hears of those after."""
        self._known = self._told + len(self._changes)
        return self._known

    def quit(self, session: Session) -> None:
        """A client leaves on purpose."""
        if self._remove(session):
            self._note_end(session.account.id, session.account.nick, Change.QUIT)
            self._neighbours.tell(Left(session.account.id, Change.QUIT))

    def lose(self, session: Session) -> None:
        """A connection has ended without a word."""
        if self._remove(session):
            self._note_end(session.account.id, session.account.nick, Change.LOST)
            self._neighbours.tell(Left(session.account.id, Change.LOST))

    def change_status(self, session: Session) -> None:
        """A client has another status now."""
        account = session.account
        self._note(PresenceChange(account.nick, Change.STATUS, account.status))
        self._neighbours.tell(StatusChanged(_guest(session)))

    def locals(self) -> tuple[Guest, ...]:
        """Those who are connected here, as other nodes see them."""
        return tuple(map(_guest, self._sessions.values()))

    def enter_elsewhere(self, node: bytes, guest: Guest) -> None:
        """Somebody has logged in at another ``node``; a session here is told and ended."""
        if not self._supersede(guest.account):
            self._note_arrival(guest.account, guest.nick)
        self._guests[guest.account] = node, guest

    def leave_elsewhere(self, node: bytes, account: bytes, change: Change) -> None:
        """A guest has left ``node``, or was lost there."""
        if self._guests.get(account, (b"",))[0] == node:
            _, guest = self._guests.pop(account)
            self._note_end(account, guest.nick, change)

    def change_status_elsewhere(self, node: bytes, guest: Guest) -> None:
        """A guest has another status now."""
        if self._guests.get(guest.account, (b"",))[0] == node:
            self._guests[guest.account] = node, guest
            self._note(PresenceChange(guest.nick, Change.STATUS, guest.status))

    def guests(self, node: bytes) -> list[bytes]:
        """The accounts that are connected to ``node``."""
        return [account for account, (home, _) in self._guests.items() if home == node]

    def broadcast(self, frame: bytes) -> None:
        """Send ``frame`` to everyone who listens."""
        for outlet in self._audience.deliver([frame], ()):
            outlet.send(frame)  # there is no log from which they could read it

    def _supersede(self, account: bytes) -> bool:
        """End where ``account`` is connected, because it is connected elsewhere; False if not."""
        older = self._sessions.pop(account, None)
        if older is not None:
            self._audience.discard(older.outlet)
            older.send(Superseded())
            older.outlet.close()
        return self._guests.pop(account, None) is not None or older is not None

    def _note_arrival(self, account: bytes, nick: str) -> None:
        if timer := self._missing.pop(account, None):
            timer.cancel()
        else:
            self._note(PresenceChange(nick, Change.JOINED))

    def _note_end(self, account: bytes, nick: str, change: Change) -> None:
        """Tell that somebody has left, but not at once of those who may come back."""

        def announce() -> None:
            del self._missing[account]
            self._note(PresenceChange(nick, change))

        if change is Change.LOST:
            self._missing[account] = self._timers.later(GRACE, announce)
        else:
            self._note(PresenceChange(nick, change))

    def _remove(self, session: Session) -> bool:
        if not session.logged_in or self._sessions.get(session.account.id) is not session:
            return False
        del self._sessions[session.account.id]
        self._audience.discard(session.outlet)
        return True

    def _note(self, change: PresenceChange) -> None:
        if not self._changes:
            seconds = min(len(self._audience) * self._bounds.gather_each, self._bounds.gather_most)
            self._timers.later(max(seconds, GATHER), self._tell)
        self._withdraw(change)
        self._changes.append(change)

    def _withdraw(self, newer: PresenceChange) -> None:
        """Take back a status that was not told yet, nor counted, where a ``newer`` one follows."""
        if newer.turn is not Change.STATUS:
            return
        for index in range(len(self._changes) - 1, max(self._known - self._told, 0) - 1, -1):
            if self._changes[index].nick == newer.nick:
                if self._changes[index].turn is Change.STATUS:
                    del self._changes[index]
                return

    def _tell(self) -> None:
        before, changes = self._told, tuple(self._changes)
        self._told, self._changes = self._told + len(changes), []
        self.broadcast(encode(Presence(changes=changes, before=before)))


def _guest(session: Session) -> Guest:
    account = session.account
    return Guest(account.id, account.nick, account.status)
