"""A socket and its channel: frames go out gathered, events come in."""

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
from geventim.channel.room import MOST_ROOMS, RoomKey, RoomRecord
from geventim.errors import NetworkError
from geventim.net.inlet import read
from geventim.net.outbox import Outbox

READ_SIZE: Final = 64 * 1024
"""Bytes read from a socket at a time."""

LINGER: Final = 5.0
"""Seconds in which a closed connection may still be written out."""

FAREWELL: Final = 2.0
"""Seconds in which the peer may close its side after we have closed ours."""

BUSY: Final = 8
"""Reads and writes a second from which on a channel keeps what it would have to make again."""


class Connection:
    """One encrypted connection over the connected socket ``sock``.

    Frames that are sent before control returns to the event loop share a record and a write.
    """

    __slots__ = ("_closing", "_frames", "_socket", "_traffic", "_unsealed", "channel", "outbox")

    def __init__(self, sock: socket, channel: Channel) -> None:
        configure(sock)
        self._socket = sock
        self._frames: list[bytes] | None = None
        self._unsealed = 0
        self._closing = False
        self._traffic = 0
        self.channel = channel
        self.outbox = Outbox(sock)
        self.write_handshake()

    @property
    def waiting(self) -> int:
        """Bytes that were sent and are not with the system yet, sealed or not."""
        return self._unsealed + self.outbox.size

    def receive(self) -> list[Event] | None:
        """Wait for bytes and return what they amount to; None when the peer has ended well.

        Raises :class:`geventim.errors.PeerError` and :class:`geventim.errors.NetworkError`.
        """
        try:
            data = read(self._socket, READ_SIZE)
        except OSError as error:
            raise NetworkError(error.strerror or "the connection broke") from None
        if not data:
            self.channel.receive_eof()
            return None
        try:
            return self.channel.receive_data(data)
        finally:
            self.write_handshake()
            self._rest_unless_busy()

    def write_handshake(self) -> None:
        """Write what the handshake has ready; done by itself but after an ``accept``."""
        data = self.channel.data_to_send()
        if data:
            self.outbox.put(data)

    def send(self, frame: bytes) -> None:
        """Send ``frame`` at the end of this pass of the event loop; never blocks."""
        if self._frames is None:
            if self._closing:
                return
            self._frames = []
            gevent.get_hub().loop.run_callback(self.flush)
        self._frames.append(frame)
        self._unsealed += len(frame)

    def flush(self) -> None:
        """Write what was sent in this pass now, in as few records as it fits into."""
        frames, self._frames = self._frames, None
        self._unsealed = 0
        # A channel that died in this pass takes nothing any more.
        if not frames or not self.channel.writable:
            return
        batch: list[bytes] = []
        size = 0
        for frame in frames:
            if size + len(frame) > self.channel.capacity and batch:
                self.outbox.put(self.channel.seal(b"".join(batch)))
                batch, size = [], 0
            batch.append(frame)
            size += len(frame)
        self.outbox.put(self.channel.seal(b"".join(batch)))
        self._rest_unless_busy()

    def deliver(self, record: RoomRecord) -> None:
        """Write ``record``, whose key the peer holds, after everything that was sent before."""
        if self._frames is not None:
            self.flush()
        if not self._closing:
            self._traffic += 1
            self.outbox.put(record.shared + self.channel.tag(record))

    def share(self, key: RoomKey) -> None:
        """Give the peer ``key`` before whatever is sent from now on.

        A peer that holds more keys than anybody needs is cut off.
        """
        self.flush()
        if not self.channel.writable:
            return
        if self.channel.rooms == MOST_ROOMS:
            self.abort()
        else:
            self.outbox.put(self.channel.share(key))

    def retire(self, room: int) -> None:
        """Take the key of ``room`` from the peer, if it holds that."""
        self.flush()
        if self.channel.writable:
            self.outbox.put(self.channel.retire(room))

    def tick(self) -> None:
        """A second has passed. Without this call, a connection that was busy once stays so."""
        self._traffic //= 2
        if self._traffic < BUSY:
            self.channel.rest()

    def close(self) -> None:
        """End our side after everything that was sent, without waiting for it.

        The peer gets a little time to end its own; then the socket is shut, and whoever waits in
        :meth:`receive` learns of it.
        """
        if not self._closing:
            self.flush()
            self._closing = True
            self.outbox.put(self.channel.close())
            gevent.spawn(self._finish)

    def abort(self) -> None:
        """Cut the connection now and give the socket back; whoever waits learns of it."""
        self._closing = True
        self._shut(SHUT_RDWR)
        self._socket.close()

    def _rest_unless_busy(self) -> None:
        self._traffic += 1
        if self._traffic < BUSY:
            self.channel.rest()

    def _finish(self) -> None:
        self.outbox.join(LINGER)
        self._shut(SHUT_WR)
        gevent.sleep(FAREWELL)
        self.abort()

    def _shut(self, how: int) -> None:
        try:
            self._socket.shutdown(how)
        except OSError:
            return  # it was shut already


def configure(sock: socket) -> None:
    """Write small records at once, and notice within a minute when the peer's machine is gone."""
    try:
        sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        sock.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
        sock.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 30)
        sock.setsockopt(IPPROTO_TCP, TCP_KEEPINTVL, 10)
        sock.setsockopt(IPPROTO_TCP, TCP_KEEPCNT, 3)
    except OSError:
        return  # it has been reset already, which the first read will tell
