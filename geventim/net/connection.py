"""A socket and its channel: frames go out gathered, events come in."""

import fcntl
import struct
import termios
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import gevent
from gevent.socket import (
    IPPROTO_TCP,
    SHUT_RDWR,
    SHUT_WR,
    SO_KEEPALIVE,
    SOL_SOCKET,
    TCP_KEEPCNT,
    TCP_KEEPIDLE,
    TCP_KEEPINTVL,
    TCP_NODELAY,
    socket,
)

from geventim.channel.connection import Connection as Channel
from geventim.channel.events import Event
from geventim.channel.records import BARE_SIZE
from geventim.channel.room import MOST_ROOMS, RoomKey, RoomRecord
from geventim.errors import NetworkError
from geventim.net.inlet import Inlet
from geventim.net.outbox import Outbox

READ_SIZE: Final = 64 * 1024
"""Bytes read from a socket at a time."""

READ_MORE: Final = 256 * 1024
"""The same, while the rest of a large record is coming."""

LINGER: Final = 5.0
"""Seconds in which a closed connection may still be written out."""

FAREWELL: Final = 2.0
"""Seconds in which the peer may close its side after we have closed ours."""

LITTLE: Final = 2048
"""Bytes that wait for the end of a pass with a key behind them.

Of those who have just come each is told something else, and all in one pass. What that is must not
be in memory for all of them at the same time.
"""


UNACKNOWLEDGED: Final = 40.0
"""Seconds after which a peer is gone that acknowledges nothing of what it was sent."""

_TCP_USER_TIMEOUT: Final = getattr(gevent.socket, "TCP_USER_TIMEOUT", None)
"""RFC 5482; not every system has it."""

_INT: Final = struct.Struct("i")


class _Pass:
    """What is sent in one pass of the event loop: ``records``, and then ``frames``.

    ``size`` is how many bytes of both there are.
    """

    __slots__ = ("frames", "records", "size")

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self.frames: list[bytes] = []
        self.size = 0


