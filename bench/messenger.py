"""The dialect of eim-server: room records, whose tags every member verifies."""

import os
from typing import Any, ClassVar

from checkout import ROOT
from member import Member
from transcript import FaultError, Transcript

from geventim.channel import records, room
from geventim.channel.events import Established, Frames, ServerKey
from geventim.channel.handshake import Initiator
from geventim.channel.records import RecordOpener
from geventim.chat import replies
from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.codec import replies as decoder
from geventim.chat.links import parse_link
from geventim.chat.values import EntryKind, account_id, claim
from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SigningKey

assert ROOT  # the import of it says which geventim this is


class RecordTranscript(Transcript):
    """Positions count room records; ``records`` are their shared bytes and what tags cover."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[bytes, bytes]] = []
        self.keys: dict[int, tuple[int, bytes]] = {}
        self._opened: dict[bytes, list[bytes]] = {}

    def open(self, sealed: room.Sealed) -> list[bytes]:
        """The messages in a room record; none in one that tells who is present.

        Each distinct ciphertext is opened once.
        """
        found = self._opened.get(sealed.body)
        if found is None:
            number = int.from_bytes(sealed.key_id[:4], "big")
            keys = room.RoomKeys()
            keys.take(room.RoomKey(number, *self.keys[number]).encode())
            found = self._opened[sealed.body] = _entries(keys.open(sealed))
            if len(self._opened) > 1000:
                del self._opened[next(iter(self._opened))]
        return found


class Account:
    """Somebody whom the server knows, from one connection to the next."""

    def __init__(self, number: int) -> None:
        # Hexadecimal digits do not look like one another, which the server would refuse.
        self.nick = f"load{number:x}"
        self.channel = PrivateKey(os.urandom(32))
        self.identity = SigningKey(os.urandom(32))
        self.known = False


class _Channel(Initiator):
    """A channel whose records are opened here instead."""

    @property
    def opener(self) -> RecordOpener:
        return self._opener


class Ours(Member):
    """A member of one room on eim-server, who verifies every tag."""

    accounts: ClassVar[dict[int, Account]] = {}
    room_id = bytes(range(16))

    def enter(self) -> None:
        """Connect, log in (register the first time) and follow the room."""
        self._buffer = b""
        self._requests = 0
        account = self.accounts.setdefault(self.number, Account(self.number))
        link = parse_link(self.address)
        self.address = f"{link.host}:{link.port}"
        self.dial()
        self._channel = _Channel(os.urandom)
        self.sock.sendall(self._channel.data_to_send())
        server_key = self._wait(ServerKey).public
        assert isinstance(self._channel.accept(account.channel), Established)
        self.sock.sendall(self._channel.data_to_send())
        if account.known:
            (found,) = self._ask(ask.Login, nick=account.nick).conversations
            self._follow(found.incarnation, found.head)
        else:
            signed = claim(
                server_key, account.nick, account.identity.public, account.channel.public
            )
            self._ask(
                ask.Register,
                nick=account.nick,
                identity=account.identity.public,
                signature=account.identity.sign(signed),
            )
            found = self._ask(ask.OpenRoom, name="lobby", conversation=self.room_id).conversation
            self._follow(found.incarnation, self._join(account_id(account.identity.public)))
            account.known = True
        self.sock.setblocking(False)

    def _join(self, account: bytes) -> int:
        """Become a member, as far as the server is concerned; the number of the commit."""
        head = self._ask(ask.TakeTurn, conversation=self.room_id).head
        reply = self._ask(
            ask.Commit,
            b"commit and state",
            conversation=self.room_id,
            message_id=os.urandom(16),
            head=head,
            message=6,
            added=(account,),
        )
        return int(reply.seq)

    def _follow(self, incarnation: bytes, head: int) -> None:
        """Hear what follows ``head``, on which messages build."""
        self._head = head
        self._ask(ask.Subscribe, conversation=self.room_id, incarnation=incarnation, after=head)

    def encode(self, messages: list[bytes]) -> list[bytes]:
        """One request for each, in one record."""
        frames = []
        for message in messages:
            self._requests += 1
            append = ask.Append(
                id=self._requests,
                conversation=self.room_id,
                message_id=os.urandom(16),
                head=self._head,
                payload=len(message),
            )
            frames.append(encode(append, message))
        return [self._channel.seal(b"".join(frames))]

    def take(self) -> None:
        """Verify every record; compare it with what others were told, or be the first to open it.

        Whoever speaks opens every record, because what holds only their own messages is not sent
        to them.
        """
        while data := self.receive():
            if self._buffer:
                data = self._buffer + data
            verify, known = self._channel.opener.verify, self.transcript.records
            offset, end = 0, len(data)
            while offset < end:
                if self.echo is None and self.position < len(known):
                    shared, bound = known[self.position]
                    after = offset + len(shared) + 32
                    if after <= end and data.startswith(shared, offset):
                        verify(bound, data[after - 32 : after])
                        self.position += 1
                        offset = after
                        continue
                size = self._take_record(data, offset)
                if not size:
                    break
                offset += size
            self._buffer = data[offset:]

    def forget(self) -> None:
        """Take keys, and who has come."""
        self.take()

    def _take_record(self, data: bytes, offset: int) -> int:
        if len(data) < offset + 4:
            return 0
        size = 4 + int.from_bytes(data[offset : offset + 4], "big")
        if len(data) < offset + size:
            return 0
        kind, content = data[offset + 4], data[offset + 5 : offset + size]
        if kind == records.ROOM:
            sealed = room.split(content)
            self._channel.opener.verify(sealed.bound, sealed.tag)
            self._take_room(sealed, data[offset : offset + size - 32])
        else:
            plaintext = self._channel.opener.open(kind, content)
            if kind == records.ROOM_KEY:
                number, generation = (int.from_bytes(plaintext[n : n + 4], "big") for n in (0, 4))
                self.transcript.keys[number] = generation, plaintext[8:]
            elif kind == records.FRAMES:
                self._take_frames(plaintext)
        return size

    def _take_room(self, sealed: room.Sealed, shared: bytes) -> None:
        messages = self.transcript.open(sealed)
        if not messages:
            return
        if self.echo is not None:
            for message in messages:
                self.echo.take(message)
            return
        if self.position < len(self.transcript.records):
            raise FaultError(f"{self.number} has heard something else than the others")
        self.transcript.records.append((shared, sealed.bound))
        self.position += 1
        for message in messages:
            self.transcript.add(message, self.position)

    def _take_frames(self, plaintext: bytes) -> None:
        for message, _ in decoder.decode(plaintext):
            if isinstance(message, replies.EntryEvent):
                if message.kind is not EntryKind.COMMIT:
                    raise FaultError("an entry that was sealed for one")
                self._head = message.seq
            if isinstance(message, replies.Error):
                raise FaultError(message.text)

    def _ask(self, kind: type[ask.Request], payload: bytes = b"", **fields: Any) -> Any:
        self._requests += 1
        if payload:
            fields["payload"] = len(payload)
        request = encode(kind(id=self._requests, **fields), payload)
        self.sock.sendall(self._channel.seal(request))
        while True:
            for message, _ in decoder.decode(self._wait(Frames).plaintext):
                if isinstance(message, replies.Error):
                    raise FaultError(message.text)
                if isinstance(message, replies.Reply):
                    return message

    def _wait(self, kind: Any) -> Any:
        """The next event of the channel, reading no more than one record at a time."""
        while True:
            data = self._exactly(4) if kind is Frames else b""
            if kind is Frames:
                data += self._exactly(int.from_bytes(data, "big"))
                if data[4] != records.FRAMES:
                    # Room keys, and what the room is told: for the transcript, not the channel.
                    self._take_record(data, 0)
                    continue
            else:
                data = self._exactly(2)
                data += self._exactly(int.from_bytes(data, "big"))
            for event in self._channel.receive_data(data):
                if isinstance(event, kind):
                    return event

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.sock.recv(size - len(data))
            if not more:
                raise FaultError("the server has ended a connection")
            data += more
        return data


def _entries(plaintext: bytes) -> list[bytes]:
    return [
        payload
        for message, payload in decoder.decode(plaintext)
        if isinstance(message, replies.EntryEvent)
    ]
