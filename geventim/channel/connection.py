"""One encrypted connection: bytes in, events out, bytes out.

Here is what both sides share: buffering, the one door through which errors leave, session
records. How a connection begins differs and is in ``handshake``.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from geventim.channel.events import Closed, Event, Frames
from geventim.channel.records import (
    CLOSE,
    FRAMES,
    LENGTH,
    MAX_RECORD,
    MAX_RECORD_BEFORE_LOGIN,
    NAMES,
    RecordOpener,
    RecordSealer,
    capacity,
    possible,
)
from geventim.channel.states import MOVES, Move, State
from geventim.errors import MisuseError, PeerError

Random = Callable[[int], bytes]
"""Returns so many unpredictable bytes."""

Trace = Callable[[str, str, bytes], None]
"""Takes direction (``in`` or ``out``), kind (``preamble``, ``handshake``, ``frames``, ``close``)
and the bytes as they are on the wire; incoming ones before anything has verified them."""

_RECORD_HEADER_SIZE: Final = LENGTH.size + 1


class TruncationError(PeerError):
    """The stream ended where the protocol does not end; ``state`` is where it stood.

    A responder with another access key hangs up after message 3, so for an initiator of
    ``XXpsk3`` the state ``UNCONFIRMED`` most likely means a wrong key.
    """

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state

    def __str__(self) -> str:
        return f"the connection was cut while {self.state}"


class Connection(ABC):
    """The side-independent part of ``handshake.Initiator`` and ``handshake.Responder``.

    ``receive_data`` and ``receive_eof`` raise :class:`PeerError` and nothing else; after that the
    connection is dead. What ``data_to_send`` holds may still be written then: a responder that
    refuses a preamble leaves its own there.
    """

    # ``_sealer`` and ``_opener`` exist from the end of the handshake on. ``_held`` is None where
    # nothing is held, so an idle connection keeps no buffer.
    __slots__ = (
        "_capacity",
        "_held",
        "_limit",
        "_opener",
        "_outgoing",
        "_random",
        "_rekey_interval",
        "_sealer",
        "_state",
        "_trace",
    )

    _sealer: RecordSealer
    _opener: RecordOpener

    def __init__(
        self, state: State, random: Random, trace: Trace | None, rekey_interval: int
    ) -> None:
        self._state = state
        self._random = random
        self._trace = trace
        self._rekey_interval = rekey_interval
        self._held: bytearray | None = None
        self._outgoing = b""
        self.limit = MAX_RECORD_BEFORE_LOGIN

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._state}>"

    @property
    def state(self) -> State:
        """Where the connection stands."""
        return self._state

    @property
    def limit(self) -> int:
        """The largest ``length`` of a record, in both directions; at most ``MAX_RECORD``.

        A responder starts with ``MAX_RECORD_BEFORE_LOGIN``, and its caller raises it at login. An
        initiator knows whom it talks to: from ``accept`` on it is ``MAX_RECORD``.
        """
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        if capacity(limit) < 0 or limit > MAX_RECORD:
            raise MisuseError("no such record limit")
        self._limit = limit
        self._capacity = capacity(limit)

    @property
    def capacity(self) -> int:
        """The most bytes of plaintext that one :meth:`seal` takes."""
        return self._capacity

    def data_to_send(self) -> bytes:
        """Preamble and handshake messages that wait to be written; each is handed out once."""
        data, self._outgoing = self._outgoing, b""
        return data

    def receive_data(self, data: bytes) -> list[Event]:
        """What ``data`` from the peer, in pieces of any size, amounts to.

        Raises :class:`PeerError`; then the connection is dead, and what the same ``data`` held
        before the fault is dropped with it.
        """
        events: list[Event] = []
        try:
            self._consume(data, events)
        except PeerError:
            self._fail()
            raise
        return events

    def receive_eof(self) -> None:
        """The peer's stream has ended, or was reset.

        Raises :class:`TruncationError` unless the peer had closed its direction.
        """
        if Move.READ_END not in MOVES[self._state]:
            error = TruncationError(self._state)
            self._fail()
            raise error
        self._move(Move.READ_END)

    def seal(self, plaintext: bytes) -> bytes:
        """The record that carries ``plaintext``; records must be written in the order of sealing.

        Raises :class:`MisuseError` above :attr:`capacity` bytes, and where sending is over or has
        not begun.
        """
        if Move.SEAL not in MOVES[self._state]:
            raise MisuseError(f"nothing can be sealed: {self._state}")
        if len(plaintext) > self._capacity:
            raise MisuseError(f"a record takes {self._capacity} bytes here")
        record = self._sealer.seal(FRAMES, plaintext)
        if self._trace is not None:
            self._trace("out", NAMES[FRAMES], record)
        return record

    def close(self) -> bytes:
        """End our direction: the close record, or nothing where there is nothing to end.

        Closing twice is harmless; closing during the handshake leaves the connection dead.
        """
        if Move.SEAL not in MOVES[self._state]:
            self._move(Move.CLOSE)
            if self._state is State.DEAD:
                self._fail()
            return b""
        record = self._sealer.seal(CLOSE, b"")
        self._move(Move.CLOSE)
        if self._trace is not None:
            self._trace("out", NAMES[CLOSE], record)
        return record

    def rest(self) -> None:
        """Let go of what the next record can make again: about 2 KiB for 10 µs each way.

        For connections that are likely to stay idle.
        """
        if Move.SEAL in MOVES[self._state]:
            self._sealer.rest()
            self._opener.rest()

    def _move(self, move: Move) -> None:
        self._state = MOVES[self._state][move]

    def _fail(self) -> None:
        self._move(Move.FAIL)
        self._held = None

    def _consume(self, data: bytes, events: list[Event]) -> None:
        held = self._held
        source: bytes | bytearray = data
        if held is not None:
            held += data
            source = held
        offset, end = 0, len(source)
        while offset < end:
            if Move.READ_FRAMES in MOVES[self._state]:
                taken = self._take_record(source, offset, events)
            else:
                taken = self._take_handshake(source, offset, events)
            if not taken:
                break
            offset += taken
        if offset == end:
            self._held = None
        elif offset or held is None:
            self._held = bytearray(source[offset:])

    def _take_record(self, data: bytes | bytearray, offset: int, events: list[Event]) -> int:
        """Read one record; how many bytes it had, or 0 while some are missing."""
        available = len(data) - offset
        if available < LENGTH.size:
            return 0
        (length,) = LENGTH.unpack_from(data, offset)
        if length > self._limit:
            raise PeerError(f"a record of {length} bytes, where {self._limit} are allowed")
        if not possible(length):
            raise PeerError(f"a record cannot have {length} bytes")
        size: int = LENGTH.size + length
        if available < size:
            return 0
        kind = data[offset + LENGTH.size]
        if self._trace is not None:
            name = NAMES.get(kind, "unknown")
            self._trace("in", name, bytes(data[offset : offset + size]))
        sealed = bytes(data[offset + _RECORD_HEADER_SIZE : offset + size])
        plaintext = self._opener.open(kind, sealed)
        if kind == FRAMES:
            self._move(Move.READ_FRAMES)
            events.append(Frames(plaintext))
            return size
        if kind != CLOSE or plaintext:
            raise PeerError(f"a record of type {kind} that means nothing")
        self._move(Move.READ_CLOSE)
        events.append(Closed())
        return size

    @abstractmethod
    def _take_handshake(self, data: bytes | bytearray, offset: int, events: list[Event]) -> int:
        """Read what comes before records; how many bytes it had, or 0 while some are missing."""

    def _start_records(self, ours: bytes, theirs: bytes) -> None:
        self._sealer = RecordSealer(ours, self._rekey_interval, self._random)
        self._opener = RecordOpener(theirs, self._rekey_interval)