class Connection:
    """One encrypted connection over the connected socket ``sock``.

    Frames that are sent before control returns to the event loop share a record, and everything
    that is sent shares a write. ``heard`` is how often something has come.
    """

    # While ``is_busy`` is set, what the next record needs is kept and not made again.
    # It ``is_full`` when the peer may lack the key of a room in which it is.
    __slots__ = (
        "_closing",
        "_inlet",
        "_is_resting",
        "_pass",
        "_passed",
        "_socket",
        "channel",
        "heard",
        "is_busy",
        "is_full",
        "outbox",
    )

    def __init__(self, sock: socket, channel: Channel) -> None:
        self._socket = sock
        self._pass: _Pass | None = None
        self._closing = False
        self._is_resting = False
        self._passed = 0
        self.is_busy = True
        self.is_full = False
        self.heard = 0
        self.channel = channel
        self._inlet = Inlet(sock)
        self.outbox = Outbox(sock)
        self.write_handshake()

    @property
    def waiting(self) -> int:
        """Bytes that were sent and are not with the system yet, sealed or not."""
        size = self.outbox.size
        return size if self._pass is None else size + self._pass.size

    @property
    def closing(self) -> bool:
        """Whether our side is being ended: nothing that is sent from now on arrives."""
        return self._closing

    @property
    def unconfirmed(self) -> int:
        """Bytes that were written and that the peer's system has not confirmed yet.

        Where this system does not tell, those that it has not taken.
        """
        try:
            answer = fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, bytes(_INT.size))
        except (OSError, ValueError):
            return self.outbox.size  # it is closed, or not told here
        queued: int = _INT.unpack(answer)[0]
        return self.outbox.size + queued

    @property
    def progress(self) -> int:
        """Grows with everything that has come, and with what was taken after it had to wait."""
        return self.heard + self.outbox.taken

    def receive(
        self, take_turn: Callable[[], None] | None = None, most: int = READ_MORE
    ) -> list[Event] | None:
        """Wait for bytes and return what they amount to; None when the peer has ended well.

        With ``take_turn``, wait for that before they are taken from the system. Of the rest of what
        is large, and nothing behind that, ``most`` are taken at a time.

        Raises :class:`geventim.errors.PeerError` and :class:`geventim.errors.NetworkError`.
        """
        try:
            is_large = self.channel.held >= READ_SIZE
            size = min(most, self.channel.missing) if is_large else READ_SIZE
            data = self._inlet.read(size, take_turn)
        except OSError as error:
            raise NetworkError(error.strerror or "the connection broke") from None
        self.heard += 1
        if not data:
            self.channel.receive_eof()
            return None
        try:
            events = self.channel.receive_data(data)
            if self.channel.is_asked:
                self._send_pong()
        finally:
            self.write_handshake()
        if events:
            # What a sign of life has left goes when somebody looks after the connection.
            self._rest_unless_busy()
        return events

    def write_handshake(self) -> None:
        """Write what the handshake has ready; done by itself but after an ``accept``."""
        data = self.channel.data_to_send()
        if data:
            self.outbox.put(data)

    def send(self, frame: bytes) -> None:
        """Send ``frame`` at the end of this pass of the event loop; never blocks."""
        if not self._closing:
            waiting = self._begin_pass()
            waiting.frames.append(frame)
            waiting.size += len(frame)

    def flush(self) -> None:
        """Write what was sent in this pass now, in as few records as it fits into."""
        waiting = self._pass
        if waiting is not None:
            self._seal(waiting)
            self._pass = None
            if waiting.records:
                self.outbox.put(b"".join(waiting.records))
            self._rest_unless_busy()

    def tag(self, record: RoomRecord) -> bytes:
        """The tag with which ``record``, whose key the peer holds, is next; none while it closes.

        What was sent before is written. Whoever asks for a tag puts the record and the tag into
        :attr:`outbox` before anything else is sent.
        """
        if self._pass is not None:
            self.flush()
        return b"" if self._closing else self.channel.tag(record)

    def share(self, key: RoomKey) -> None:
        """Give the peer ``key`` before whatever is sent from now on.

        A peer that holds as many as it may does not get it, and :attr:`is_full` from then on.
        """
        waiting = self._begin_pass()
        self._seal(waiting)
        if not self.channel.writable:
            return
        if self.channel.rooms >= MOST_ROOMS and not self.channel.generation(key.room):
            self.is_full = True
        else:
            _add(waiting, self.channel.share(key))
            if waiting.size > LITTLE:
                self.flush()

    def retire(self, room: int) -> None:
        """Take the key of ``room`` from the peer, if it holds that."""
        waiting = self._begin_pass()
        self._seal(waiting)
        if self.channel.writable:
            _add(waiting, self.channel.retire(room))

    def ping(self) -> None:
        """Ask whether the peer is there, after whatever was sent before."""
        waiting = self._begin_pass()
        self._seal(waiting)
        if self.channel.writable:
            _add(waiting, self.channel.ping())

    def rest(self) -> None:
        """Let go of what an idle connection does not need; to be called every two seconds.

        Where nothing was said since the last call, a PING that comes alone is answered without
        waking anybody. More than one meanwhile, or anything else, takes its turn.
        """
        passed = self.heard + self.channel.said
        if passed != self._passed:
            self._passed = passed
            self._is_resting = False
        elif self._is_resting:
            return
        else:
            self._is_resting = True
        if self.channel.rest():
            self.is_busy = False
            if self.channel.signs_life:
                self._inlet.offer(BARE_SIZE, self._answer)

    def set_option(self, level: int, option: int, value: int) -> None:
        """Set an option of the socket, if it is still there and the system knows it."""
        with suppress(OSError):
            self._socket.setsockopt(level, option, value)

    def close(self, linger: float = LINGER, farewell: float = FAREWELL) -> None:
        """End our side after everything that was sent, without waiting for it.

        The peer gets ``linger`` seconds to take that, and ``farewell`` to end its own; then the
        socket is shut, and whoever waits in :meth:`receive` learns of it.
        """
        if not self._closing:
            self.flush()
            self._closing = True
            self.outbox.put(self.channel.close())
            gevent.spawn(self._finish, linger, farewell)

    def abort(self) -> None:
        """Cut the connection now and give the socket back; whoever waits learns of it."""
        self._closing = True
        self._inlet.withdraw()
        self._shut(SHUT_RDWR)
        self._socket.close()

    def _answer(self, data: bytes) -> bool:
        """Answer ``data`` if it is nothing but a PING, and nothing else is on its way."""
        if self._pass is not None or self.outbox.size:
            return False
        pong = self.channel.answer(data)
        if not pong:
            return False
        self.heard += 1
        self.outbox.put(pong)
        return True

    def _send_pong(self) -> None:
        if self._pass is None:
            # As nearly always, for who has nothing else to say: it need not wait for the pass.
            self.outbox.put(self.channel.pong())
        else:
            self._seal(self._pass)
            _add(self._pass, self.channel.pong())

    def _begin_pass(self) -> _Pass:
        if self._pass is None:
            self._pass = _Pass()
            gevent.get_hub().loop.run_callback(self.flush)
        return self._pass

    def _seal(self, waiting: _Pass) -> None:
        """Make records of the frames, for what comes after them."""
        frames, waiting.frames = waiting.frames, []
        # A channel that died in this pass takes nothing any more.
        if not frames or not self.channel.writable:
            return
        batch: list[bytes] = []
        size = 0
        for frame in frames:
            if size + len(frame) > self.channel.capacity and batch:
                waiting.records.append(self.channel.seal(b"".join(batch)))
                batch, size = [], 0
            batch.append(frame)
            size += len(frame)
        waiting.records.append(self.channel.seal(b"".join(batch)))

    def _rest_unless_busy(self) -> None:
        if not self.is_busy:
            self.channel.let_go()

    def _finish(self, linger: float, farewell: float) -> None:
        self.outbox.join(linger)
        self._shut(SHUT_WR)
        gevent.sleep(farewell)
        self.abort()

    def _shut(self, how: int) -> None:
        try:
            self._socket.shutdown(how)
        except OSError:
            return  # it was shut already


def _add(waiting: _Pass, record: bytes) -> None:
    if record:
        waiting.records.append(record)
        waiting.size += len(record)


def configure(sock: socket) -> None:
    """Write small records at once, and notice within a minute when the peer's machine is gone.

    What a listening socket accepts is configured as it is.
    """
    try:
        sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        sock.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
        sock.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 30)
        sock.setsockopt(IPPROTO_TCP, TCP_KEEPINTVL, 10)
        sock.setsockopt(IPPROTO_TCP, TCP_KEEPCNT, 3)
        if _TCP_USER_TIMEOUT is not None:
            sock.setsockopt(IPPROTO_TCP, _TCP_USER_TIMEOUT, int(UNACKNOWLEDGED * 1000))
    except OSError:
        return  # it has been reset already, which the first read will tell
