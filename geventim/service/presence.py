"""Who is connected, and telling the others.

What happens is gathered for a quarter of a second and told in one event, the same for all but those
who came meanwhile. A connection that was lost is announced after ten seconds, unless its owner has
returned.
"""

from collections.abc import Iterator
from typing import Final

from geventim.chat.codec import encode
from geventim.chat.replies import Change, Presence, PresenceChange, Recipient, Superseded
from geventim.chat.values import Account
from geventim.service.ports import Audience, Timer, Timers
from geventim.service.sessions import Session

GATHER: Final = 0.25
"""Seconds in which changes are gathered."""

GRACE: Final = 10.0
"""Seconds in which a lost connection may come back unnoticed."""


class Connected:
    """The sessions of those who are connected, one for each account."""

    def __init__(self, timers: Timers, audience: Audience) -> None:
        self._timers = timers
        self._audience = audience
        self._sessions: dict[bytes, Session] = {}
        self._missing: dict[bytes, Timer] = {}
        self._changes: list[PresenceChange] = []
        # They are not in the audience yet; the number says how many of the changes came before.
        self._newcomers: dict[Session, int] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def session(self, account: bytes) -> Session | None:
        """The session of the account, if it is connected."""
        return self._sessions.get(account)

    def names(self) -> tuple[str, ...]:
        """The nicks of those who are connected, sorted."""
        return tuple(sorted(session.account.nick for session in self._sessions.values()))

    def recipient(self, account: Account) -> Recipient:
        """The account as somebody who writes to it should see it."""
        session = self._sessions.get(account.id)
        if session is not None:
            account = session.account
        return Recipient(nick=account.nick, status=account.status, connected=session is not None)

    def enter(self, session: Session) -> None:
        """A client has logged in; an older session of the same account is told and ended."""
        account = session.account
        older = self._sessions.pop(account.id, None)
        self._sessions[account.id] = session
        self._newcomers[session] = len(self._changes)
        if older is not None:
            self._dismiss(older)
            older.send(Superseded())
            older.outlet.close()
        elif timer := self._missing.pop(account.id, None):
            timer.cancel()
        else:
            self._note(PresenceChange(account.nick, Change.JOINED))

    def quit(self, session: Session) -> None:
        """A client leaves on purpose."""
        if self._remove(session):
            self._note(PresenceChange(session.account.nick, Change.QUIT))

    def lose(self, session: Session) -> None:
        """A connection has ended without a word."""
        if self._remove(session):
            account = session.account

            def announce() -> None:
                del self._missing[account.id]
                self._note(PresenceChange(account.nick, Change.LOST))

            self._missing[account.id] = self._timers.later(GRACE, announce)

    def change_status(self, session: Session) -> None:
        """A client has another status now."""
        account = session.account
        self._note(PresenceChange(account.nick, Change.STATUS, account.status))

    def broadcast(self, frame: bytes) -> None:
        """Send ``frame`` to everyone who is connected."""
        self._deliver(frame)
        for session in self._newcomers:
            session.outlet.send(frame)

    def _deliver(self, frame: bytes) -> None:
        """Send ``frame`` to everyone but the newcomers."""
        for outlet in self._audience.deliver([frame], ()):
            outlet.send(frame)  # there is no log from which they could read it

    def _dismiss(self, session: Session) -> None:
        self._newcomers.pop(session, None)
        self._audience.discard(session.outlet)

    def _remove(self, session: Session) -> bool:
        if not session.logged_in or self._sessions.get(session.account.id) is not session:
            return False
        del self._sessions[session.account.id]
        self._dismiss(session)
        return True

    def _note(self, change: PresenceChange) -> None:
        if not self._changes:
            self._timers.later(GATHER, self._tell)
        self._changes.append(change)

    def _tell(self) -> None:
        changes, self._changes = tuple(self._changes), []
        newcomers, self._newcomers = self._newcomers, {}
        self._deliver(encode(Presence(changes=changes)))
        for session, seen in newcomers.items():
            # Whoever came while changes were gathered is told only what happened after that.
            if changes[seen:]:
                session.send(Presence(changes=changes[seen:]))
            self._audience.add(session.outlet)
