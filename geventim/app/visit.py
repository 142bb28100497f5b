"""One connection of a desk, from the agent's first question to its end."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Final

from geventim.app.desk import Desk
from geventim.app.turns import TURN, let_others_go
from geventim.app.vigil import Vigil
from geventim.channel.events import Closed, Event, Frames
from geventim.chat import codec
from geventim.client.agent import Agent
from geventim.client.phases import Phase
from geventim.client.steps.pulse import USUAL, Rhythm
from geventim.net.connection import Connection

FAREWELL: Final = 1.0
"""Seconds for the last bytes to be written."""


class Visit:
    """``desk`` over ``connection``, which is open and belongs to the visit from now on."""

    def __init__(self, desk: Desk, connection: Connection, rhythm: Rhythm = USUAL) -> None:
        self._desk = desk
        self._agent = desk.agent
        self._connection = connection
        self._vigil = Vigil(connection, desk.agent, rhythm)
        desk.connection = connection

    @property
    def is_replaced(self) -> bool:
        """Whether the agent has failed, and another one has its place, which is not connected."""
        return self._desk.agent is not self._agent

    def begin(self, address: str = "") -> None:
        """Have the agent ask to be let in by the server, at ``address`` if it has several.

        Raises what :meth:`.Desk.settle` does.
        """
        self._desk.attempt(lambda agent: agent.connected(address))
        self._desk.settle()

    def receive(self) -> list[Event] | None:
        """Wait for what comes, which :meth:`take` is for: see :meth:`.Connection.receive`."""
        return self._vigil.receive()

    def take(self, received: list[Event] | None) -> bool:
        """Have the agent take what came; whether there is more to come.

        Raises :class:`PeerError` and what :meth:`.Desk.settle` does.
        """
        since = time.monotonic()
        for message in _messages(received):
            if time.monotonic() - since > TURN:
                let_others_go()
                since = time.monotonic()
            if self.is_replaced:
                break
            if message is None:
                return False
            self._desk.attempt(partial(Agent.receive, record=message))
        self._desk.settle()
        return True

    def end(self) -> None:
        """End the connection, and tell the agent. Raises :class:`StoreError`."""
        desk = self._desk
        self._vigil.end()
        desk.connection = None
        self._connection.close()
        self._connection.outbox.join(FAREWELL)
        if desk.agent.phase in {Phase.ENTERING, Phase.READY}:
            desk.attempt(Agent.disconnected)
        desk.settle()


def _messages(received: list[Event] | None) -> Iterator[bytes | None]:
    """What came, message by message, however many share a record; None when it is the end."""
    for event in [Closed()] if received is None else received:
        if isinstance(event, Frames):
            yield from codec.split(event.plaintext)
        elif isinstance(event, Closed):
            yield None
