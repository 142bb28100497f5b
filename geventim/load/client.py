"""One client in one greenlet: an account that is thrown away after the run."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final, TypeVar

import gevent

from geventim.channel.connection import TruncationError
from geventim.channel.events import Frames
from geventim.chat import replies, values
from geventim.chat import requests as ask
from geventim.chat.codec import Malformed, encode
from geventim.chat.codec import replies as decoder
from geventim.chat.values import Purpose
from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SigningKey
from geventim.errors import NetworkError, PeerError, UserError
from geventim.load.ledger import Tally
from geventim.load.marks import Mark, Marker
from geventim.load.target import Target
from geventim.net.connection import Connection
from geventim.net.dial import dial

PATIENCE: Final = 30.0
"""Seconds for everything from connecting to being known."""

GROUP_INFO: Final = bytes(32)
"""What stands for the state of a group, which the server cannot read anyway."""

R = TypeVar("R", bound=replies.Reply)


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent again until it is answered."""

    id: bytes
    payload: bytes


class Client:
    """Knows its ``tally`` and tells it what arrives, once it has ``subscribed``.

    It begins at the first of ``targets``, which are one server.
    """

    def __init__(self, targets: Sequence[Target], marker: Marker, tally: Tally) -> None:
        self._targets = cycle(targets)
        self._target = next(self._targets)
        self._marker = marker
        self._tally = tally
        self._requests = 0
        self._nick = ""
        self._unanswered: dict[int, Message] = {}
        self._asked: dict[int, int] = {}
        self._subscribing = 0
        self._reply: replies.Reply | None = None
        self._identity = SigningKey(os.urandom(32))
        self._channel_key = PrivateKey(os.urandom(32))
        self._server_key = b""
        self.account = values.account_id(self._identity.public)
        self.subscribed = False
        self._left = False
        self._connection: Connection

    def enter(self) -> None:
        """Connect, claim a random nick, and join the room; :meth:`listen` comes later.

        Raises :class:`NetworkError`, :class:`PeerError` and :class:`UserError`; codes of the last
        are ``untrusted_key``, ``wrong_access_key``, those of :func:`dial`, and the server's own.
        """
        self._connect(self._register)
        address = self._target.link.address
        with gevent.Timeout(PATIENCE, NetworkError(f"{address} does not let anybody in")):
            self._join()

    def move(self) -> None:
        """Connect again, at the next target, and go on where the last connection has ended.

        Raises what :meth:`enter` does.
        """
        self.subscribed = False
        self._asked.clear()
        self._target = next(self._targets)
        self._connect(self._log_in)
        if self._target.room.incarnation:
            self.subscribe()

    def _connect(self, introduce: Callable[[], None]) -> None:
        link, psk = self._target.link, self._target.psk
        with gevent.Timeout(PATIENCE, NetworkError(f"{link.address} does not answer")):
            self._connection = dial(link, self._choose_key, psk=psk)
            try:
                introduce()
            except TruncationError as error:
                self._connection.abort()
                raise self._target.explain(error) from None
            except BaseException:
                self._connection.abort()
                raise

    def found(self, _accounts: Sequence[bytes]) -> None:
        """Nothing is left to be done: each of the accounts has let itself in."""

    def subscribe(self) -> None:
        """Ask for what is said in the room from now on; never blocks."""
        room = self._target.room
        self._subscribing = self._next()
        request = ask.Subscribe(
            id=self._subscribing,
            conversation=room.id,
            incarnation=room.incarnation,
            after=room.head + self._tally.last,
        )
        self._connection.send(encode(request))

    def listen(self) -> None:
        """Take what arrives until the connection ends. Raises what :meth:`enter` does.

        After :meth:`leave` it does not matter how the connection ends: a server of which very many
        take leave may not answer all of them in time.
        """
        try:
            while self._receive():
                pass
        except (NetworkError, TruncationError):
            if not self._left:
                raise
        finally:
            self._connection.abort()

    def send(self) -> None:
        """Send one message, now or when there is a connection again; never blocks."""
        number = self._tally.send()
        payload = self._marker.write(Mark(self._tally.client, number, time.monotonic()))
        self._unanswered[number] = Message(os.urandom(values.ID_SIZE), payload)
        if self.subscribed:
            self._append(number)

    def _append(self, number: int) -> None:
        message = self._unanswered[number]
        request = self._next()
        self._asked[request] = number
        append = ask.Append(
            id=request,
            conversation=self._target.room.id,
            message_id=message.id,
            head=self._target.room.head,
            payload=len(message.payload),
        )
        self._connection.send(encode(append, message.payload))

    def leave(self) -> None:
        """Say goodbye, without waiting; :meth:`listen` will return."""
        self._left = True
        self._connection.send(encode(ask.Quit(id=self._next())))
        self._connection.close()

    def _choose_key(self, server_key: bytes) -> PrivateKey:
        self._target.check_key(server_key)
        self._server_key = server_key
        return self._channel_key

    def _register(self) -> None:
        # Hexadecimal digits do not look like one another, which the server would refuse.
        self._nick = "load" + os.urandom(8).hex()
        identity = self._identity
        claimed = values.claim(
            self._server_key, self._nick, identity.public, self._channel_key.public
        )
        request = ask.Register(
            id=self._next(),
            nick=self._nick,
            identity=identity.public,
            signature=identity.sign(claimed),
            code=self._target.link.code,
        )
        self._ask(request, replies.LoggedIn)

    def _log_in(self) -> None:
        self._ask(ask.Login(id=self._next(), nick=self._nick), replies.LoggedIn)

    def _join(self) -> None:
        room = self._target.room
        opening = ask.OpenRoom(id=self._next(), name=room.name, conversation=room.id)
        info = self._ask(opening, replies.Opened).conversation
        room.id, room.incarnation = info.id, info.incarnation
        waiting = ask.TakeTurn(id=self._next(), conversation=room.id, purpose=Purpose.JOIN)
        turn = self._ask(waiting, replies.Turn)
        request = ask.Commit(
            id=self._next(),
            conversation=room.id,
            message_id=os.urandom(values.ID_SIZE),
            head=turn.head,
            payload=len(GROUP_INFO),
            message=0,
            added=(self.account,),
        )
        seq = self._ask(request, replies.Appended, GROUP_INFO).seq
        room.head = max(room.head, seq)  # others have joined meanwhile

    def _next(self) -> int:
        self._requests += 1
        return self._requests

    def _ask(self, request: ask.Request, kind: type[R], payload: bytes = b"") -> R:
        self._reply = None
        self._connection.send(encode(request, payload))
        while self._reply is None or self._reply.id != request.id:
            if not self._receive():
                raise NetworkError(f"{self._target.link.address} ended the connection")
        if isinstance(self._reply, replies.Error):
            raise UserError(self._reply.code, self._reply.text, self._reply.advice)
        if not isinstance(self._reply, kind):
            raise PeerError("a reply to something else")
        return self._reply

    def _receive(self) -> bool:
        events = self._connection.receive()
        if events is None:
            return False
        now = time.monotonic()
        for event in events:
            if isinstance(event, Frames):
                for message, payload in decoder.decode(event.plaintext):
                    self._take(message, payload, now)
        return True

    def _take(
        self, message: replies.AnyReply | replies.AnyEvent | Malformed, payload: bytes, now: float
    ) -> None:
        head = self._target.room.head
        match message:
            case replies.EntryEvent():
                self._tally.receive(message.seq - head, self._marker.read(payload), now)
            case replies.Appended() if message.id in self._asked:
                number = self._asked.pop(message.id)
                del self._unanswered[number]
                self._tally.acknowledge(message.seq - head, number)
            case replies.Error() if message.id in self._asked:
                del self._unanswered[self._asked.pop(message.id)]
                self._tally.refuse()
            case replies.Error(code="not_a_member") if message.id == self._subscribing:
                self.subscribe()  # not every node of a server has heard of it yet
            case replies.Subscribed():
                self.subscribed = True
                for number in self._unanswered:
                    self._append(number)
            case replies.Reply():
                self._reply = message
