"""How a connection begins: :class:`Initiator` is the client, :class:`Responder` the server.

The initiator sends preamble and message 1 at once. Message 2 proves the server's key, and nothing
more is sent before the caller has accepted that key. Each handshake message follows its length, a
16-bit big-endian integer.
"""

from abc import abstractmethod
from typing import Final

from geventim.channel.cipher import CBCHMAC
from geventim.channel.connection import Connection, Random, Trace
from geventim.channel.events import Established, Event, ServerKey
from geventim.channel.noise import HandshakeState, Pattern
from geventim.channel.preamble import (
    MAGIC,
    SIZE,
    VERSION,
    Preamble,
    PreambleError,
    decode_preamble,
    encode_preamble,
)
from geventim.channel.records import MAX_RECORD, REKEY_INTERVAL
from geventim.channel.room import RoomKeys
from geventim.channel.states import MOVES, Move, State
from geventim.crypto.dh import PrivateKey
from geventim.errors import MisuseError, PeerError

MAX_MESSAGE: Final = 1024
"""Bytes in a handshake message, without its length."""

FOREIGN: Final = 16
"""Bytes by which another protocol can be known."""

_LENGTH_SIZE: Final = 2
_CIPHER: Final = CBCHMAC()


class ForeignError(PeerError):
    """What came is longer than a message of a handshake: most likely another protocol.

    ``start`` is the beginning of it.
    """

    def __init__(self, start: bytes) -> None:
        super().__init__(start)
        self.start = start

    def __str__(self) -> str:
        size = int.from_bytes(self.start[:_LENGTH_SIZE], "big")
        return f"a handshake message of {size} bytes, or another protocol"


class _Party(Connection):
    """What both roles do with preambles and handshake messages."""

    __slots__ = ("_handshake",)

    def __init__(
        self,
        state: State,
        handshake: HandshakeState,
        random: Random,
        trace: Trace | None,
        rekey_interval: int,
    ) -> None:
        super().__init__(state, random, trace, rekey_interval)
        # None when the handshake is over, however it ended: nothing of it stays in memory.
        self._handshake: HandshakeState | None = handshake

    def _take_handshake(self, data: bytes | bytearray, offset: int, events: list[Event]) -> int:
        if self._handshake is None:
            raise PeerError(f"data where none may come: {self._state}")
        return self._take_part(self._handshake, data, offset, events)

    @abstractmethod
    def _take_part(
        self,
        handshake: HandshakeState,
        data: bytes | bytearray,
        offset: int,
        events: list[Event],
    ) -> int:
        """Read a preamble or a message; how many bytes it had, or 0 while some are missing."""

    def _take_preamble(self, data: bytes | bytearray, offset: int) -> Preamble | None:
        start = bytes(data[offset : offset + SIZE])
        preamble = decode_preamble(start)
        if preamble is not None and self._trace is not None:
            self._trace("in", "preamble", start)
        return preamble

    def _take_message(self, handshake: HandshakeState, data: bytes | bytearray, offset: int) -> int:
        """Let ``handshake`` read the message at ``offset``; how many bytes it had with its length.

        0 while bytes are missing.
        """
        start = offset + _LENGTH_SIZE
        if len(data) < start:
            return 0
        size = int.from_bytes(data[offset:start], "big")
        if size > MAX_MESSAGE:
            raise ForeignError(bytes(data[offset : offset + FOREIGN]))
        if len(data) < start + size:
            return 0
        framed = bytes(data[offset : start + size])
        if self._trace is not None:
            self._trace("in", "handshake", framed)
        if handshake.read_message(framed[_LENGTH_SIZE:]):
            raise PeerError("handshake messages carry no payload")
        return len(framed)

    def _send(self, kind: str, data: bytes) -> None:
        if self._trace is not None:
            self._trace("out", kind, data)
        self._outgoing += data

    def _send_message(self, handshake: HandshakeState) -> None:
        message = handshake.write_message()
        self._send("handshake", len(message).to_bytes(_LENGTH_SIZE, "big") + message)

    def _establish(self, handshake: HandshakeState) -> Established:
        self._handshake = None
        first, second = handshake.split()
        ours, theirs = (first, second) if handshake.initiator else (second, first)
        self._start_records(ours.export_key(), theirs.export_key())
        return Established(handshake.remote_static(), handshake.get_handshake_hash())

    def _fail(self) -> None:
        super()._fail()
        self._handshake = None


