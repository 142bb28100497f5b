"""One client: its greenlet, from the handshake to its end."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Final, cast

import gevent

from geventim.channel.connection import TruncationError
from geventim.channel.events import Closed, Established, Event, Frames
from geventim.channel.records import MAX_RECORD
from geventim.chat import limits
from geventim.errors import NetworkError, PeerError, StoreError
from geventim.net.audience import ClientGreenlet
from geventim.net.connection import READ_SIZE, Connection
from geventim.net.courier import Courier
from geventim.net.gate import Gate, await_next_pass
from geventim.net.handshakes import Handshakes
from geventim.net.journals.journal import Journal
from geventim.net.origins import Networks, nearness, origin
from geventim.net.passes import Passes, Tab
from geventim.server.clients.bounds import USUAL, Bounds
from geventim.server.clients.witness import Witness
from geventim.service.dispatch import Service
from geventim.service.happenings import Happening
from geventim.service.sessions import Session

HARD_LIMIT: Final = 2 * limits.OUTBOX_SIZE
"""Bytes waiting for a client that does not read, over which it is cut off."""

LARGE: Final = 72 * 1024
"""Bytes of a record from which on few at a time are received and answered: more than a message."""

LITTLE: Final = 16 * 1024
"""Bytes of a page after which, most likely, there is nothing more."""

SILENCE: Final = 21
"""Times in a row that a client is looked after without a sign of life: 42 s.

