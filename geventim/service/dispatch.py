"""From a request to the part that answers it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.bulletins import Announced
from geventim.chat.codec import Malformed, encode, requests
from geventim.chat.replies import (
    Announcement,
    ConversationList,
    Found,
    LoggedIn,
    NameList,
    Ok,
    Reply,
)
from geventim.chat.values import Access, Account, Conversation, EntryKind, Purpose, Sanction
from geventim.crypto.signature import SigningKey
from geventim.errors import PeerError, StoreError, UserError
from geventim.log.outcomes import Appended
from geventim.service import refusals
from geventim.service.alone import Alone
from geventim.service.bounds import USUAL, Bounds
from geventim.service.conversations.conversations import Conversations
from geventim.service.conversations.entries import Done, Entries
from geventim.service.conversations.moderation import Moderation
from geventim.service.conversations.retention import Retention
from geventim.service.delivery.feeds import Feeds
from geventim.service.delivery.places import Places
from geventim.service.delivery.recent import Recent
from geventim.service.files import blobs
from geventim.service.files.blobs import Blobs, Terms
from geventim.service.files.nothing import Nothing
from geventim.service.files.sweeping import Sweeping
from geventim.service.happenings import Happening
from geventim.service.neighbourhood import Neighbourhood
from geventim.service.people import budgets, quotas
from geventim.service.people.accounts import Accounts, introduce
from geventim.service.people.budgets import Budgets, Cost, Spending, costs, is_first
from geventim.service.people.census import Census
from geventim.service.people.key_packages import KeyPackages
from geventim.service.people.presence import Connected
from geventim.service.people.quotas import Allotments, Quotas
from geventim.service.ports import Audience, Contents, Journal, Neighbours, Timers
from geventim.service.sessions import Session
from geventim.service.turns.calms import Calms
from geventim.service.turns.gates import Gates
from geventim.service.turns.helping import Helping
from geventim.service.turns.rates import Rates
from geventim.service.turns.states import States
from geventim.service.turns.turns import Turns


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator decides.

    ``server_key`` is the public one; ``room_limit`` bounds the members of a room; messages are kept
    for ``keep`` seconds, or for ever. Without ``budgets`` accounts may ask as much as they like,
    without ``quotas`` have the server keep as much. ``doubt_clock`` is called when the clock seems
    to be so many seconds ahead, and nothing is dropped for now. Of files holds what ``terms`` say.
    """

    server_key: bytes
    access: Access
    room_limit: int = limits.ROOM_MEMBERS
    keep: float | None = None
    budgets: Budgets | None = budgets.DEFAULT
    quotas: Quotas | None = quotas.DEFAULT
    doubt_clock: Callable[[float], None] = lambda _: None
    terms: Terms = blobs.DEFAULT
    bounds: Bounds = USUAL


WORDS: Final = 4
"""Words of one client after which others have their turn; anything else is a turn by itself.

To look whether anybody waits takes as long as a fifth of a message, and four of them take 0.1 ms.
"""

HOLD: Final = 0.05
"""Seconds for which nothing is read of somebody who was told to wait.

To refuse takes the server as long as to do much of what is asked. Who waits as told never feels it.
"""


ENTRANCES: Final = (ask.Login, ask.Register)
"""What is asked by who has not logged in."""


