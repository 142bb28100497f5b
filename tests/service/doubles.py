"""A service without sockets, threads or a clock: everything happens when a test says so."""

import random
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from geventim.chat import requests as ask
from geventim.chat.codec import encode, replies
from geventim.chat.replies import (
    Appended,
    ConversationInfo,
    EntryEvent,
    Error,
    Presence,
    Reply,
    Turn,
)
from geventim.chat.values import (
    Access,
    Conversation,
    EntryKind,
    Kind,
    Purpose,
    gate_claim,
)
from geventim.crypto.signature import SigningKey
from geventim.errors import StoreError
from geventim.log import outcomes
from geventim.log.outcomes import Outcome
from geventim.service.bounds import USUAL, Bounds
from geventim.service.dispatch import Policy, Service
from geventim.service.happenings import Happening
from geventim.service.ports import Neighbours
from geventim.service.sessions import Session
from geventim.service.turns.rates import EXTERNAL
from geventim.store.memory.store import MemoryStore
from tests.service.identities import (
    SERVER_KEY,
    account,
    channel_key,
    departure,
    identity,
    registration,
)
from tests.service.surroundings import Audience, Contents, Journal, Timers

SERVER_SIGNER = SigningKey(b"signature".ljust(32))


_numbers = count(1)


def fresh_id() -> bytes:
    """An id that no other call returns."""
    return next(_numbers).to_bytes(16, "big")


