"""A client that shows what the protocol does, without deciding anything for anybody."""

import os
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent

from geventim.channel.connection import TruncationError
from geventim.channel.events import Closed, Frames
from geventim.chat import requests as ask
from geventim.chat.codec import encode, replies
from geventim.chat.links import parse_link
from geventim.chat.replies import EntryEvent, Reply
from geventim.chat.values import claim
from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SigningKey
from geventim.errors import NetworkError
from geventim.net.connection import Connection
from geventim.net.dial import dial
from tests.conftest import PATIENCE


class Keys:
    """Who somebody is, across connections."""

    def __init__(self) -> None:
        self.channel = PrivateKey(os.urandom(32))
        self.identity = SigningKey(os.urandom(32))


class RawClient:
    """A connection to the server of ``link``; ``inbox`` holds events that nobody asked for yet.

    Every wait ends with :class:`gevent.Timeout` after so long.
    """

    def __init__(self, link: str, keys: Keys | None = None, psk: bytes | None = None) -> None:
        self.keys = keys or Keys()
        self.server_key = b""
        self.inbox: list[tuple[Any, bytes]] = []
        self._number = 0
        self._code = parse_link(link).code
        with gevent.Timeout(PATIENCE):
            self.connection: Connection = dial(parse_link(link), self._choose, psk=psk)

    def _choose(self, server_key: bytes) -> PrivateKey:
        self.server_key = server_key
        return self.keys.channel

    @property
    def socket(self) -> Any:
        return self.connection._socket

    def say(self, kind: type[ask.Request], payload: bytes = b"", /, **fields: Any) -> int:
        """Send a request; its number."""
        self._number += 1
        if payload:
            fields["payload"] = len(payload)
        self.connection.send(encode(kind(id=self._number, **fields), payload))
        return self._number

    def ask(self, kind: type[ask.Request], payload: bytes = b"", /, **fields: Any) -> Any:
        """Send a request and wait for its reply."""
        number = self.say(kind, payload, **fields)
        return self.expect(lambda message: isinstance(message, Reply) and message.id == number)[0]

    def expect(self, wanted: Callable[[Any], bool]) -> tuple[Any, bytes]:
        """The first message that is ``wanted``, with its payload; the others stay in the inbox."""
        with gevent.Timeout(PATIENCE):
            while True:
                for index, (message, _) in enumerate(self.inbox):
                    if wanted(message):
                        return self.inbox.pop(index)
                self.receive()

    def receive(self) -> None:
        """Wait for something, and put it into the inbox. Raises :class:`EOFError` at the end."""
        events = self.connection.receive()
        for event in events or ():
            if isinstance(event, Frames):
                self.inbox += replies.decode(event.plaintext)
        if events is None or Closed() in events:
            raise EOFError

    def receive_all(self) -> None:
        """Put everything into the inbox until the server ends the connection well."""
        with suppress(EOFError):
            while True:
                self.receive()

    def register(self, nick: str) -> Any:
        identity = self.keys.identity
        normal = unicodedata.normalize("NFKC", nick)
        signed = claim(self.server_key, normal, identity.public, self.keys.channel.public)
        return self.ask(
            ask.Register,
            nick=nick,
            identity=identity.public,
            signature=identity.sign(signed),
            code=self._code,
        )

    def login(self, nick: str) -> Any:
        return self.ask(ask.Login, nick=nick)

    def room(self, name: str = "lobby", after: int | None = 0) -> bytes:
        """Join a room and subscribe to it, unless ``after`` is None; its id."""
        opened = self.ask(ask.OpenRoom, name=name, conversation=os.urandom(16))
        conversation: bytes = opened.conversation.id
        if after is not None:
            self.ask(ask.Subscribe, conversation=conversation, after=after)
        return conversation

    def append(self, conversation: bytes, payload: bytes = b"text", **fields: Any) -> Any:
        fields.setdefault("message_id", os.urandom(16))
        return self.ask(ask.Append, payload, conversation=conversation, **fields)

    def entries(self, count: int) -> list[tuple[EntryEvent, bytes]]:
        """The next ``count`` entries, in the order in which they come."""
        return [self.expect(lambda message: isinstance(message, EntryEvent)) for _ in range(count)]

    def is_hung_up_on(self) -> bool:
        """Wait until the server has ended the connection without a close record."""
        with gevent.Timeout(PATIENCE):
            try:
                while True:
                    self.receive()
            except EOFError:
                return False
            except (NetworkError, TruncationError):
                return True

    def close(self) -> None:
        self.connection.abort()
