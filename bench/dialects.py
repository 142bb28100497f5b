"""How a member of the crowd speaks with each kind of server, on a socket that never blocks."""

import os
import socket
import ssl
from collections import deque
from typing import Any, ClassVar

from rivals import tls_context
from transcript import Echo, FaultError, Transcript

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

READ = 256 * 1024
PATIENCE = 30.0


class Member:
    """One connection; ``speaks`` says whether it will send, ``position`` how far it has heard."""

    hears_itself = False

    def __init__(self, address: str, number: int, transcript: Any, *, speaks: bool) -> None:
        self.address = address
        self.number = number
        self.transcript = transcript
        self.position = 0
        self.echo = Echo(transcript, number) if speaks and not self.hears_itself else None
        self.sock: socket.socket
        self._out: deque[bytes] = deque()

    @property
    def heard(self) -> int:
        """How many messages it has heard, its own among them."""
        if self.echo is None:
            return int(self.transcript.heard(self.position))
        self.echo.settle()
        return self.echo.heard

    def dial(self) -> None:
        """Connect the socket, from one of many addresses, so that ports do not run out."""
        host, _, port = self.address.rpartition(":")
        source = f"127.0.0.{2 + self.number // 20_000}"
        self.sock = socket.create_connection((host, int(port)), PATIENCE, (source, 0))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def enter(self) -> None:
        """Connect, log in and join; blocks."""
        raise NotImplementedError

    def say(self, messages: list[bytes]) -> None:
        """Send ``messages``, as far as the socket takes them; :meth:`flush` sends the rest."""
        self._out += self.encode(messages)
        self.flush()

    def encode(self, messages: list[bytes]) -> list[bytes]:
        """The writes that say ``messages``."""
        raise NotImplementedError

    def flush(self) -> None:
        """Write what waits."""
        while self._out:
            try:
                sent = self.sock.send(self._out[0])
            except BlockingIOError:
                return
            if sent < len(self._out[0]):
                self._out[0] = self._out[0][sent:]
            else:
                self._out.popleft()

    def receive(self) -> bytes:
        """What has arrived."""
        try:
            data = self.sock.recv(READ)
        except BlockingIOError:
            return b""
        if not data:
            raise FaultError("the server has ended a connection")
        return data

    def take(self) -> None:
        """Take what has arrived, and check it."""
        raise NotImplementedError

    def forget(self) -> None:
        """Throw away what has arrived before the measurement."""
        while self.receive():
            pass

    def leave(self) -> None:
        """End the connection."""
        self.sock.close()


class StreamTranscript(Transcript):
    """``data`` is the stream of whole and begun messages that every listener is told."""

    def __init__(self, dialect: "type[StreamMember]") -> None:
        super().__init__()
        self.data = bytearray()
        self._dialect = dialect

    def extend(self, data: bytes) -> None:
        """Somebody has heard more than everyone before."""
        self.data += data
        end = self.ends[-1] if self.ends else 0
        while size := self._dialect.measure(self.data, end):
            self.add(self._dialect.read(bytes(self.data[end : end + size])), end + size)
            end += size


class StreamMember(Member):
    """A member on TLS, whose protocol is a stream of messages that look the same to everyone."""

    context: ClassVar[ssl.SSLContext] = tls_context()

    def dial(self) -> None:
        """Connect with TLS, which is kept apart from the socket: a read takes many records."""
        super().dial()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = self.context.wrap_bio(self._incoming, self._outgoing)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self.sock.sendall(self._outgoing.read())
                self._incoming.write(self.sock.recv(READ))
            else:
                self.sock.sendall(self._outgoing.read())
                return

    def receive(self) -> bytes:
        """What has arrived, decrypted; empty also when it is less than a record."""
        self._incoming.write(super().receive())
        texts = []
        try:
            while text := self._tls.read(READ):
                texts.append(text)
        except ssl.SSLWantReadError:
            pass
        return b"".join(texts)

    def seal(self, data: bytes) -> bytes:
        """``data`` in a TLS record, or several if it is long."""
        self._tls.write(data)
        return self._outgoing.read()

    @staticmethod
    def measure(data: bytearray, start: int) -> int:
        """Bytes in the message at ``start``; 0 while some are missing."""
        raise NotImplementedError

    @staticmethod
    def read(data: bytes) -> bytes:
        """What was said in one message of the stream."""
        raise NotImplementedError

    def take(self) -> None:
        """Compare with what others have heard, or be the first to hear it."""
        while data := self.receive():
            if self.echo is None:
                self._compare(data)
            else:
                self._out_of_order += data
                end = 0
                while size := self.measure(self._out_of_order, end):
                    self.echo.take(self.read(bytes(self._out_of_order[end : end + size])))
                    end += size
                del self._out_of_order[:end]

    def _compare(self, data: bytes) -> None:
        known = self.transcript.data[self.position : self.position + len(data)]
        if known != data[: len(known)]:
            raise FaultError(f"{self.number} has heard something else than the others")
        if len(known) < len(data):
            self.transcript.extend(data[len(known) :])
        self.position += len(data)

    def enter(self) -> None:
        """Connect, log in and join."""
        self._out_of_order = bytearray()
        self.dial()
        self.introduce()
        self.sock.setblocking(False)

    def introduce(self) -> None:
        """Log in and join; the socket still blocks."""
        raise NotImplementedError

    def wait_for(self, *signs: bytes) -> None:
        """Read until one of ``signs`` comes."""
        data = b""
        while not any(sign in data for sign in signs):
            data = data[-100:] + self.receive()


