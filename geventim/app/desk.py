"""Carries out what the agent decides: telling, keeping, sending, computing.

What has come of an input is told, then kept, then sent and computed. So nothing is told that is
not going to be remembered unless the program dies that very moment, and nothing leaves that is not
remembered: after a crash the agent is where it was before, and tells again what it did not
remember. That a wish is done is told once it is kept: nobody would tell it again. The front end of
the process itself gets a moment to show it before it is kept; others, and one who is slow, hold up
nothing. And what is computed finds everything kept that it has to read.
"""

import os
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

import gevent
from gevent.event import Event as Bell
from gevent.lock import BoundedSemaphore
from gevent.threadpool import ThreadPool

from geventim.client.agent import Agent
from geventim.client.answers import Done, Nicks, Result, Settings, Snapshot
from geventim.client.events import Event
from geventim.client.files.disk import Disk
from geventim.client.kept.memory import Memory
from geventim.client.measures import USUAL, Measures
from geventim.client.operations.survey import take as survey
from geventim.client.people.profile import Profile
from geventim.client.steps.attention import FORESEEN, describe
from geventim.client.steps.effects import Labour
from geventim.client.steps.workshop import Work
from geventim.client.succession import Succession
from geventim.client.told import Told
from geventim.errors import GeventIMError, PeerError, StoreError, UserError
from geventim.net.connection import Connection


class ReplacedError(GeventIMError):
    """The agent has failed; the one in its place has to be connected anew."""


class Keeper(Protocol):
    """Where changes go."""

    def keep(self, changes: dict[str, bytes | None]) -> None:
        """Keep ``changes``, all of them or none. Raises :class:`StoreError`."""

    def close(self) -> None:
        """Keep nothing any more. Raises :class:`StoreError`."""


class Audience(Protocol):
    """Who is told what happens."""

    def publish(self, told: Iterable[Told], survey: Callable[[str], Snapshot]) -> None:
        """Tell everybody whom it concerns. ``survey`` says how everything is afterwards."""

    def add(self, told: Iterable[Told]) -> None:
        """The same, when the agent has gone on meanwhile."""

    def await_shown(self) -> None:
        """Wait a moment for it to be shown."""


