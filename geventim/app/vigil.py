"""Looks after a connection, so that one that is dead ends."""

import time
from typing import Protocol

import gevent

from geventim.channel.events import Event
from geventim.client.steps.pulse import USUAL, Advice, Pulse, Rhythm, Seen
from geventim.net.connection import Connection


class Party(Protocol):
    """One of the two who talk over a connection; an agent is one."""

    @property
    def signs_life(self) -> bool:
        """Whether both have announced signs of life."""

    @property
    def is_waiting(self) -> bool:
        """Whether the other one should answer soon."""


class Vigil:
    """Watches over ``connection``, from which everything is to be received through this.

    It begins when ``party`` has agreed with the server on signs of life.
    """

    def __init__(self, connection: Connection, party: Party, rhythm: Rhythm = USUAL) -> None:
        self._connection = connection
        self._party = party
        self._rhythm = rhythm
        self._is_reading = False
        self._watching: gevent.Greenlet[[], None] | None = None

    def receive(self) -> list[Event] | None:
        """Wait for what comes: see :meth:`.Connection.receive`."""
        if self._watching is None and self._party.signs_life:
            self._connection.channel.agree_on_life_signs()
            self._watching = gevent.spawn(self._watch)
        self._is_reading = True
        try:
            return self._connection.receive()
        finally:
            self._is_reading = False

    def end(self) -> None:
        """The connection has ended."""
        if self._watching is not None:
            self._watching.kill(block=False)

    def _watch(self) -> None:
        pulse = Pulse(time.monotonic(), time.time(), self._see(), self._rhythm)
        while True:
            gevent.sleep(self._rhythm.look)
            match pulse.look(time.monotonic(), time.time(), self._see()):
                case Advice.ASK:
                    self._connection.ping()
                case Advice.HANG_UP:
                    self._connection.abort()  # whoever receives learns of it
                    return

    def _see(self) -> Seen:
        connection = self._connection
        return Seen(
            connection.channel.said,
            connection.heard,
            connection.unconfirmed,
            self._party.is_waiting,
            self._is_reading,
        )