class IRC(StreamMember):
    """Internet Relay Chat: everyone is in #room; nobody hears what they say themselves."""

    def introduce(self) -> None:
        """Register, then join."""
        nick = f"n{self.number}"
        self.sock.sendall(self.seal(f"NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n".encode()))
        self.wait_for(b" 376 ", b" 422 ")
        self.sock.sendall(self.seal(b"JOIN #room\r\n"))
        self.wait_for(b" 366 ")

    @staticmethod
    def measure(data: bytearray, start: int) -> int:
        """A message is a line."""
        end = data.find(b"\n", start)
        return end + 1 - start if end >= 0 else 0

    @staticmethod
    def read(data: bytes) -> bytes:
        """The text is the last argument."""
        head, _, text = data.partition(b" PRIVMSG #room :")
        if not text:
            raise FaultError(f"the server says {head!r}")
        return text.rstrip(b"\r\n")

    def encode(self, messages: list[bytes]) -> list[bytes]:
        """One line for each, and no more in a write than ngircd reads of a TLS record at a time."""
        lines = [b"PRIVMSG #room :" + message + b"\r\n" for message in messages]
        chunks = range(0, len(lines), 8)
        return [self.seal(b"".join(lines[start : start + 8])) for start in chunks]


class MQTT(StreamMember):
    """MQTT 3.1.1 with QoS 0: everyone subscribes to one topic, and hears themselves too."""

    hears_itself = True

    def introduce(self) -> None:
        """Connect without keep-alive, then subscribe."""
        name = f"n{self.number}".encode()
        body = b"\x00\x04MQTT\x04\x02\x00\x00" + len(name).to_bytes(2, "big") + name
        self.sock.sendall(self.seal(b"\x10" + bytes([len(body)]) + body))
        self.wait_for(b"\x20\x02\x00\x00")
        self.sock.sendall(self.seal(b"\x82\x09\x00\x01\x00\x04room\x00"))
        self.wait_for(b"\x90\x03\x00\x01\x00")

    @staticmethod
    def measure(data: bytearray, start: int) -> int:
        """The length is in groups of seven bits, the lowest first."""
        size = shift = 0
        for at in range(start + 1, min(start + 5, len(data))):
            size |= (data[at] & 127) << shift
            shift += 7
            if data[at] < 128:
                whole = at + 1 - start + size
                return whole if start + whole <= len(data) else 0
        return 0

    @staticmethod
    def read(data: bytes) -> bytes:
        """What follows the topic."""
        head, _, text = data.partition(b"\x00\x04room")
        if data[0] != 0x30:
            raise FaultError(f"the server says {head!r}")
        return text

    def encode(self, messages: list[bytes]) -> list[bytes]:
        """One PUBLISH for each."""
        packets = [self._publish(b"\x00\x04room" + message) for message in messages]
        return [self.seal(b"".join(packets))]

    @staticmethod
    def _publish(body: bytes) -> bytes:
        size, groups = len(body), bytearray()
        while size > 127:
            groups.append(size & 127 | 128)
            size >>= 7
        groups.append(size)
        return b"\x30" + groups + body


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


TRANSCRIPTS = {
    Ours: RecordTranscript,
    IRC: lambda: StreamTranscript(IRC),
    MQTT: lambda: StreamTranscript(MQTT),
}
DIALECTS: dict[str, type[Member]] = {
    "ours": Ours,
    "ngircd": IRC,
    "inspircd": IRC,
    "mosquitto": MQTT,
}
