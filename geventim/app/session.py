"""A session: it connects, listens, takes wishes, comes back after a break, and ends."""

import os
import random
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Final

import gevent
from gevent.event import AsyncResult, Event

from geventim.app import ending
from geventim.app.backoff import Backoff
from geventim.app.desk import Desk, ReplacedError
from geventim.app.door import Door
from geventim.app.ending import Ending
from geventim.app.files.disk import LocalDisk
from geventim.app.front import Front
from geventim.app.hub import RUN_SIZE, Hub
from geventim.app.keeper import Keeper
from geventim.app.settings import Settings
from geventim.app.state import State, load_memory, load_profile
from geventim.app.view import View
from geventim.app.visit import Visit
from geventim.channel import states
from geventim.channel.connection import TruncationError
from geventim.client.agent import Agent
from geventim.client.events import Connected, Reconnecting
from geventim.client.phases import Phase
from geventim.client.wishes import Cancel, Resume, Snapshot, Wish
from geventim.crypto.dh import PrivateKey
from geventim.errors import GeventIMError, MisuseError, NetworkError, PeerError, UserError
from geventim.net.connection import Connection
from geventim.net.dial import dial

DOWNLOADS: Final = "downloads"
"""The directory of the data where files go if nobody says where."""

FAREWELL: Final = 1.0
"""Seconds for the last bytes to be written."""


class Session:
    """One user at one server. ``own`` is the front end of the process itself, shown in ``view``.

    Others come through the door in the directory of the user's vault.
    """

    def __init__(self, settings: Settings, view: View, own: Front) -> None:
        self._settings = settings
        self._bounds = bounds = settings.bounds
        self._view = view
        self._own = own
        self._hub = Hub(os.urandom(RUN_SIZE).hex(), settings.describe)
        self._hub.admit(own)
        self._door: Door | None = None
        links = (settings.link, *settings.others)
        self._links = cycle(links)
        self._link = settings.link
        self._untried = len(links) - 1
        self._state = State(settings, view.remark)
        self._backoff = Backoff(random.random, bounds.first, bounds.longest)
        self._recovery = Backoff(random.random, bounds.first, bounds.longest)
        self._over: AsyncResult[Ending] = AsyncResult()
        self._entered = Event()
        self._usable = Event()
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
        if self._door is not None:
            self._door.close()
        self._desk.close()
        agent = self._desk.agent
        queued = agent.context.queued
        return ending.leaving(how, agent.unkept, agent.refused, queued)

    def await_entry(self) -> None:
        """Wait until lines can be taken; that may never be.

        The server has let us in then, unless one stays without it.
        """
        self._usable.wait()

    def grant(self, wish: Wish, front: Front) -> None:
        """Take a wish of ``front``; waits while too much is under way."""
        match wish:
            case Snapshot():
                self._hub.want_survey(front, wish.id)
                if self._desk is not None:
                    self._desk.give(lambda _: None)
            case Resume():
                self._hub.resume(front, wish)
            case Cancel():
                # It may be what makes room for others.
                self._known_desk().give(lambda agent: agent.grant(wish, front.asker))
            case _:
                self._give(lambda agent: agent.grant(wish, front.asker), front)

    def reject(self, error: UserError, front: Front) -> None:
        """Take, in its turn, a line of ``front`` that cannot be read."""
        self._give(lambda agent: agent.reject(error, front.asker), front)

    def end_input(self) -> None:
        """There are no more lines: leave when all of them have taken effect."""
        self._give(Agent.leave, self._own)

    def leave(self) -> None:
        """Leave as soon as what is on its way has arrived, but soon; does not wait for it."""
        desk = self._desk
        # It may be known to the user, and not noticed here, that we are in.
        if self._entered.is_set() or (desk and desk.agent.phase is Phase.READY):
            gevent.spawn_later(self._bounds.drain, self._finish, Ending(ending.DONE))
            # A view may call this while it shows something, and others wait for it to finish.
            gevent.spawn(self._give, Agent.leave, self._own)
        else:
            self._finish(Ending(ending.DONE))

    def _give(self, something: Callable[[Agent], None], front: Front) -> None:
        self._usable.wait()
        front.space.wait()
        desk = self._known_desk()
        desk.give(something)
        if desk.agent.pending(front.asker) >= self._bounds.queue:
            front.space.clear()

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
        visit = Visit(self._known_desk(), connection, self._bounds.rhythm)
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
            self._hub.await_room()
            is_in = self._known_desk().agent.phase is Phase.READY
            try:
                with gevent.Timeout(None if is_in else self._bounds.entry, silence):
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
        """Open the vault before a server waits for us: it takes its time, and may fail.

        One that is not there yet is made once the server has shown its key, if it is to be open.
        Who has been in, and stays, can do without a server for now.
        """
        server_key = self._state.known_key
        if server_key is None:
            return
        if self._settings.passphrase is not None or self._state.has_vault(server_key):
            desk = self._sit_down(server_key)
            if self._settings.stays and desk.agent.has_been_in:
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
                self._hub,
                self._settled,
                lambda error: self._finish(ending.failed(error)),
                LocalDisk(self._settings.data / DOWNLOADS),
                self._bounds.measures,
            )
            self._desk.agent.recall(self._settings.recall)
            self._open_door(self._state.place(server_key))
        return self._desk

    def _open_door(self, directory: Path) -> None:
        """Let other front ends come; nobody can where that is not possible."""
        try:
            self._door = Door(directory, self, self._hub)
        except OSError as error:
            self._view.remark(f"Nobody else can attach to this client: {error.strerror}.")

    def welcome(self) -> Connected | None:
        """What somebody is told who comes while we are connected."""
        desk = self._desk
        if desk is None or desk.agent.phase is not Phase.READY:
            return None
        context = desk.agent.context
        room = context.room_joined
        return Connected(context.user.nick, self._link.address, room.name if room else "")

    def _settled(self, agent: Agent) -> None:
        """See where the agent stands now."""
        if agent.phase is Phase.READY:
            self._backoff.reset()
            self._entered.set()
            self._usable.set()
        for front in self._hub.fronts:
            if agent.pending(front.asker) < self._bounds.queue:
                front.space.set()
            else:
                front.space.clear()
        if agent.ended is not None:
            reason = agent.ended.reason
            self._finish(ending.failed(reason) if reason else Ending(ending.DONE))
        elif self._settings.stays and agent.phase is Phase.OFFLINE and agent.may_leave_for_now:
            self._finish(Ending(ending.DONE))

    def _finish(self, how: Ending) -> None:
        if not self._over.ready():
            self._over.set(how)
