"""From a request to the part that answers it."""

from collections.abc import Callable
from typing import Any

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.codec import Malformed, encode, requests
from geventim.chat.replies import Announcement, LoggedIn, NameList, Ok, Reply
from geventim.chat.values import Access, Account
from geventim.errors import PeerError, StoreError, UserError
from geventim.service import refusals
from geventim.service.accounts import Accounts
from geventim.service.conversations import Conversations
from geventim.service.feeds import Feeds
from geventim.service.ports import Audience, Journal, Timers
from geventim.service.presence import Connected
from geventim.service.sessions import Session


class Service:
    """Everything a server decides.

    The rim calls :meth:`receive` for every record, :meth:`catch_up` as long as it says so, and
    :meth:`end` when the connection is gone.
    """

    def __init__(
        self,
        journal: Journal,
        timers: Timers,
        audience: Callable[[], Audience],
        server_key: bytes,
        access: Access,
        room_limit: int,
    ) -> None:
        self.accounts = Accounts(journal, server_key, access)
        self.connected = Connected(timers, audience())
        self._feeds = Feeds(journal, self.accounts, audience, timers)
        self._conversations = Conversations(
            journal, self.accounts, self.connected, self._feeds, timers, room_limit
        )
        # What is answered with the value that its handler returns, once somebody has logged in.
        self._handlers: dict[type, Callable[[Session, Any], Reply]] = {
            ask.OpenRoom: self._conversations.open_room,
            ask.OpenGroup: self._conversations.open_group,
            ask.OpenDm: self._conversations.open_dm,
            ask.CreateGroup: self._conversations.create_group,
            ask.Subscribe: self._conversations.subscribe,
            ask.SetStatus: self._set_status,
            ask.ListNames: self._list_names,
            ask.Quit: self._quit,
        }

    def receive(self, session: Session, record: bytes) -> None:
        """Answer every request in ``record``.

        Raises :class:`geventim.errors.PeerError` for what is not made of frames, and for too much
        of it from somebody who has not logged in.
        """
        for request, payload in requests.decode(record):
            if isinstance(request, Malformed) and request.id is None:
                raise PeerError("a request without a number")
            if not session.logged_in:
                session.attempts += 1
                if session.attempts > limits.ATTEMPTS:
                    raise PeerError("too many requests before a login")
            try:
                self._answer(session, request, payload)
            except UserError as error:
                sentence = refusals.Sentence(error.code, error.text, error.advice)
                session.send(sentence.reply(request.id or 0))
            except StoreError:
                session.send(refusals.STORAGE_FAILED.reply(request.id or 0))

    def catch_up(self, session: Session) -> bool:
        """Send one page of what the session has missed; False when it has missed nothing."""
        return self._feeds.catch_up(session)

    def end(self, session: Session) -> None:
        """The connection of ``session`` is gone."""
        self.connected.lose(session)
        session.places.clear()

    def announce(self, text: str) -> None:
        """Say ``text`` to everyone who is connected."""
        self.connected.broadcast(encode(Announcement(text=text)))

    def make_operator(self, nick: str) -> Account:
        """Make ``nick`` an operator, at once if connected.

        Raises :class:`geventim.errors.UserError`: ``user_not_found``.
        """
        account = self.accounts.make_operator(self.accounts.named(nick))
        session = self.connected.session(account.id)
        if session is not None:
            session.account = account
        return account

    def _answer(
        self, session: Session, request: ask.AnyRequest | Malformed, payload: bytes
    ) -> None:
        if isinstance(request, Malformed):
            raise refusals.malformed(request.type, request.reason).error()
        if isinstance(request, ask.Login | ask.Register):
            self._enter(session, request)
        elif not session.logged_in:
            raise refusals.NOT_LOGGED_IN.error()
        elif isinstance(request, ask.Append):
            self._conversations.append(session, request, payload)
        else:
            session.send(self._handlers[type(request)](session, request))
            if isinstance(request, ask.Quit):
                session.outlet.close()

    def _enter(self, session: Session, request: ask.Login | ask.Register) -> None:
        if session.logged_in:
            raise refusals.ALREADY_LOGGED_IN.error()
        if isinstance(request, ask.Login):
            account = self.accounts.log_in(request, session.channel_key)
        else:
            account = self.accounts.register(request, session.channel_key)
        session.account = account
        session.outlet.admit()
        # First be known as connected, then list the conversations: one that is created meanwhile
        # is told or listed, and cannot be missed.
        self.connected.enter(session)
        session.send(
            LoggedIn(
                id=request.id,
                nick=account.nick,
                status=account.status,
                conversations=self._conversations.list_for(session),
            )
        )

    def _set_status(self, session: Session, request: ask.SetStatus) -> Ok:
        session.account = self.accounts.set_status(session.account, request.status)
        self.connected.change_status(session)
        return Ok(id=request.id)

    def _list_names(self, _: Session, request: ask.ListNames) -> NameList:
        return NameList(id=request.id, names=self.connected.names())

    def _quit(self, session: Session, request: ask.Quit) -> Ok:
        self.connected.quit(session)
        return Ok(id=request.id)