class BusyError(Exception):
    """An account has to wait for so many seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.wait = wait


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
        random_bytes: Callable[[int], bytes],
        signer: SigningKey,
        policy: Policy,
        neighbours: Neighbours | None = None,
        contents: Contents | None = None,
    ) -> None:
        bounds = policy.bounds
        terms = policy.terms if contents is not None else Terms(space=0)
        contents = contents or Nothing()
        self.accounts = Accounts(
            journal,
            policy.server_key,
            policy.access,
            timers.now,
            is_alone=neighbours is None,
            bounds=bounds,
        )
        # Another node may let messages expire without a word.
        remembers = neighbours is None or policy.keep is None
        neighbours = neighbours or Alone()
        self.connected = Connected(timers, audience(), neighbours, bounds)
        recent = Recent(bounds.recent_size if remembers else 0, bounds)
        feeds = Feeds(journal, self.accounts, audience, timers, recent)
        places = Places(journal, self.accounts, self.connected, feeds, bounds)
        gates = Gates(timers, random_bytes)
        rates = Rates(journal, timers, self.connected)
        calms = Calms(timers)
        states = States(journal, self.connected, feeds, timers, neighbours, rates, bounds)
        helping = Helping(
            journal, signer, self.connected, feeds, rates, calms, timers, neighbours, bounds
        )
        turns = Turns(journal, timers, neighbours, states, rates, gates, calms, bounds)
        sweeping = Sweeping(journal, contents, timers, policy.terms.age, policy.doubt_clock)
        entries = Entries(
            journal,
            signer,
            random_bytes,
            self.accounts,
            self.connected,
            feeds,
            places,
            turns,
            timers,
            policy.room_limit,
            sweeping.soon,
            bounds,
        )
        self._allotments = Allotments(journal, self.accounts, policy.quotas, bounds)
        self.moderation = Moderation(
            journal, self.accounts, self.connected, entries, neighbours, sweeping.soon
        )
        files = Blobs(journal, contents, self._allotments, timers, random_bytes, terms)
        self.census = Census(journal, self.accounts, self.connected, self._allotments, timers)
        conversations = Conversations(
            journal,
            self.accounts,
            feeds,
            places,
            neighbours,
            self._allotments,
            random_bytes,
            bounds,
        )
        self._feeds = feeds
        self._places = places
        self._turns = turns
        self._entries = entries
        self._key_packages = KeyPackages(journal, self.accounts, self.connected, timers, neighbours)
        self._neighbours = neighbours
        self._signer = signer
        self._now = timers.now
        self._spending = Spending(policy.budgets, timers.now)
        # There is no account yet on which a registration could draw.
        self._origins = Spending(policy.budgets, timers.now)
        self._is_open = policy.access is Access.OPEN
        self.neighbourhood = Neighbourhood(
            journal,
            self.accounts,
            self.connected,
            places,
            self._key_packages,
            states,
            helping,
            turns,
            self.moderation,
            timers,
            neighbours,
        )
        if policy.keep is not None:
            Retention(journal, timers, policy.keep, feeds.forget, policy.doubt_clock).start()
        if contents.places():
            sweeping.start()
        # What is allowed once somebody has logged in. A handler returns the reply, or None when it
        # has been sent, or will be.
        self._handlers: dict[type, Callable[[Session, Any], Reply | None]] = {
            ask.ListConversations: self._list_conversations,
            ask.ListRooms: conversations.list_rooms,
            ask.OpenRoom: conversations.open_room,
            ask.CreateRoom: conversations.create_room,
            ask.OpenGroup: conversations.open_group,
            ask.OpenDm: conversations.open_dm,
            ask.CreateGroup: conversations.create_group,
            ask.Challenge: gates.challenge,
            ask.TakeTurn: turns.take,
            ask.GiveUpTurn: turns.give_up,
            ask.SignKick: helping.sign_kick,
            ask.Subscribe: conversations.subscribe,
            ask.ClaimKeyPackage: self._key_packages.claim,
            ask.LookUp: self._look_up,
            ask.SetStatus: self._set_status,
            ask.ListNames: self._list_names,
            ask.BeginBlob: files.begin,
            ask.FindBlob: files.find,
            ask.FinishBlob: files.finish,
            ask.GetChunk: files.get,
            ask.DeleteBlob: files.delete,
            ask.Quit: self._quit,
        }
        self._takers: dict[type, Callable[[Session, Any, bytes], Reply | None]] = {
            ask.Append: entries.append,
            ask.Commit: entries.commit,
            ask.Void: states.take,
            ask.Ask: helping.ask,
            ask.Help: helping.help,
            ask.UploadKeyPackages: self._key_packages.upload,
            ask.PutChunk: files.put,
        }

    def receive(self, session: Session, record: bytes) -> None:
        """Answer every request in ``record``, as long as the connection is not being ended.

        Between them others have their turn, and who asks for too much waits a little.
        Raises :class:`geventim.errors.PeerError` for what is not made of frames, for too much of it
        from somebody who has not logged in, and for going on and on though one was told to wait.
        """
        going_on, refused = 0, 0
        for request, payload in requests.decode(record):
            session.outlet.talking = is_word = _is_word(session, request, payload)
            # Who has not logged in yet has waited already.
            has_more = going_on == WORDS or (not is_word and session.logged_in)
            if has_more and not session.outlet.pause(0.0):
                return
            going_on = going_on % WORDS + 1 if is_word else WORDS
            if isinstance(request, Malformed) and request.id is None:
                raise PeerError("a request without a number")
            if not session.logged_in:
                session.attempts += 1
                if session.attempts > limits.ATTEMPTS:
                    raise PeerError("too many requests before a login")
            try:
                self._answer(session, request, payload)
            except BusyError as error:
                refused += 1
                if refused > limits.REFUSED:
                    raise PeerError("too many requests of somebody who has to wait") from None
                session.refuse(request.id or 0, refusals.busy(error.wait))
                session.outlet.pause(HOLD)
            except UserError as error:
                sentence = refusals.Sentence(error.code, error.text, error.advice)
                session.refuse(request.id or 0, sentence)
            except StoreError:
                session.refuse(request.id or 0, refusals.STORAGE_FAILED)

    def catch_up(self, session: Session) -> bool:
        """Send one page of what the session has missed; False when it has missed nothing."""
        return self._feeds.catch_up(session)

    def end(self, session: Session) -> None:
        """The connection of ``session`` is gone."""
        self.connected.lose(session)
        if session.logged_in:
            self._allotments.forget(session.account.id)
            self.census.note(session)
        self._turns.drop(session)
        session.end()

    def deliver(self, appended: Appended) -> None:
        """Another node has put an entry into a log; those of one log come in order.

        This may wait, and raises :class:`geventim.errors.StoreError`.
        """
        entry, conversation = appended.entry, appended.conversation
        feed = self._feeds.known(entry.conversation)
        if feed is None and conversation is not None:
            feed = self._feeds.feed(conversation)
        if feed is not None:
            for account in (entry.author, *entry.added, *entry.removed):
                self.accounts.person(account)
            # From here on nothing waits.
            if entry.kind is EntryKind.LEAVE:
                self._places.change(feed, appended, None)
            if not self._feeds.gather(feed, appended):
                self._feeds.flush(feed)
                self._places.change(feed, appended, None)
                self._feeds.publish(feed, appended, None)
        if entry.kind is EntryKind.COMMIT:
            self._turns.note_commit(entry)
        elif entry.kind is EntryKind.MESSAGE:
            self._turns.note_message(entry.conversation)

    def end_all(self) -> None:
        """Have everyone connect again: it is not known any more what they have missed."""
        self._feeds.start_over()
        for session in self.connected:
            session.outlet.close()

    def kick(self, conversation: Conversation, account: bytes, told: Done) -> None:
        """Put ``account`` out of a conversation; ``told`` is called with what came of it.

        That is an outcome of its :class:`geventim.log.changes.Append`, or a
        :class:`geventim.errors.StoreError`.
        """
        self._entries.kick(conversation, account, told)

    def announce(self, text: str) -> None:
        """Say ``text`` to everyone who is connected."""
        self.connected.broadcast(encode(Announcement(text=text)))
        self._neighbours.tell(Announced(text))

    def _answer(
        self, session: Session, request: ask.AnyRequest | Malformed, payload: bytes
    ) -> None:
        if session.logged_in:
            self._charge(session.account, costs(session, request, payload))
        if isinstance(request, Malformed):
            raise refusals.malformed(request.type, request.reason).error()
        if isinstance(request, ENTRANCES):
            self._enter(session, request)
        elif not session.logged_in:
            raise refusals.NOT_LOGGED_IN.error()
        else:
            _require_voice(session.account, request)
            self._allot(session.account, request, payload)
            taker = self._takers.get(type(request))
            if taker is not None:
                reply = taker(session, request, payload)
            else:
                reply = self._handlers[type(request)](session, request)
            if reply is not None:
                session.send(reply)
            if isinstance(request, ask.Quit):
                session.outlet.close()

    def _enter(self, session: Session, request: ask.Login | ask.Register) -> None:
        if session.logged_in:
            raise refusals.ALREADY_LOGGED_IN.error()
        if isinstance(request, ask.Login):
            account = self.accounts.log_in(request, session.channel_key)
            self._charge(account, [Cost("logins")])
        else:
            self._charge_origin(session)
            account = self.accounts.register(request, session.channel_key)
        session.account = account
        session.outlet.admit()
        is_known = isinstance(request, ask.Login)
        session.outlet.note(Happening.LOGIN if is_known else Happening.REGISTRATION)
        if request.life_signs:
            session.outlet.watch()
        # First be known as connected, then list the conversations: one that is created meanwhile
        # is told or listed, and cannot be missed.
        self.connected.enter(session)
        self.census.note(session)
        conversations, more = self._places.list_for(session)
        # From here on nothing waits.
        session.send(
            LoggedIn(
                id=request.id,
                nick=account.nick,
                status=account.status,
                signature_key=self._signer.public,
                conversations=conversations,
                more=more,
                changes=self.connected.count(),
                life_signs=True,
                time=self._now(),
            )
        )
        self.connected.listen(session)
        # Live entries are told with the people they are about; nothing must be read for that.
        self.accounts.know(session.account)
        self._key_packages.remind(session)

    def _charge(self, account: Account, prices: Iterable[Cost]) -> None:
        wait = self._spending.spend(account.id, prices)
        if wait > 0:
            raise BusyError(wait)

    def _charge_origin(self, session: Session) -> None:
        """Let no address fill a server where anybody may register."""
        if not self._is_open or not session.address:
            return
        if self._origins.spend(session.address.encode(), [Cost("registrations")]) > 0:
            raise refusals.TOO_MANY_ACCOUNTS.error()

    def _allot(self, account: Account, request: ask.AnyRequest, payload: bytes) -> None:
        """See that ``account`` may have the server keep what it asks for."""
        if isinstance(request, ask.Append) and request.kind is EntryKind.MESSAGE:
            self._allotments.store(account, len(payload))
        elif isinstance(request, ask.Commit):
            self._allotments.place(tuple(each for each in request.added if each != account.id))

    def _list_conversations(
        self, session: Session, request: ask.ListConversations
    ) -> ConversationList:
        page, more = self._places.list_for(session, request.after)
        return ConversationList(id=request.id, conversations=page, more=more)

    def _look_up(self, _: Session, request: ask.LookUp) -> Found:
        return Found(id=request.id, person=introduce(self.accounts.named(request.nick)))

    def _set_status(self, session: Session, request: ask.SetStatus) -> Ok:
        if request.status is not session.account.status:
            session.account = self.accounts.set_status(session.account, request.status)
            self.connected.change_status(session)
        return Ok(id=request.id)

    def _list_names(self, _: Session, request: ask.ListNames) -> NameList:
        return NameList(id=request.id, names=self.connected.names())

    def _quit(self, session: Session, request: ask.Quit) -> Ok:
        self.connected.quit(session)
        return Ok(id=request.id)


def _is_word(session: Session, request: ask.AnyRequest | Malformed, payload: bytes) -> bool:
    """Whether ``request`` says something small, or is what whoever talks comes to ask for.

    It comes in order with what they say, and of how many conversations one is told is up to others.
    """
    match request:
        case ask.Append():
            return len(payload) < limits.BULK
        case ask.Subscribe():
            return is_first(session, request)
        case ask.TakeTurn(purpose=purpose):
            return purpose in {Purpose.JOIN, Purpose.REENTER}
        case ask.GiveUpTurn():
            return True
    return False


def _require_voice(account: Account, request: ask.AnyRequest) -> None:
    """Raise :class:`UserError` with code ``muted`` if that is what ``request`` comes to."""
    if account.sanction is not Sanction.MUTED:
        return
    match request:
        case (
            ask.Append(kind=EntryKind.MESSAGE)
            | ask.CreateRoom()
            | ask.CreateGroup()
            | ask.BeginBlob()
            | ask.PutChunk()
            | ask.FinishBlob()
        ):
            raise refusals.MUTED.error()
        case ask.Commit(added=added) if set(added) - {account.id}:
            raise refusals.MUTED.error()