class Desk:
    """An agent with its audience and its keeper.

    ``settled`` is called when something was done, ``failed`` when nothing can be kept any more.
    Files come from ``disk`` and go there, if there is one.
    """

    def __init__(
        self,
        profile: Profile,
        memory: Memory,
        keeper: Keeper,
        audience: Audience,
        settled: Callable[[Agent], None],
        failed: Callable[[GeventIMError], None],
        disk: Disk | None = None,
        measures: Measures = USUAL,
    ) -> None:
        self.profile = profile
        self._succession = Succession(
            profile, memory, clock=time.time, random=os.urandom, disk=disk, measures=measures
        )
        self.connection: Connection | None = None
        self._keeper = keeper
        self._audience = audience
        self._settled = settled
        self._failed = failed
        self._settling = BoundedSemaphore()
        self._broken = False
        self._bell = Bell()
        self._wake_at: float | None = None
        self._alarm: gevent.Greenlet[[], None] | None = None
        self._pools = {labour: ThreadPool(1) for labour in Labour}
        self._clerk = gevent.spawn(self._answer_bell)
        self._freight = Bell()
        self._carrier = gevent.spawn(self._carry)

    @property
    def agent(self) -> Agent:
        """The one who decides. Once it has failed it is another one, which is not connected."""
        return self._succession.agent

    def attempt(self, call: Callable[[Agent], None]) -> None:
        """Give something to the agent; if it fails with that, another one takes its place.

        Raises what it is meant to raise.
        """
        try:
            call(self.agent)
        except FORESEEN:
            raise
        except Exception as error:
            self._replace(error)

    def give(self, call: Callable[[Agent], None]) -> None:
        """Give something to the agent, and have done what comes of it, soon."""
        try:
            self.attempt(call)
        except PeerError:
            # It was the server's fault, and came to light now.
            if self.connection is not None:
                self.connection.abort()
        self._bell.set()

    def settle(self, *more: Event) -> None:
        """Do everything that has come of what the agent was last given; tell ``more`` after it.

        When this returns it is told and kept. Raises :class:`StoreError`.
        """
        with self._settling:
            if not self._broken:
                self._carry_out(more)
        self._set_alarm()
        self._settled(self.agent)

    def close(self) -> None:
        """Keep everything, if that is possible. Raises :class:`StoreError`."""
        self._clerk.kill()
        self._carrier.kill()
        if self._alarm is not None:
            self._alarm.kill()
        self.connection = None
        with self._settling:
            try:
                if not self._broken:
                    self._carry_out(())
            finally:
                self._keeper.close()

    def _carry_out(self, more: tuple[Event, ...]) -> None:
        agent, connection = self.agent, self.connection
        # All at the same moment, so that what is kept is a state that the agent was in.
        try:
            told, changes, frames = agent.take_told(), agent.take_changes(), agent.take_frames()
            works = agent.take_work()
        except FORESEEN:
            raise
        except Exception as error:
            self._replace(error)
            return
        try:
            told += map(Told, more)
            promises = [each for each in told if changes and _promises(each)]
            told = [each for each in told if not changes or not _promises(each)]
            self._audience.publish(told, partial(survey, agent.context, agent.phase))
            self._audience.await_shown()
            self._keeper.keep(changes)
            self._audience.add(promises)
        except BaseException:
            # Later changes must not be kept without these, nor anything be sent.
            self._broken = True
            raise
        for work in works:
            gevent.spawn(self._compute, agent, work)
        if connection is self.connection and connection is not None:
            for frame in frames:
                connection.send(frame)
            self._freight.set()

    def _carry(self) -> None:
        """Send chunks of files, each when everything before it has left: so nothing waits long.

        What a chunk needs to be remembered for was kept before its blob was begun.
        """
        while True:
            self._freight.wait()
            self._freight.clear()
            while (connection := self.connection) is not None:
                chunk = self.agent.take_chunk()
                if chunk is None:
                    break
                connection.outbox.join()
                if connection is self.connection:
                    connection.send(chunk)
                    connection.flush()

    def _answer_bell(self) -> None:
        while True:
            self._bell.wait()
            self._bell.clear()
            try:
                self.settle()
            except StoreError as error:
                self._failed(error)
                return

    def _set_alarm(self) -> None:
        """Come back when something is due."""
        wake_at = self.agent.wake_at
        if wake_at == self._wake_at:
            return
        self._wake_at = wake_at
        if self._alarm is not None:
            self._alarm.kill(block=False)
            self._alarm = None
        if wake_at is not None:
            self._alarm = gevent.spawn_later(max(0.0, wake_at - self.agent.now), self._tick)

    def _tick(self) -> None:
        self._alarm = self._wake_at = None
        self.give(Agent.tick)

    def _replace(self, error: Exception) -> None:
        """Have another agent, and another connection for it."""
        self._succession.succeed(error)
        if self.connection is not None:
            self.connection.abort()
        self._bell.set()

    def _compute(self, agent: Agent, work: Work) -> None:
        result, error = self._pools[work.wish.labour].apply(_call, (work.wish.call,))
        if agent is not self.agent:
            # Who wanted it is gone.
            return
        if error is None:
            self.give(lambda agent: agent.finished(work, result))
        else:
            self.give(lambda agent: agent.failed(work, error))


def _promises(told: Told) -> bool:
    """Whether that says that something is done, and nothing that later events could have changed.

    So it may come after them.
    """
    return isinstance(told.item, Done) and type(told.item.done) in {Result, Settings, Nicks}


def _call(call: Callable[[], Any]) -> tuple[Any, UserError | PeerError | None]:
    """The result of ``call``, or what it raised; the pool would print that."""
    try:
        return call(), None
    except (UserError, PeerError) as error:
        return None, error
    except Exception as error:
        # It has changed nothing.
        text = f"This program has failed ({describe(error)})."
        return None, UserError("failed_here", text, "Please report this line.")
