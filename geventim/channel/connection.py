"""One encrypted connection: bytes in, events out, bytes out.

Here is what both sides share: buffering, the one door through which errors leave, session
records. How a connection begins differs and is in ``handshake``.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from geventim.channel import room
from geventim.channel.events import Closed, Event, Frames
from geventim.channel.life import LIFE, LifeSigns
from geventim.channel.records import (
    CLOSE,
    FRAMES,
    LENGTH,
    MAX_RECORD,
    MAX_RECORD_BEFORE_LOGIN,
    NAMES,
    PING,
    PONG,
    ROOM,
    ROOM_KEY,
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
"""Takes direction (``in`` or ``out``), kind (``preamble``, ``handshake``, or a name of a record)
and the bytes as they are on the wire; incoming ones before anything has verified them."""

_RECORD_HEADER_SIZE: Final = LENGTH.size + 1

# Where nearly every record is sealed and read. Looking a state up in the table takes longer than
# knowing this one by sight.
_OPEN: Final = State.OPEN


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
    # nothing is held, so an idle connection keeps no buffer; so is ``_given``, the generations of
    # the room keys that the peer holds, while it holds none. ``_room_keys`` are those that we hold,
    # None where we take none. ``_life`` is None until signs of life are agreed on.
    __slots__ = (
        "_capacity",
        "_given",
        "_held",
        "_life",
        "_limit",
        "_opener",
        "_outgoing",
        "_random",
        "_rekey_interval",
        "_room_keys",
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
        self._given: dict[int, int] | None = None
        self._room_keys: room.RoomKeys | None = None
        self._life: LifeSigns | None = None
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

    @property
    def held(self) -> int:
        """Bytes that are here of a record whose rest is on its way."""
        return 0 if self._held is None else len(self._held)

    @property
    def missing(self) -> int:
        """Bytes of that record that are not here; 0 while its length is not known."""
        held = self._held
        if held is None or len(held) < LENGTH.size:
            return 0
        (length,) = LENGTH.unpack_from(held)
        return int(LENGTH.size + length - len(held))

    @property
    def writable(self) -> bool:
        """Whether records can be sealed."""
        return self._state is _OPEN or Move.SEAL in MOVES[self._state]

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
        if len(plaintext) > self._capacity:
            raise MisuseError(f"a record takes {self._capacity} bytes here")
        return self._seal(FRAMES, plaintext)

    @property
    def rooms(self) -> int:
        """Of how many rooms the peer holds the keys; at most ``room.MOST_ROOMS``."""
        return len(self._given or ())

    def generation(self, number: int) -> int:
        """Of which generation the key of room ``number`` is that the peer holds; 0 if it has none.

        Generations count from 1.
        """
        return 0 if self._given is None else self._given.get(number, 0)

    def share(self, key: room.RoomKey) -> bytes:
        """The record that gives ``key`` to the peer; nothing if it holds that already.

        Raises :class:`MisuseError` where :meth:`seal` does, and for one room too many.
        """
        given = self._given
        if given is None:
            given = self._given = {}
        if given.get(key.room) == key.generation:
            return b""
        if key.room not in given and len(given) >= room.MOST_ROOMS:
            raise MisuseError("the peer holds as many room keys as it may")
        record = self._seal(ROOM_KEY, key.encode())
        given[key.room] = key.generation
        return record

    def retire(self, number: int) -> bytes:
        """The record that takes the key of room ``number`` from the peer; nothing if it has none.

        Raises :class:`MisuseError` where :meth:`seal` does.
        """
        if not self._given or number not in self._given:
            return b""
        record = self._seal(ROOM_KEY, room.encode_retirement(number))
        del self._given[number]
        return record

    def tag(self, record: room.RoomRecord) -> bytes:
        """The tag with which ``record`` is our next record: what follows its shared bytes.

        The peer must hold its key. Raises :class:`MisuseError` where :meth:`seal` does.
        """
        if self._state is not _OPEN and not self.writable:
            raise MisuseError(f"nothing can be sealed: {self._state}")
        tag = self._sealer.tag(record.bound)
        if self._trace is not None:
            self._trace("out", NAMES[ROOM], record.shared + tag)
        return tag

    def agree_on_life_signs(self) -> None:
        """Both sides have announced them: from now on a PING means something."""
        if self._life is None:
            self._life = LifeSigns()

    @property
    def signs_life(self) -> bool:
        """Whether both sides have announced signs of life."""
        return self._life is not None

    @property
    def said(self) -> int:
        """How many records were sealed here so far."""
        return self._sealer.count

    def ping(self) -> bytes:
        """The record that asks whether the peer is there.

        Raises :class:`MisuseError` where :meth:`seal` does, and without :attr:`signs_life`.
        """
        if self._life is None:
            raise MisuseError("no signs of life were agreed on")
        record = self._seal_bare(PING)
        self._life.asked += 1
        return record

    @property
    def is_asked(self) -> bool:
        """Whether a PING waits for its answer."""
        return self._life is not None and self._life.owed

    def pong(self) -> bytes:
        """The record that answers each PING so far; nothing where none waits, or can be answered.

        That is where :attr:`writable` says no.
        """
        if self._life is None or not self._life.owed or not self.writable:
            return b""
        self._life.owed = False
        return self._seal_bare(PONG)

    def answer(self, data: bytes) -> bytes:
        """The PONG where ``data`` is a PING, as it should be, and nothing else is on its way.

        Else nothing, and nothing has happened: ``data`` is for :meth:`receive_data`.
        """
        life = self._life
        if life is None or life.owed or self._held is not None or self._trace is not None:
            return b""
        if self._state is not _OPEN or not self._opener.take_bare(PING, data):
            return b""
        return self._sealer.seal_bare(PONG)

    def close(self) -> bytes:
        """End our direction: the close record, or nothing where there is nothing to end.

        Closing twice is harmless; closing during the handshake leaves the connection dead.
        """
        if not self.writable:
            self._move(Move.CLOSE)
            if self._state is State.DEAD:
                self._fail()
            return b""
        record = self._seal(CLOSE, b"")
        self._move(Move.CLOSE)
        return record

    def rest(self) -> bool:
        """Let go of what the next record can make again, where none was since the last call.

        That are about 1.5 KiB for 10 µs each way. Whether the peer has said nothing since then.
        """
        if not self.writable:
            return True
        self._sealer.rest()
        return self._opener.rest()

    def let_go(self) -> None:
        """Let go of it in any case."""
        if self.writable:
            self._sealer.let_go()
            self._opener.let_go()

    def _seal(self, kind: int, plaintext: bytes) -> bytes:
        if not self.writable:
            raise MisuseError(f"nothing can be sealed: {self._state}")
        record = self._sealer.seal(kind, plaintext)
        if self._trace is not None:
            self._trace("out", NAMES[kind], record)
        return record

    def _seal_bare(self, kind: int) -> bytes:
        if not self.writable:
            raise MisuseError(f"nothing can be sealed: {self._state}")
        record = self._sealer.seal_bare(kind)
        if self._trace is not None:
            self._trace("out", NAMES[kind], record)
        return record

    def _confirm(self) -> None:
        """A record has been read that leaves the peer's direction open."""
        if self._state is not _OPEN:
            self._move(Move.READ_FRAMES)

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
            if self._state is _OPEN or Move.READ_FRAMES in MOVES[self._state]:
                taken = self._take_record(source, offset, events)
            else:
                taken = self._take_handshake(source, offset, events)
            if not taken:
                break
            offset += taken
        if offset == end:
            self._held = None
        elif offset or held is None:
            self._held = bytearray(memoryview(source)[offset:])

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
        sealed = memoryview(data)[offset + _RECORD_HEADER_SIZE : offset + size]
        self._take_content(kind, sealed, events)
        return size

    def _take_content(self, kind: int, sealed: memoryview, events: list[Event]) -> None:
        """Take what follows the type of a record."""
        if kind == ROOM and self._room_keys is not None:
            record = room.split(bytes(sealed))
            self._opener.verify(record.bound, record.tag)
            self._confirm()
            events.append(Frames(self._room_keys.open(record)))
            return
        if kind in LIFE and self._life is not None:
            self._opener.verify_bare(kind, bytes(sealed))
            self._confirm()
            self._life.take(kind)
            return
        plaintext = self._opener.open(kind, sealed)
        if kind == FRAMES:
            self._confirm()
            events.append(Frames(plaintext))
        elif kind == ROOM_KEY and self._room_keys is not None:
            self._confirm()
            self._room_keys.take(plaintext)
        elif kind == CLOSE and not plaintext:
            self._move(Move.READ_CLOSE)
            events.append(Closed())
        else:
            raise PeerError(f"a record of type {kind} that means nothing")

    @abstractmethod
    def _take_handshake(self, data: bytes | bytearray, offset: int, events: list[Event]) -> int:
        """Read what comes before records; how many bytes it had, or 0 while some are missing."""

    def _start_records(self, ours: bytes, theirs: bytes) -> None:
        self._sealer = RecordSealer(ours, self._rekey_interval, self._random)
        self._opener = RecordOpener(theirs, self._rekey_interval)
