"""A client that shows what the protocol does, without deciding anything for anybody."""

import os
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent
from msgspec.structs import replace

from geventim.channel.connection import TruncationError
from geventim.chat import requests as ask
from geventim.chat.links import parse_link
from geventim.chat.replies import EntryEvent, Error, Reply
from geventim.chat.requests import Request
from geventim.chat.values import EntryKind, Purpose
from geventim.client.people.profile import Keys
from geventim.errors import NetworkError
from geventim.load.caller import Caller
from geventim.net.connection import Connection
from tests.conftest import PATIENCE


class RawClient:
    """A connection to the server of ``link``; ``inbox`` holds events that nobody asked for yet.

    Every wait ends with :class:`gevent.Timeout` after so long.
    """

    def __init__(self, link: str, keys: Keys | None = None, psk: bytes | None = None) -> None:
        self.caller = Caller("", keys or Keys.generate(os.urandom))
        self.inbox: list[tuple[Any, bytes]] = []
        self.incarnations: dict[bytes, bytes] = {}
        with gevent.Timeout(PATIENCE):
            self.caller.connect(parse_link(link), psk=psk)

    @property
    def keys(self) -> Keys:
        return self.caller.keys

    @property
    def account(self) -> bytes:
        return self.caller.account

    @property
    def connection(self) -> Connection:
        return self.caller.connection

    @property
    def socket(self) -> Any:
        return self.connection._socket

    def say(self, kind: type[ask.Request], payload: bytes = b"", /, **fields: Any) -> int:
        """Send a request; its number."""
        if payload:
            fields["payload"] = len(payload)
        return self.caller.send(kind(id=0, **fields), payload)

    def ask(self, kind: type[ask.Request], payload: bytes = b"", /, **fields: Any) -> Any:
        """Send a request and wait for its reply."""
        return self._await_reply(self.say(kind, payload, **fields))

    def _await_reply(self, number: int) -> Any:
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
        messages = self.caller.receive()
        if messages is None:
            raise EOFError
        self.inbox += messages

    def receive_all(self) -> None:
        """Put everything into the inbox until the server ends the connection well."""
        with suppress(EOFError):
            while True:
                self.receive()

    def register(self, nick: str, **fields: Any) -> Any:
        """Claim ``nick`` as it is spelled; what is signed is its normal form."""
        self.caller.nick = unicodedata.normalize("NFKC", nick)
        request = self.caller.profile.registration()
        return self.put(replace(request, nick=nick, **fields))

    def put(self, request: Request) -> Any:
        """Send a request that has no payload and wait for its reply."""
        return self._await_reply(self.caller.send(request))

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