class Client:
    """A client together with the outlet that leads to it; ``received`` is what came, in order.

    It catches up at once unless ``lazy``; then :attr:`behind` says that it should.
    """

    def __init__(self, world: "World", channel_key: bytes) -> None:
        self.world = world
        self.session = Session(self)
        self.session.channel_key = channel_key
        self.congested = False
        self.talking = False
        self.lazy = False
        self.behind = False
        self.admitted = False
        self.closed = False
        self.supplies: list[Callable[[], None]] = []
        self.received: list[tuple[Any, bytes]] = []
        self.noted: list[tuple[Happening, str]] = []

    def send(self, frame: bytes) -> None:
        if not self.closed:
            self.received += replies.decode(frame)

    def admit(self) -> None:
        self.admitted = True

    def note(self, happening: Happening, detail: str = "") -> None:
        self.noted.append((happening, detail))

    def watch(self) -> None:
        self.watched = True

    def catch_up(self) -> None:
        self.behind = True
        if not self.lazy:
            self.read()

    def supply(self, call: Callable[[], None]) -> None:
        self.supplies.append(call)
        if not self.lazy:
            self.take_supplies()

    def take_supplies(self) -> None:
        """Take what is given when nothing else waits."""
        while self.supplies:
            self.supplies.pop(0)()

    def pause(self, seconds: float) -> bool:
        return not self.closed

    def close(self) -> None:
        self.closed = True

    def read(self) -> None:
        """Take everything that this client is behind with."""
        while self.world.service.catch_up(self.session):
            pass
        self.behind = False

    def say(self, request: ask.Request, payload: bytes = b"") -> None:
        self.world.service.receive(self.session, encode(request, payload))

    def begin(self, kind: type[ask.Request], payload: bytes = b"", /, **fields: Any) -> int:
        """Send a request, whose reply may come later; its number."""
        number = next(_numbers)
        if payload:
            fields["payload"] = len(payload)
        self.say(kind(id=number, **fields), payload)
        return number

    def ask(self, kind: type[ask.Request], payload: bytes = b"", /, **fields: Any) -> Any:
        """Send a request; its reply, of which there is exactly one."""
        (reply,) = self.replies(self.begin(kind, payload, **fields))
        return reply

    def replies(self, number: int) -> list[Reply]:
        found = [message for message, _ in self.received if isinstance(message, Reply)]
        return [reply for reply in found if reply.id == number]

    def events(self, kind: type) -> list[Any]:
        return [message for message, _ in self.received if isinstance(message, kind)]

    def changes(self) -> list[tuple[str, str]]:
        """What this client has heard of the presence of others."""
        return [
            (change.nick, str(change.turn))
            for event in self.events(Presence)
            for change in event.changes
        ]

    def entries(self, conversation: bytes) -> list[int]:
        """The numbers of the entries that came, in the order in which they came."""
        return [
            event.seq for event in self.events(EntryEvent) if event.conversation == conversation
        ]

    def payloads(self) -> list[bytes]:
        return [data for message, data in self.received if isinstance(message, EntryEvent)]

    def turn(self, conversation: bytes, **fields: Any) -> Any:
        """Ask for a turn that is granted at once, to commit or to get in; its reply."""
        is_member = self.session.is_member(conversation)
        fields.setdefault("purpose", Purpose.COMMIT if is_member else Purpose.JOIN)
        return self.ask(ask.TakeTurn, conversation=conversation, **fields)

    def commit(
        self,
        conversation: bytes,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
        *,
        message: bytes = b"commit",
        welcome: bytes = b"",
        group_info: bytes = b"info",
        **fields: Any,
    ) -> Any:
        """Commit without asking for a turn, on the head unless told otherwise."""
        fields.setdefault("message_id", fresh_id())
        fields.setdefault("head", self.world.head(conversation))
        return self.ask(
            ask.Commit,
            message + welcome + group_info,
            conversation=conversation,
            message=len(message),
            welcome=len(welcome),
            added=tuple(account(nick).id for nick in add),
            removed=tuple(account(nick).id for nick in remove),
            **fields,
        )

    def change(self, conversation: bytes, *args: Any, **fields: Any) -> int:
        """Take a turn, waiting if need be, and commit; the number of the commit."""
        purpose = self._purpose(*args, **fields)
        number = self.begin(ask.TakeTurn, conversation=conversation, purpose=purpose)
        if not self.replies(number):
            self.world.timers.advance(EXTERNAL)
        (turn,) = self.replies(number)
        assert isinstance(turn, Turn), turn
        reply = self.commit(conversation, *args, **fields)
        assert isinstance(reply, Appended), reply
        return reply.seq

    def _purpose(self, add: Iterable[str] = (), remove: Iterable[str] = (), **_: Any) -> Purpose:
        if remove:
            return Purpose.REMOVE
        return Purpose.JOIN if self.session.account.nick in add else Purpose.COMMIT

    def open(self, name: str = "lobby", **fields: Any) -> Any:
        """Find a room, or create it with ``fields``; its info."""
        opened = self.ask(ask.OpenRoom, name=name)
        if isinstance(opened, Error):
            fields.setdefault("message_id", fresh_id())
            opened = self.ask(ask.CreateRoom, name=name, **fields)
        return opened.conversation

    def prove(self, info: ConversationInfo, key: str = "gate") -> bytes:
        """The signature that shows the key of the gate of a room."""
        nonce = self.ask(ask.Challenge, conversation=info.id).nonce
        claimed = gate_claim(info.id, info.incarnation, self.session.account.id, nonce)
        return identity(key).sign(claimed)

    def room(self, name: str = "lobby", *, read: bool = True) -> bytes:
        """Join a room, if need be, and subscribe to it unless told otherwise; its id."""
        info = self.open(name)
        if not info.member:
            self.change(info.id, [self.session.account.nick])
        if read:
            self.subscribe(info.id)
        conversation: bytes = info.id
        return conversation

    def dm(self, nick: str) -> bytes:
        """Find the conversation with somebody and subscribe to it; its id."""
        conversation: bytes = self.ask(ask.OpenDm, nick=nick).conversation.id
        self.subscribe(conversation)
        return conversation

    def group(self, name: str, *members: str) -> bytes:
        """Create a group, add others, and subscribe to it; its id."""
        opened = self.ask(
            ask.CreateGroup,
            name=name,
            members=members,
            message_id=fresh_id(),
        )
        conversation: bytes = opened.conversation.id
        self.change(conversation, members)
        self.subscribe(conversation, self.world.last(conversation))
        return conversation

    def subscribe(self, conversation: bytes, after: int = 0, **fields: Any) -> Any:
        known = self.world.store.conversation(conversation)
        fields.setdefault("incarnation", known.incarnation if known else bytes(16))
        return self.ask(ask.Subscribe, conversation=conversation, after=after, **fields)

    def append(self, conversation: bytes, payload: bytes = b"text", **fields: Any) -> Any:
        (reply,) = self.replies(self.post(conversation, payload, **fields))
        return reply

    def post(self, conversation: bytes, payload: bytes = b"text", **fields: Any) -> int:
        """Append a message that is delivered, and answered, at the end of the pass.

        What is no message says what it has to, unless told otherwise.
        """
        known = self.world.store.conversation(conversation)
        kind = fields.get("kind", EntryKind.MESSAGE)
        if known is not None and kind is not EntryKind.MESSAGE and not payload:
            payload = departure(self.session.account, known, kind)
        fields.setdefault("message_id", fresh_id())
        fields.setdefault("head", self.world.head(conversation))
        return self.begin(ask.Append, payload, conversation=conversation, **fields)

    def leave(self, conversation: bytes, **fields: Any) -> Any:
        return self.append(conversation, b"", kind=EntryKind.LEAVE, **fields)

    def delete(self, conversation: bytes, **fields: Any) -> Any:
        return self.append(conversation, b"", kind=EntryKind.DELETE, **fields)

    def lose(self) -> None:
        """The connection breaks."""
        self.closed = True
        for audience in self.world.audiences:
            audience.discard(self)
        self.world.service.end(self.session)


