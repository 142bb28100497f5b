"""A server of one room and two addresses in this process, which can be made to misbehave."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gevent.server import StreamServer
from msgspec.structs import replace

from geventim.channel.events import Frames
from geventim.channel.handshake import Responder
from geventim.channel.records import MAX_RECORD
from geventim.chat import replies
from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.codec import requests as decoder
from geventim.chat.links import Link
from geventim.chat.values import Kind, Status
from geventim.crypto.dh import PrivateKey
from geventim.errors import GeventIMError
from geventim.net.connection import Connection

INCARNATION = b"incarnation".ljust(16)


class Hall:
    """What is appended goes to everyone but its author, and ``admitted`` are those let in.

    Messages are counted from 1 here; in the log, they come after the commits. ``deliver`` may be
    replaced: it is given the place of the recipient, the number of the message and its payload, and
    returns what the recipient gets instead. ``answer`` may be replaced too: it returns the reply to
    an append, or None to end the author's connection. ``log`` has the message ids and payloads, and
    ``guests`` are in the order in which they came, to the ``ports`` beside.
    """

    def __init__(self) -> None:
        self.key = PrivateKey(os.urandom(32))
        self.guests: list[Connection] = []
        self.ports: list[int] = []
        self.log: list[tuple[bytes, bytes]] = []
        self.subscriptions: list[int] = []
        self._listeners: set[Connection] = set()
        self.nicks: list[str] = []
        self.head = 0
        self.commits = 0
        self.admitted: list[bytes] = []
        self.quits = 0
        self.deliver: Callable[[int, int, bytes], list[tuple[int, bytes]]] = (
            lambda _recipient, seq, payload: [(seq, payload)]
        )
        self.answer: Callable[[ask.Append, int], replies.Reply | None] = lambda request, seq: (
            replies.Appended(id=request.id, seq=seq, time=0.0)
        )
        self._servers = [StreamServer(("127.0.0.1", 0), self._serve) for _ in range(2)]
        for server in self._servers:
            server.start()
        self.links = [
            Link("127.0.0.1", server.server_port, self.key.public) for server in self._servers
        ]
        self.link = self.links[0]

    def stop(self) -> None:
        for server in self._servers:
            server.stop()

    def _serve(self, sock: Any, _address: object) -> None:
        guest = Connection(sock, Responder(os.urandom, self.key))
        guest.channel.limit = MAX_RECORD
        self.guests.append(guest)
        self.ports.append(sock.getsockname()[1])
        try:
            while (events := guest.receive()) is not None:
                for event in events:
                    if isinstance(event, Frames):
                        for request, payload in decoder.decode(event.plaintext):
                            self._take(guest, request, payload)
        except GeventIMError:
            guest.abort()

    def _take(self, guest: Connection, request: Any, payload: bytes) -> None:
        if isinstance(request, ask.Append):
            self._append(guest, request, payload)
            return
        if isinstance(request, ask.Register | ask.Login):
            self.nicks.append(request.nick)
        if isinstance(request, ask.Commit):
            self.commits += 1
            self.admitted += request.added
        reply = self._reply(request)
        guest.send(encode(reply))
        if isinstance(reply, replies.Subscribed):
            self._listeners.add(guest)
            self.subscriptions.append(request.after - self.commits)
            for seq in range(self.subscriptions[-1] + 1, self.head + 1):
                said = self.log[seq - 1][1]
                guest.send(encode(self._entry(seq, said), said))
        if isinstance(request, ask.Quit):
            self.quits += 1
            guest.close()

    def _append(self, guest: Connection, request: ask.Append, payload: bytes) -> None:
        ids = [message_id for message_id, _ in self.log]
        if request.message_id in ids:
            seq = self.commits + ids.index(request.message_id) + 1
            guest.send(encode(replies.Appended(id=request.id, seq=seq, time=0.0)))
            return
        reply = self.answer(request, self.head + 1)
        if reply is None:
            guest.abort()
            return
        if not isinstance(reply, replies.Appended):
            guest.send(encode(reply))
            return
        guest.send(encode(replace(reply, seq=self.commits + reply.seq)))
        assert request.head == self.commits
        self.log.append((request.message_id, payload))
        self.head += 1
        for place, other in enumerate(self.guests):
            if other is not guest and other in self._listeners:
                for seq, content in self.deliver(place, self.head, payload):
                    other.send(encode(self._entry(seq, content), content))

    def _reply(self, request: Any) -> replies.Reply:
        match request:
            case ask.Register(id=number, nick=nick) | ask.Login(id=number, nick=nick):
                return replies.LoggedIn(
                    id=number, nick=nick, status=Status.NORMAL, signature_key=bytes(32)
                )
            case ask.CreateRoom(id=number, name=name):
                info = replies.ConversationInfo(bytes(16), Kind.ROOM, name, INCARNATION)
                return replies.Opened(id=number, conversation=info)
            case ask.TakeTurn(id=number):
                return replies.Turn(id=number, head=self.commits)
            case ask.Commit(id=number):
                return replies.Appended(id=number, seq=self.commits, time=0.0)
            case ask.Subscribe(id=number, incarnation=incarnation, after=after):
                assert incarnation == INCARNATION
                return replies.Subscribed(id=number, after=after, head=after, hash=bytes(32))
            case _:
                return replies.Ok(id=request.id)

    def _entry(self, seq: int, payload: bytes) -> replies.EntryEvent:
        return replies.EntryEvent(
            conversation=bytes(16),
            seq=self.commits + seq,
            time=0.0,
            author="x",
            account=bytes(16),
            message_id=bytes(16),
            payload=len(payload),
        )


@pytest.fixture
def hall() -> Iterator[Hall]:
    served = Hall()
    yield served
    served.stop()
