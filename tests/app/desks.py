"""What a desk has around it, and what somebody does there."""

from types import SimpleNamespace

import gevent
import pytest

from geventim.app.desk import Desk
from geventim.app.front import Front
from geventim.app.hub import Hub
from geventim.client.answers import Done
from geventim.client.following.arrival import DOUBT
from geventim.client.kept.memory import Memory
from geventim.client.phases import Phase
from geventim.client.told import OWN
from geventim.client.wishes import (
    Say,
)
from geventim.errors import StoreError
from tests.client.surroundings import Line
from tests.client.world import QUICK, World
from tests.greenlets import until


class Wire:
    """A connection that leads into a world."""

    def __init__(self, world, profile, shelf):
        self.line = Line(world, profile.keys.channel.public)
        self.frames = 0
        self.kept_before = []
        self.aborted = False
        self.outbox = SimpleNamespace(join=lambda: None)
        self._shelf = shelf

    def send(self, frame):
        self.frames += 1
        self.kept_before.append(self._shelf.writes)
        self.line.up.append(frame)

    def abort(self):
        self.aborted = True


class Shelf:
    """A keeper that notes what had been shown when something was kept."""

    def __init__(self, screen):
        self.kept = {}
        self.writes = 0
        self.shown_before = []
        self.closed = False
        self.broken = False
        self.slow = None
        self.waiting = False
        self._screen = screen

    def keep(self, changes):
        if self.broken:
            raise StoreError("the disk is full")
        if changes:
            if self.slow is not None:
                self.waiting = True
                self.slow.wait()
            self.kept.update(changes)
            self.writes += 1
            self.shown_before.append(len(self._screen.events))

    def close(self):
        self.closed = True


def show(front, screen):
    """Show everything that a front end is told."""
    while (notes := front.take()) is not None:
        screen.show(notes)


def converse(world, desk, condition):
    """Carry frames back and forth until ``condition()`` holds."""

    def step():
        wire = desk.connection
        world.advance(0)
        while wire is not None and wire.line.up:
            world._carry_up(wire.line)
        while wire is not None and wire.line.behind:
            world._catch_up(wire.line)
        while wire is not None and wire.line.down:
            frame = wire.line.down.popleft()
            desk.give(lambda agent, frame=frame: agent.receive(frame))
        return condition()

    until(step)
    desk.settle()


def want(wish):
    """Wish for something."""
    return lambda agent: agent.grant(wish)


def say(text):
    """Say something to the lobby."""
    return want(Say(id=0, to="#lobby", text=text))


def hear(world, desk, text):
    """Let bob say something, and alice's desk get it."""
    world.people["bob"].say(text)
    count = desk.agent.context.conversations.get(desk.agent.context.room).record.position.seq
    room = desk.agent.context.conversations.get(desk.agent.context.room)
    converse_quietly(world, desk, lambda: room.record.position.seq > count)


def converse_quietly(world, desk, condition):
    """The same, without waiting until the desk has settled."""

    def step():
        world.run()
        line = desk.connection.line
        while line.down:
            frame = line.down.popleft()
            desk.agent.receive(frame)
        return condition()

    until(step)


def answered(screen, wish):
    return any(answer.answer == wish for answer in screen.of(Done))


@pytest.fixture
def world():
    world = World()
    world.enter("bob")
    return world


@pytest.fixture
def shelf(screen):
    return Shelf(screen)


@pytest.fixture
def settled():
    return []


@pytest.fixture
def failures():
    return []


@pytest.fixture
def desk(world, screen, shelf, settled, failures, monkeypatch):
    """The desk of alice, who is in the lobby with bob."""
    monkeypatch.setattr("geventim.app.desk.time.time", lambda: world.timers.time)
    profile = world.person("alice").profile
    del world.people["alice"]
    hub, own = Hub("run"), Front(OWN)
    hub.admit(own)
    desk = Desk(profile, Memory({}), shelf, hub, settled.append, failures.append, measures=QUICK)
    showing = gevent.spawn(show, own, screen)
    desk.connection = Wire(world, profile, shelf)
    desk.give(lambda agent: agent.connected())
    converse(world, desk, lambda: desk.agent.phase is Phase.READY)
    # What she writes is sent at once, but where she has only just got in.
    world.advance(DOUBT)
    converse(world, desk, lambda: True)
    world.people["bob"].news()
    yield desk
    if not shelf.closed:
        desk.close()
    hub.dismiss(own)
    showing.join()
