"""A session: it connects, listens, takes lines, comes back after a break, and ends."""

import random
from collections.abc import Callable
from itertools import cycle
from typing import Final

import gevent
from gevent.event import AsyncResult, Event

from geventim.app import ending
from geventim.app.backoff import Backoff
from geventim.app.desk import Desk, ReplacedError
from geventim.app.ending import Ending
from geventim.app.keeper import Keeper
from geventim.app.settings import Settings
from geventim.app.state import State, load_memory, load_profile
from geventim.app.view import View
from geventim.app.visit import Visit
from geventim.channel import states
from geventim.channel.connection import TruncationError
from geventim.client.agent import Agent
from geventim.client.events import Reconnecting
from geventim.client.phases import Phase
from geventim.client.wishes import Wish
from geventim.crypto.dh import PrivateKey
from geventim.errors import GeventIMError, MisuseError, NetworkError, PeerError, UserError
from geventim.net.connection import Connection
from geventim.net.dial import dial

PATIENCE: Final = 30.0
"""Seconds between two answers of a server while we come in."""

DRAIN: Final = 5.0
"""Seconds for what is on its way when somebody wants to leave."""

FAREWELL: Final = 1.0
"""Seconds for the last bytes to be written."""

QUEUE: Final = 1_000
"""Lines that may wait; more are left where they come from."""


