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
from geventim.chat.replies import EntryEvent, Error, Reply
from geventim.chat.values import EntryKind, Purpose, account_id, claim
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
        self.incarnations: dict[bytes, bytes] = {}
        self._number = 0
        self._code = parse_link(link).code
        with gevent.Timeout(PATIENCE):
            self.connection: Connection = dial(parse_link(link), self._choose, psk=psk)

    def _choose(self, server_key: bytes) -> PrivateKey:
        self.server_key = server_key
        return self.keys.channel

    @property
    def account(self) -> bytes:
        return account_id(self.keys.identity.public)

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

    def register(self, nick: str, **fields: Any) -> Any:
        identity = self.keys.identity
        normal = unicodedata.normalize("NFKC", nick)
        signed = claim(self.server_key, normal, identity.public, self.keys.channel.public)
        return self.ask(
            ask.Register,
            nick=nick,
            identity=identity.public,
            signature=identity.sign(signed),
            code=self._code,
            **fields,
        )

    def login(self, nick: str) -> Any:
        return self.ask(ask.Login, nick=nick)

    def room(self, name: str = "lobby", after: int | None = 0) -> bytes:
        """Join a room, which is made if there is none; its id.

        What follows the own commit is subscribed to, but for ``after`` entries of it; nothing is
        when that is None.
        """
        opened = self.ask(ask.OpenRoom, name=name)
        if isinstance(opened, Error):
            opened = self.ask(ask.CreateRoom, name=name, message_id=os.urandom(16))
        info = opened.conversation
        self.incarnations[info.id] = info.incarnation
        joined = info.since + 1 if info.member else self.commit(info.id, (self.account,)).seq
        if after is not None:
            self.subscribe(info.id, joined + after)
        conversation: bytes = info.id
        return conversation

    def subscribe(self, conversation: bytes, after: int) -> Any:
        """Have what follows ``after`` delivered, of a room that was joined."""
        incarnation = self.incarnations[conversation]
        return self.ask(
            ask.Subscribe, conversation=conversation, after=after, incarnation=incarnation
        )

    def commit(self, conversation: bytes, added: tuple[bytes, ...] = (), **fields: Any) -> Any:
        """Take a turn and commit something that nobody can read."""
        fields.setdefault("message_id", os.urandom(16))
        purpose = Purpose.JOIN if self.account in added else Purpose.COMMIT
        turn = self.ask(ask.TakeTurn, conversation=conversation, purpose=purpose)
        fields.setdefault("head", turn.head)
        return self.ask(
            ask.Commit, b"group info", conversation=conversation, message=0, added=added, **fields
        )

    def head(self, conversation: bytes) -> int:
        """The last commit, on which entries have to build."""
        turn = self.ask(ask.TakeTurn, conversation=conversation, purpose=Purpose.COMMIT)
        self.ask(ask.GiveUpTurn, conversation=conversation)
        head: int = turn.head
        return head

    def append(self, conversation: bytes, payload: bytes = b"text", **fields: Any) -> Any:
        fields.setdefault("message_id", os.urandom(16))
        if "head" not in fields:
            fields["head"] = self.head(conversation)
        return self.ask(ask.Append, payload, conversation=conversation, **fields)

    def entries(self, count: int) -> list[tuple[EntryEvent, bytes]]:
        """The next ``count`` entries but commits, in the order in which they come."""
        return [
            self.expect(
                lambda message: (
                    isinstance(message, EntryEvent) and message.kind is not EntryKind.COMMIT
                )
            )
            for _ in range(count)
        ]

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