class Initiator(_Party):
    """The client's side of a connection.

    ``random`` returns so many unpredictable bytes; ``psk`` is the 32-byte pre-shared key of a
    server that requires one, and chooses ``XXpsk3``; ``rekey_interval`` is how many records go
    under one key, the same on both sides.
    """

    __slots__ = ()

    def __init__(
        self,
        random: Random,
        *,
        psk: bytes | None = None,
        trace: Trace | None = None,
        rekey_interval: int = REKEY_INTERVAL,
    ) -> None:
        handshake = _prepare(random, None, psk, initiator=True)
        super().__init__(State.AWAITING_SECOND, handshake, random, trace, rekey_interval)
        # What is sent to many at once comes from a server.
        self._room_keys = RoomKeys()
        self._send("preamble", encode_preamble(handshake.pattern))
        self._send_message(handshake)

    def accept(self, static: PrivateKey) -> Established:
        """Trust the key of :class:`ServerKey`, and show it ``static``, our own key pair.

        Message 3 then waits in :meth:`data_to_send` and must be written before any record. Raises
        :class:`MisuseError` where there is no key to accept.
        """
        handshake = self._handshake
        if handshake is None or Move.ACCEPT not in MOVES[self._state]:
            raise MisuseError(f"there is no key to accept: {self._state}")
        handshake.s = static
        self._send_message(handshake)
        self._move(Move.ACCEPT)
        self.limit = MAX_RECORD
        return self._establish(handshake)

    def _take_part(
        self,
        handshake: HandshakeState,
        data: bytes | bytearray,
        offset: int,
        events: list[Event],
    ) -> int:
        if self._state is not State.AWAITING_SECOND:
            raise PeerError(f"data where none may come: {self._state}")
        if data[offset] == MAGIC[0]:
            refusal = self._take_preamble(data, offset)
            if refusal is None:
                return 0
            if refusal == Preamble(VERSION, handshake.pattern):
                raise PeerError("a refusal that names what was asked for")
            raise PreambleError(refusal.version, refusal.pattern)
        taken = self._take_message(handshake, data, offset)
        if taken:
            self._move(Move.READ_SECOND)
            events.append(ServerKey(handshake.remote_static()))
        return taken


class Responder(_Party):
    """The server's side of a connection.

    ``static`` is the server's key pair; the other parameters are those of :class:`Initiator`. With
    a ``psk`` nobody gets in who does not hold it.
    """

    __slots__ = ()

    def __init__(
        self,
        random: Random,
        static: PrivateKey,
        *,
        psk: bytes | None = None,
        trace: Trace | None = None,
        rekey_interval: int = REKEY_INTERVAL,
    ) -> None:
        handshake = _prepare(random, static, psk, initiator=False)
        super().__init__(State.AWAITING_PREAMBLE, handshake, random, trace, rekey_interval)

    def _take_part(
        self,
        handshake: HandshakeState,
        data: bytes | bytearray,
        offset: int,
        events: list[Event],
    ) -> int:
        if self._state is State.AWAITING_PREAMBLE:
            asked = self._take_preamble(data, offset)
            if asked is None:
                return 0
            if asked != Preamble(VERSION, handshake.pattern):
                self._send("preamble", encode_preamble(handshake.pattern))
                raise PreambleError(asked.version, asked.pattern)
            self._move(Move.READ_PREAMBLE)
            return SIZE
        taken = self._take_message(handshake, data, offset)
        if not taken:
            return 0
        if self._state is State.AWAITING_FIRST:
            self._move(Move.READ_FIRST)
            self._send_message(handshake)
        else:
            self._move(Move.READ_THIRD)
            events.append(self._establish(handshake))
        return taken


def _prepare(
    random: Random, static: PrivateKey | None, psk: bytes | None, *, initiator: bool
) -> HandshakeState:
    pattern = Pattern.XX if psk is None else Pattern.XXPSK3
    prologue = encode_preamble(pattern)
    return HandshakeState(
        _CIPHER, pattern, initiator=initiator, prologue=prologue, random=random, s=static, psk=psk
    )
