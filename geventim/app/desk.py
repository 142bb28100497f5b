"""Carries out what the agent decides: sending, showing, keeping, stretching."""

import os
import time
from collections.abc import Callable

import gevent
from gevent.lock import BoundedSemaphore
from gevent.threadpool import ThreadPool

from geventim.app.keeper import Keeper
from geventim.app.view import View
from geventim.client.agent import Agent, Work
from geventim.client.events import Event
from geventim.client.memory import Memory
from geventim.client.profile import Profile
from geventim.client.secret import stretch
from geventim.net.connection import Connection


class Desk:
    """An agent with its view and its keeper; ``settled`` is called when something was done."""

    def __init__(
        self,
        profile: Profile,
        memory: Memory,
        keeper: Keeper,
        view: View,
        settled: Callable[[Agent], None],
    ) -> None:
        self.profile = profile
        self.agent = Agent(profile, memory, clock=time.time, random=os.urandom)
        self.connection: Connection | None = None
        self._keeper = keeper
        self._view = view
        self._settled = settled
        self._showing = BoundedSemaphore()
        self._stretching = ThreadPool(1)

    def settle(self) -> None:
        """Do everything that has come of what the agent was last given."""
        agent = self.agent
        for frame in agent.take_frames():
            if self.connection is not None:
                self.connection.send(frame)
        for work in agent.take_work():
            gevent.spawn(self._stretch, work)
        self.show()
        self._view.hide_input(agent.asks_for_key)
        self._settled(agent)

    def close(self) -> None:
        """Keep everything. Raises :class:`StoreError`."""
        self._keeper.close()

    def show(self, *more: Event) -> None:
        """Show what the agent has to tell, then ``more``."""
        # Showing may wait for a slow reader; others who have something to show wait behind it, so
        # that the order stays.
        with self._showing:
            events, changes = self.agent.take_events(), self.agent.take_changes()
            if events or more:
                self._view.show([*events, *more])
            self._keeper.keep(changes)

    def _stretch(self, work: Work) -> None:
        key = self._stretching.apply(stretch, (work.wish.passphrase, work.wish.salt))
        self.agent.stretched(work, key)
        self.settle()