Time in which this process stood still is not time in which a client was silent.
"""


class ClientHandler:
    """Implements :class:`geventim.service.ports.Outlet` over one accepted connection.

    All clients share ``pages``: who has missed much takes one to read a page of a log and seal it;
    and ``records``: who says much at once takes one to do so.
    They share ``passes``, too, in which those are answered who have asked for several things, and
    the ``witness``, who is told what happens to a client from ``address``.
    """

    __slots__ = (
        "_address",
        "_bounds",
        "_catching_up",
        "_courier",
        "_handshakes",
        "_journal",
        "_pages",
        "_passes",
        "_progress",
        "_records",
        "_service",
        "_silent",
        "_witness",
        "connection",
        "greenlet",
        "rest",
        "session",
        "talk",
        "talking",
    )

    def __init__(
        self,
        connection: Connection,
        service: Service,
        journal: Journal,
        handshakes: Handshakes,
        pages: Gate,
        records: Gate,
        passes: Passes,
        witness: Witness,
        address: str,
        proxies: Networks = (),
        bounds: Bounds = USUAL,
    ) -> None:
        self.connection = connection
        self._service = service
        self._journal = journal
        self._handshakes = handshakes
        self._pages = pages
        self._records = records
        self._passes = passes
        self._witness = witness
        self._address = address
        self._bounds = bounds
        self._catching_up: gevent.Greenlet[..., object] | None = None
        self._courier: Courier | None = None
        self._progress = self._silent = 0
        self.talk, self.rest = Tab(), Tab()
        self.talking = False
        self.session = Session(self, origin(address, proxies), nearness(address))
        self.greenlet = cast(ClientGreenlet, gevent.getcurrent())
        self.greenlet.client = self

    def serve(self) -> None:
        """Live through the connection; returns when it is over, whatever ends it."""
        drop = self.connection.abort
        self._handshakes.begin(drop)
        try:
            if not self._enter(drop):
                return
            # No name here keeps what was received while the client is silent.
            while self._take(self._receive()) and self._take_large():
                self._hold_back()
        except (TruncationError, NetworkError) as error:
            self._complain(logging.DEBUG, "a connection was lost", str(error))
        except PeerError as error:
            self._complain(logging.INFO, "a client broke the protocol", str(error))
        finally:
            self._handshakes.finish(drop)
            self.connection.abort()
            self._service.end(self.session)

    @property
    def congested(self) -> bool:
        """Whether entries should be left in the log for now."""
        return self.connection.waiting > limits.OUTBOX_SIZE

    def send(self, frame: bytes) -> None:
        """Send ``frame`` at the end of this pass."""
        if self.connection.closing:
            return
        if self.connection.waiting > HARD_LIMIT:
            self._complain(logging.INFO, "a client does not read", "")
            self.connection.abort()
        else:
            self.connection.send(frame)

    def admit(self) -> None:
        """The client has logged in."""
        self.connection.channel.limit = MAX_RECORD
        self._handshakes.finish(self.connection.abort)

    def catch_up(self) -> None:
        """Have what the client missed read and sent, at the pace at which it takes it.

        What it asks for is begun in its own greenlet, when its requests are answered.
        """
        if self._catching_up is not None:
            return
        if gevent.getcurrent() is self.greenlet:
            self._catching_up = self.greenlet
        else:
            self._catching_up = gevent.spawn(self._catch_up)

    def supply(self, call: Callable[[], None]) -> None:
        """See :class:`geventim.service.ports.Outlet`."""
        if self._courier is None:
            self._courier = Courier(self.connection)
        self._courier.add(call)

    def pause(self, seconds: float) -> bool:
        """Let others go on, in the client's own greenlet; False when it is being ended."""
        if seconds > 0:
            gevent.sleep(seconds)
        elif not self.connection.closing:
            self._hold_back()
            self._passes.wait(self)
        return not self.connection.closing

    def note(self, happening: Happening, detail: str = "") -> None:
        """See :class:`geventim.service.ports.Outlet`."""
        session = self.session
        nick = session.account.nick if session.logged_in else ""
        self._witness.note(self._address, nick, happening, detail)

    def watch(self) -> None:
        """The client gives signs of life from now on."""
        self.connection.channel.agree_on_life_signs()

    def look_after(self) -> None:
        """Cut off a client that is gone; to be called every two seconds.

        It is there if something has come from it, and while it takes what waits for it: it may be
        reading so much that its own words wait behind that.
        """
        progress = self.connection.progress
        if progress != self._progress or not self.connection.channel.signs_life:
            self._progress, self._silent = progress, 0
            return
        self._silent += 1
        if self._silent >= SILENCE:
            self._complain(logging.DEBUG, "a client gives no sign of life", "")
            self.connection.abort()

    def close(self) -> None:
        """Send what waits, then end the connection."""
        self.connection.close()

    def _complain(self, level: int, event: str, fault: str) -> None:
        """Have the log tell what this client did."""
        self._witness.complain(level, self._address, event, fault)

    def _enter(self, drop: Callable[[], None]) -> bool:
        """Let the client log in, in turn with others; False when it is gone instead."""
        is_new = True
        while not self.session.logged_in:
            take_turn = partial(self._handshakes.take_turn, drop, is_new=is_new)
            if not self._take(self.connection.receive(take_turn)):
                return False
            is_new = False
        return True

    def _take_turn(self) -> None:
        """Wait while others who have had less time have something to do.

        What comes may be a word, as long as it is not large.
        """
        self.talking = self.connection.channel.held < READ_SIZE
        self._passes.wait(self)

    def _take(self, events: list[Event] | None) -> bool:
        """Act on what was received; False when there will be no more."""
        for event in events or ():
            if self.connection.closing:
                break
            if isinstance(event, Established):
                self.session.channel_key = event.peer
            elif isinstance(event, Frames):
                self._service.receive(self.session, event.plaintext)
                # Who has written is likely to go on, and who has not subscribed is about to.
                session = self.session
                is_waiting = session.in_flight > 0 or session.chunks > 0
                self.connection.is_busy = is_waiting or not session.settled
            elif isinstance(event, Closed):
                self.connection.close()
        if self._catching_up is self.greenlet:
            self._begin_to_catch_up()
        return events is not None

    def _receive(self) -> list[Event] | None:
        """Wait for a little, in turn with others."""
        return self.connection.receive(self._take_turn, READ_SIZE)

    def _take_large(self) -> bool:
        """Act on the rest of a large record, if one is coming; False when there will be no more.

        What is said by all who may do that at once is in memory, until it is on disk. So they do
        not have for ever.
        """
        connection, goes_on = self.connection, True
        if connection.channel.held < LARGE:
            return True
        with self._records:
            end = gevent.get_hub().loop.timer(self._bounds.longest)
            end.start(gevent.spawn, self._give_up_on_record)
            try:
                while goes_on and connection.channel.held >= LARGE:
                    goes_on = self._take(connection.receive(self._take_turn))
            finally:
                end.close()
            if self.session.in_flight * limits.BULK >= LARGE:
                self._journal.settle(self.session.account.id)
        return goes_on

    def _give_up_on_record(self) -> None:
        self._complain(logging.INFO, "a client takes too long to say something", "")
        self.connection.abort()

    def _hold_back(self) -> None:
        """Go on with no further request while too much waits for the disk, or for the client.

        When much of others waits, too, nobody has more there than a few.
        """
        if self.session.in_flight:
            bounds = self._bounds
            is_crowded = self._journal.waiting > bounds.crowd
            most = bounds.in_flight_in_a_crowd if is_crowded else bounds.in_flight
            if self.session.in_flight > most:
                self._journal.settle(self.session.account.id)
        if self.congested:
            self.connection.flush()
            self.connection.outbox.join()

    def _begin_to_catch_up(self) -> None:
        """Send what the client has missed if that is little and read soon, as it is nearly always.

        When a server begins again, all come back at once. That must not take a second greenlet for
        each.
        """
        connection, end = self.connection, time.monotonic() + self._bounds.soon
        connection.flush()
        while connection.waiting <= LITTLE and time.monotonic() < end:
            if not self._send_page():
                self._catching_up = None
                return
        self._catching_up = gevent.spawn(self._catch_up)

    def _catch_up(self) -> None:
        connection = self.connection
        is_behind = True
        while is_behind:
            # What others have said in this pass waits for its end, which has to come.
            connection.flush()
            connection.outbox.join()
            is_behind = self._send_pages_in_turn()
        self._catching_up = None

    def _send_pages_in_turn(self) -> bool:
        """Send as many pages as the socket takes; False when there are no more.

        A page at each turn could be less than what is said from one turn to the next. After each
        page others run, because one that is in memory takes no waiting.
        """
        with self._pages:
            while not self.connection.waiting:
                if not self._send_page():
                    return False
                self.connection.flush()
                await_next_pass()
        return True

    def _send_page(self) -> bool:
        """Send a page of what the client has missed; False when there was none."""
        try:
            return self._service.catch_up(self.session)
        except StoreError:  # of which the log tells for all
            self.connection.abort()  # the client comes back with its cursor
            return False