class Session:
    """One user at one server, shown in ``view``."""

    def __init__(self, settings: Settings, view: View) -> None:
        self._settings = settings
        self._view = view
        links = (settings.link, *settings.others)
        self._links = cycle(links)
        self._link = settings.link
        self._untried = len(links) - 1
        self._state = State(settings, view.remark)
        self._backoff = Backoff(random.random)
        self._recovery = Backoff(random.random)
        self._over: AsyncResult[Ending] = AsyncResult()
        self._entered = Event()
        self._usable = Event()
        self._space = Event()
        self._desk: Desk | None = None

    def run(self) -> Ending:
        """Talk until it is over; how it ended. Call it once."""
        talking = gevent.spawn(self._talk)
        talking.link_exception(self._over)
        try:
            self._over.wait()
        finally:
            talking.kill(timeout=FAREWELL)
        how = self._over.get() or Ending(ending.FAILED)
        if self._desk is None:
            return how
        self._desk.close()
        agent = self._desk.agent
        queued = agent.context.conversations.undelivered
        return ending.leaving(how, agent.unkept, agent.refused, queued)

    def await_entry(self) -> None:
        """Wait until lines can be taken; that may never be.

        The server has let us in then, unless one stays without it.
        """
        self._usable.wait()

    def type(self, line: str) -> None:
        """Take a line from the user; waits while too many are under way."""
        self._give(lambda agent: agent.type(line))

    def grant(self, wish: Wish) -> None:
        """Take a wish from a program; waits while too much is under way."""
        self._give(lambda agent: agent.grant(wish))

    def reject(self, error: UserError) -> None:
        """Take, in its turn, a line that cannot be read."""
        self._give(lambda agent: agent.reject(error))

    def end_input(self) -> None:
        """There are no more lines: leave when all of them have taken effect."""
        self._give(Agent.leave)

    def leave(self) -> None:
        """Leave as soon as what is on its way has arrived, but soon; does not wait for it."""
        desk = self._desk
        # It may be known to the user, and not noticed here, that we are in.
        if self._entered.is_set() or (desk and desk.agent.phase is Phase.READY):
            gevent.spawn_later(DRAIN, self._finish, Ending(ending.DONE))
            # A view may call this while it shows something, and others wait for it to finish.
            gevent.spawn(self._give, Agent.leave)
        else:
            self._finish(Ending(ending.DONE))

    def _give(self, something: Callable[[Agent], None]) -> None:
        self._usable.wait()
        self._space.wait()
        desk = self._known_desk()
        desk.give(something)
        if desk.agent.undelivered >= QUEUE:
            self._space.clear()

    def _known_desk(self) -> Desk:
        if self._desk is None:
            raise MisuseError("there is no desk before the server is known")
        return self._desk

    def _talk(self) -> None:
        while not self._over.ready():
            error: GeventIMError = NetworkError("the server has ended the connection")
            try:
                self._connect()
            except GeventIMError as failure:
                error = failure
            if isinstance(error, ReplacedError):
                # Whether we have been in makes no difference: the fault is none of the server's.
                self._return_soon(self._recovery)
            elif not self._entered.is_set() and self._untried and isinstance(error, NetworkError):
                self._untried -= 1
            elif not self._may_return(error):
                self._finish(ending.failed(error))
            else:
                self._return_soon(self._backoff)

    def _may_return(self, error: GeventIMError) -> bool:
        """Whether it is worth while to connect again after a connection has ended with ``error``.

        Where we have not been in, nobody knows whether the server is at all what it should be.
        """
        passing = NetworkError | PeerError if self._entered.is_set() else NetworkError
        return self._usable.is_set() and isinstance(error, passing)

    def _return_soon(self, backoff: Backoff) -> None:
        if not self._over.ready():
            wait = backoff.wait()
            self._known_desk().settle(Reconnecting(wait))
            gevent.sleep(wait)

    def _connect(self) -> None:
        """Connect, and listen until the connection ends."""
        settings = self._settings
        self._sit_down_early()
        self._link = next(self._links)
        connection = dial(self._link, self._choose_key, psk=settings.psk, trace=settings.trace)
        visit = Visit(self._known_desk(), connection)
        try:
            visit.begin(self._link.address)
            self._listen(visit, connection)
        except GeventIMError as error:
            connection.abort()
            if not visit.is_replaced or not isinstance(error, NetworkError | PeerError):
                raise
        finally:
            visit.end()
        if visit.is_replaced:
            raise ReplacedError("this program has failed, and goes on")

    def _listen(self, visit: Visit, connection: Connection) -> None:
        silence = NetworkError(f"{self._link.address} does not answer")
        goes_on = True
        while goes_on and not self._over.ready() and not visit.is_replaced:
            is_in = self._known_desk().agent.phase is Phase.READY
            try:
                with gevent.Timeout(None if is_in else PATIENCE, silence):
                    received = visit.receive()
            except (NetworkError, PeerError) as error:
                if error is silence:
                    raise
                raise self._explain(error, connection) from error
            goes_on = visit.take(received)

    def _explain(self, error: GeventIMError, connection: Connection) -> GeventIMError:
        """What a connection that broke so early most likely means."""
        state = error.state if isinstance(error, TruncationError) else connection.channel.state
        if state is not states.State.UNCONFIRMED:
            return error
        if self._settings.psk is None or self._entered.is_set():
            return NetworkError("the server has ended the handshake")
        return UserError(
            "wrong_access_key",
            "The server has ended the handshake, most likely because it has another access key.",
            "Ask its operator for the right one.",
        )

    def _choose_key(self, server_key: bytes) -> PrivateKey:
        self._state.trust(server_key)
        return self._sit_down(server_key).profile.keys.channel

    def _sit_down_early(self) -> None:
        """Open the vault before a server waits for us, if there is a reason to.

        With a passphrase it takes its time, and may fail. Who has been in, and stays, can do
        without a server for now.
        """
        server_key = self._state.known_key
        if server_key is None:
            return
        stays = self._settings.stays and self._state.has_vault(server_key)
        if stays or self._settings.passphrase is not None:
            desk = self._sit_down(server_key)
            if stays and desk.agent.has_been_in:
                self._usable.set()

    def _sit_down(self, server_key: bytes) -> Desk:
        """The desk of the user at that server."""
        if self._desk is None:
            vault = self._state.open_vault(server_key)
            profile = load_profile(self._settings, server_key, vault)
            self._desk = Desk(
                profile,
                load_memory(vault),
                Keeper(vault),
                self._view,
                self._settled,
                lambda error: self._finish(ending.failed(error)),
            )
            self._desk.agent.recall(self._settings.recall)
        return self._desk

    def _settled(self, agent: Agent) -> None:
        """See where the agent stands now."""
        if agent.phase is Phase.READY:
            self._backoff.reset()
            self._entered.set()
            self._usable.set()
        if agent.undelivered < QUEUE:
            self._space.set()
        else:
            self._space.clear()
        if agent.ended is not None:
            reason = agent.ended.reason
            self._finish(ending.failed(reason) if reason else Ending(ending.DONE))
        elif self._settings.stays and agent.phase is Phase.OFFLINE and agent.may_leave_for_now:
            self._finish(Ending(ending.DONE))

    def _finish(self, how: Ending) -> None:
        if not self._over.ready():
            self._over.set(how)
