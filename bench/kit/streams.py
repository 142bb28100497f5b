"""The dialects of servers that say the same bytes to everyone, through TLS."""

import ssl
from typing import ClassVar

from kit.member import READ, Member
from kit.rivals import tls_context
from kit.transcript import FaultError, Transcript


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