class World:
    """One service and whoever connects to it."""

    def __init__(
        self,
        access: Access = Access.OPEN,
        room_limit: int = 1000,
        keep: float | None = None,
        bounds: Bounds = USUAL,
    ) -> None:
        self.timers = Timers()
        self.store = MemoryStore(bounds.page_entries)
        self.journal = Journal(self.store)
        self.audiences: list[Audience] = []
        self.policy = Policy(SERVER_KEY, access, room_limit, keep, bounds=bounds)
        self.neighbours: Neighbours | None = None
        self.contents: Contents | None = None
        self._random_bytes = random.Random(7).randbytes
        self.start()

    def start(self) -> None:
        """Begin again with what is stored, as after a crash."""
        self.service = Service(
            self.journal,
            self.timers,
            self._audience,
            self._random_bytes,
            SERVER_SIGNER,
            self.policy,
            self.neighbours,
            self.contents,
        )

    def _audience(self) -> Audience:
        self.audiences.append(Audience())
        return self.audiences[-1]

    def fail_once(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """``method``, but that it fails the first time."""
        calls = count()

        def call(*arguments: Any) -> Any:
            if next(calls) == 0:
                raise StoreError("the disk is broken")
            return method(*arguments)

        return call

    def forget(self) -> None:
        """Have whoever is behind read from the log, as if it were long ago."""
        self.service._feeds.forget()

    def client(self, key: str = "stranger") -> Client:
        """A client that has not logged in and holds the keys called ``key``."""
        return Client(self, channel_key(key))

    def enter(self, nick: str) -> Client:
        """A client that has logged in; its account is made if need be."""
        client = self.client(nick)
        if self.store.account_named(nick):
            client.ask(ask.Login, nick=nick)
        else:
            client.ask(ask.Register, **registration(nick))
        assert client.session.logged_in
        return client

    def kick(self, conversation: bytes, nick: str) -> None:
        """Have the server put somebody out."""
        told: list[Outcome | StoreError] = []
        known = self.store.conversation(conversation)
        assert known
        self.service.kick(known, account(nick).id, told.append)
        assert isinstance(told[0], outcomes.Appended), told

    def head(self, conversation: bytes) -> int:
        """The last commit of a log; 0 if there is no such log."""
        head = self.store.head(conversation)
        return head.commit if head else 0

    def last(self, conversation: bytes) -> int:
        """The last entry of a log."""
        head = self.store.head(conversation)
        assert head
        return head.seq

    def conversation(self, kind: Kind, name: str) -> Conversation | None:
        """The first that has this name."""
        found = (known.conversation for known in self.store._logs.values())
        return next((each for each in found if (each.kind, each.name) == (kind, name)), None)


def meet(world: World, *nicks: str) -> Any:
    """These people in one room, all of whose joins everybody has read; the room, then they."""
    clients = [world.enter(nick) for nick in nicks]
    room = clients[0].open().id
    for client in clients:
        client.change(room, [client.session.account.nick])
    for client in clients:
        client.subscribe(room, len(clients))
    return room, *clients
