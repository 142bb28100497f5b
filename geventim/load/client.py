"""One client in one greenlet: an account that is thrown away after the run."""

import os
import time
from dataclasses import dataclass
from typing import Final, TypeVar

import gevent

from geventim.channel.connection import TruncationError
from geventim.channel.events import Frames
from geventim.channel.states import State
from geventim.chat import replies, values
from geventim.chat import requests as ask
from geventim.chat.codec import Malformed, encode
from geventim.chat.codec import replies as decoder
from geventim.chat.links import Link
from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SigningKey
from geventim.errors import NetworkError, PeerError, UserError
from geventim.load.ledger import Tally
from geventim.load.marks import Mark, Marker
from geventim.net.connection import Connection
from geventim.net.dial import dial

PATIENCE: Final = 30.0
"""Seconds for everything from connecting to receiving."""

R = TypeVar("R", bound=replies.Reply)


@dataclass(frozen=True, slots=True)
class Target:
    """The server, and the room on it in which the run takes place."""

    link: Link
    psk: bytes | None
    room_name: str
    room_id: bytes


class Client:
    """Knows its ``tally`` and tells it what arrives."""

    def __init__(self, target: Target, marker: Marker, tally: Tally) -> None:
        self._target = target
        self._marker = marker
        self._tally = tally
        self._requests = 0
        self._unanswered: dict[int, int] = {}
        self._reply: replies.Reply | None = None
        self._channel_key = PrivateKey(os.urandom(32))
        self._server_key = b""
        self._conversation = b""
        self._connection: Connection

    def enter(self) -> None:
        """Connect, claim a random nick, and receive from then on what is said in the room.

        Raises :class:`NetworkError`, :class:`PeerError` and :class:`UserError`; codes of the last
        are ``untrusted_key``, ``wrong_access_key``, those of :func:`dial`, and the server's own.
        """
        link, psk = self._target.link, self._target.psk
        with gevent.Timeout(PATIENCE, NetworkError(f"{link.address} does not answer")):
            self._connection = dial(link, self._choose_key, psk=psk)
            try:
                self._register()
                self._subscribe()
            except TruncationError as error:
                self._connection.abort()
                if psk is not None and error.state is State.UNCONFIRMED:
                    raise UserError("wrong_access_key", "The access key is wrong.") from None
                raise
            except BaseException:
                self._connection.abort()
                raise

    def listen(self) -> None:
        """Take what arrives until the connection ends. Raises what :meth:`enter` does."""
        try:
            while self._receive():
                pass
        finally:
            self._connection.abort()

    def send(self) -> None:
        """Send one message; never blocks."""
        request = self._next()
        number = self._unanswered[request] = self._tally.send()
        payload = self._marker.write(Mark(self._tally.client, number, time.monotonic()))
        append = ask.Append(
            id=request,
            conversation=self._conversation,
            message_id=os.urandom(values.ID_SIZE),
            payload=len(payload),
        )
        self._connection.send(encode(append, payload))

    def leave(self) -> None:
        """Say goodbye, without waiting; :meth:`listen` will return."""
        self._connection.send(encode(ask.Quit(id=self._next())))
        self._connection.close()

    def _choose_key(self, server_key: bytes) -> PrivateKey:
        link = self._target.link
        if link.server_key not in {None, server_key}:
            raise UserError(
                "untrusted_key",
                f"The server at {link.address} has another key than the link says.",
                "Ask its operator for a new link.",
            )
        self._server_key = server_key
        return self._channel_key

    def _register(self) -> None:
        # Hexadecimal digits do not look like one another, which the server would refuse.
        nick = "load" + os.urandom(8).hex()
        identity = SigningKey(os.urandom(32))
        claimed = values.claim(self._server_key, nick, identity.public, self._channel_key.public)
        request = ask.Register(
            id=self._next(),
            nick=nick,
            identity=identity.public,
            signature=identity.sign(claimed),
            code=self._target.link.code,
        )
        self._ask(request, replies.LoggedIn)

    def _subscribe(self) -> None:
        target = self._target
        room = ask.OpenRoom(id=self._next(), name=target.room_name, conversation=target.room_id)
        self._conversation = self._ask(room, replies.Opened).conversation.id
        subscribe = ask.Subscribe(id=self._next(), conversation=self._conversation, after=0)
        self._ask(subscribe, replies.Subscribed)

    def _next(self) -> int:
        self._requests += 1
        return self._requests

    def _ask(self, request: ask.Request, kind: type[R]) -> R:
        self._reply = None
        self._connection.send(encode(request))
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
        match message:
            case replies.EntryEvent():
                self._tally.receive(message.seq, self._marker.read(payload), now)
            case replies.Appended():
                number = self._unanswered.pop(message.id, None)
                if number is None:
                    raise PeerError("a reply to nothing")
                self._tally.acknowledge(message.seq, number)
            case replies.Error() if self._unanswered.pop(message.id, None) is not None:
                self._tally.refuse()
            case replies.Reply():
                self._reply = message
