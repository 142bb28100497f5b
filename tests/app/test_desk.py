"""What the agent decides is shown, kept and sent, in this order, and not without each other."""

import subprocess
import sys
import threading
from types import SimpleNamespace

import gevent
import pytest
from gevent.event import Event as Gate

from geventim.app.desk import Desk
from geventim.app.front import Front
from geventim.app.hub import Hub
from geventim.chat.replies import Announcement as Announced
from geventim.client.agent import Phase
from geventim.client.answers import Done, Refused
from geventim.client.events import (
    Announcement,
    Connected,
    Error,
    Message,
    Notice,
    Reconnecting,
    Secret,
    Sent,
)
from geventim.client.following.arrival import DOUBT
from geventim.client.history.reading import Reading
from geventim.client.kept.memory import Memory
from geventim.client.sealing import secret
from geventim.client.told import OWN
from geventim.client.wishes import (
    ChangeSetting,
    CreateRoom,
    Draft,
    Mute,
    OpenSecret,
    Say,
    Search,
    Timeline,
)
from geventim.errors import PeerError, StoreError, UserError
from tests.client.person import encode
from tests.client.surroundings import Line
from tests.client.world import World
from tests.conftest import PATIENCE, ROOT
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


class Clock:
    """What the world counts, as the desk sees it."""


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
    desk = Desk(profile, Memory({}), shelf, hub, settled.append, failures.append)
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


class TestSettling:
    def test_what_comes_of_a_line_is_kept_and_then_sent(self, desk, shelf):
        writes, frames = shelf.writes, desk.connection.frames
        desk.give(say("hello"))
        desk.settle()
        assert desk.connection.frames == frames + 1
        assert desk.connection.kept_before[-1] == writes + 1
        assert any(name.startswith("parcel/") for name in shelf.kept)

    def test_nothing_leaves_before_it_is_kept(self, desk, shelf):
        frames = desk.connection.frames
        disk = shelf.slow = Gate()
        desk.give(say("hello"))
        gevent.sleep(0.01)
        assert desk.connection.frames == frames
        disk.set()
        until(lambda: desk.connection.frames == frames + 1)

    def test_what_cannot_be_kept_is_not_sent_now_or_later(self, desk, shelf, failures):
        frames = desk.connection.frames
        shelf.broken = True
        desk.give(say("hello"))
        until(lambda: failures)
        shelf.broken = False
        desk.settle()
        assert desk.connection.frames == frames
        assert [str(error) for error in failures] == ["the disk is full"]

    def test_lines_that_come_together_are_kept_together(self, desk, shelf, world):
        writes = shelf.writes
        for number in range(20):
            desk.give(say(str(number)))
        desk.settle()
        assert shelf.writes == writes + 1

    def test_what_was_meant_for_a_connection_that_is_gone_is_not_sent(self, desk):
        desk.give(say("hello"))
        wire, desk.connection = desk.connection, None
        frames = wire.frames
        desk.settle()
        assert wire.frames == frames
        assert desk.agent.take_frames() == []

    def test_whoever_composed_it_is_told_each_time(self, desk, settled):
        count = len(settled)
        desk.settle()
        assert settled[count:] == [desk.agent]

    def test_the_servers_fault_ends_the_connection(self, desk):
        def stumble(_):
            raise PeerError("nonsense")

        desk.give(stumble)
        assert desk.connection.aborted

    def test_an_agent_that_fails_is_replaced_and_connected_anew(self, desk, shelf, screen):
        failed, kept = desk.agent, dict(shelf.kept)

        def fail(agent):
            agent.context.user.memory.put("half", b"done")
            raise ZeroDivisionError

        desk.give(fail)
        assert desk.agent is not failed
        assert desk.agent.phase is Phase.OFFLINE
        assert desk.connection.aborted
        desk.settle()
        assert shelf.kept == kept
        assert [error.code for error in screen.of(Error)] == ["failed_here"]

    def test_changes_that_cannot_be_taken_are_undone(self, desk, shelf, screen):
        failed, frames = desk.agent, desk.connection.frames

        def fail():
            raise OverflowError

        desk.agent.context.user.memory.put("half", b"done")
        desk.agent.context.user.memory.put_later("other", fail)
        desk.give(say("hello"))
        desk.settle()
        assert desk.agent is not failed
        assert desk.connection.frames == frames
        assert "half" not in shelf.kept
        assert desk.agent.undelivered == 1

    def test_what_is_foreseen_replaces_nobody(self, desk):
        failed = desk.agent

        def fail(_):
            raise MemoryError

        with pytest.raises(MemoryError):
            desk.give(fail)
        assert desk.agent is failed

    def test_closing_keeps_everything(self, desk, shelf):
        desk.agent.context.user.memory.put("last", b"word")
        desk.close()
        assert shelf.kept["last"] == b"word"
        assert shelf.closed

    def test_closing_keeps_nothing_without_what_came_before(self, desk, shelf):
        shelf.broken = True
        desk.agent.context.user.memory.put("first", b"word")
        with pytest.raises(StoreError):
            desk.settle()
        shelf.broken = False
        desk.agent.context.user.memory.put("last", b"word")
        desk.close()
        assert "last" not in shelf.kept
        assert shelf.closed


class TestShowing:
    def test_what_happened_is_shown_and_then_kept(self, desk, screen, shelf, world):
        before = len(screen.events)
        hear(world, desk, "hi")
        desk.settle()
        assert [event.message for event in screen.of(Message)] == ["hi"]
        assert shelf.shown_before[-1] == before + 1

    @pytest.mark.parametrize(
        "wish",
        [
            Draft(id=7, conversation="#lobby", text="half a"),
            ChangeSetting(id=7, name="receipts", value=False),
            Mute(id=7, conversation="#lobby"),
        ],
        ids=lambda wish: type(wish).__name__,
    )
    def test_that_something_is_done_is_told_once_it_is_kept(self, desk, screen, shelf, wish):
        shelf.slow = Gate()
        desk.give(want(wish))
        until(lambda: shelf.waiting)
        assert not answered(screen, 7)
        shelf.slow.set()
        until(lambda: answered(screen, 7))

    def test_how_all_is_is_not_told_while_something_is_kept(self, desk, shelf, world):
        """What has come meanwhile is in that, and would be told once more."""
        front = desk._audience.open()
        shelf.slow = Gate()
        desk.give(want(Draft(id=7, conversation="#lobby", text="half a")))
        until(lambda: shelf.waiting)
        desk._audience.want_survey(front, "s")
        hear(world, desk, "meanwhile")
        shelf.slow.set()
        desk.settle()
        notes = front.take()
        (at,) = [index for index, note in enumerate(notes) if isinstance(note.item, Done)]
        told = [note.item for note in notes[at:]]
        assert not [each for each in told if isinstance(each, Message)]
        assert notes[at].item.answer == "s"

    def test_that_something_is_done_is_not_told_if_it_was_not_kept(
        self, desk, screen, shelf, failures
    ):
        shelf.broken = True
        desk.give(want(Draft(id=7, conversation="#lobby", text="half a")))
        until(lambda: failures)
        assert not answered(screen, 7)

    def test_more_comes_after_what_the_agent_has_to_tell(self, desk, screen, world):
        hear(world, desk, "hi")
        desk.settle(Reconnecting(0.5))
        assert [type(event) for event in screen.events][-2:] == [Message, Reconnecting]

    def test_nothing_is_not_told(self, desk, screen, monkeypatch):
        desk.settle()
        monkeypatch.setattr(screen, "show", None)  # it must not be called
        desk.settle()

    def test_a_slow_reader_holds_up_nothing(self, desk, screen, shelf, world):
        reader = screen.paused = Gate()
        writes, frames = shelf.writes, desk.connection.frames
        hear(world, desk, "one")
        desk.settle()
        hear(world, desk, "two")
        desk.give(say("hello"))
        desk.settle(Notice("later"))
        assert screen.of(Message) == []
        assert shelf.writes >= writes + 2
        assert desk.connection.frames == frames + 1
        reader.set()
        until(lambda: screen.of(Notice))
        assert [event.message for event in screen.of(Message)] == ["one", "two", "hello"]
        assert screen.events[-1] == Notice("later")


class TestComputing:
    def test_others_go_on_while_something_is_computed(self, desk, screen, world, monkeypatch):
        go_on = threading.Event()
        stretch = secret.stretch

        def stretch_later(*arguments):
            go_on.wait(PATIENCE)
            return stretch(*arguments)

        world.people["bob"].say("@secret alice sesame treasure")
        converse(world, desk, lambda: screen.of(Secret))
        monkeypatch.setattr("geventim.client.sealing.secret.stretch", stretch_later)
        desk.give(want(OpenSecret(id=1, number=1, key="sesame")))
        desk.settle()
        desk.give(lambda agent: agent.receive(encode(Announced(text="meanwhile"), b"")))
        until(lambda: screen.of(Announcement))
        assert screen.of(Done) == []
        go_on.set()
        (opened,) = until(lambda: screen.of(Done))
        assert opened.done.message == "treasure"

    def test_others_go_on_while_what_was_written_is_searched(
        self, desk, screen, world, monkeypatch
    ):
        go_on = threading.Event()
        step = Reading.step

        def step_later(reading):
            go_on.wait(PATIENCE)
            return step(reading)

        hear(world, desk, "needle")
        monkeypatch.setattr(Reading, "step", step_later)
        desk.give(want(Search(id=1, words=("needle",))))
        desk.give(lambda agent: agent.receive(encode(Announced(text="meanwhile"), b"")))
        until(lambda: screen.of(Announcement))
        assert screen.of(Done) == []
        go_on.set()
        (found,) = until(lambda: screen.of(Done))
        assert [each.message for each in found.done.messages] == ["needle"]

    def test_wishes_take_effect_while_what_was_written_is_searched(
        self, desk, world, screen, monkeypatch
    ):
        go_on = threading.Event()
        monkeypatch.setattr(Reading, "step", lambda reading: [][: go_on.wait(PATIENCE)])
        desk.give(want(Search(id=1, words=("needle",))))
        desk.give(say("hello"))
        converse(world, desk, world.people["bob"].texts)
        assert 1 not in [done.answer for done in screen.of(Done)]
        monkeypatch.undo()
        go_on.set()
        until(lambda: 1 in [done.answer for done in screen.of(Done)])

    def test_what_is_read_was_kept_before(self, desk, shelf, screen, monkeypatch):
        disk = shelf.slow = Gate()
        read, step = [], Reading.step
        monkeypatch.setattr(Reading, "step", lambda reading: read.append(1) or step(reading))
        desk.give(want(Timeline(id=1)))
        desk.agent.context.user.memory.put("last", b"word")
        until(lambda: shelf.waiting)
        assert read == []
        disk.set()
        until(lambda: read)
        assert shelf.kept["last"] == b"word"

    def test_what_it_raises_is_told_and_not_printed(self, desk, screen, monkeypatch, capfd):
        def fail(*_):
            raise UserError("too_slow", "That takes too long.")

        monkeypatch.setattr("geventim.client.sealing.gates.stretch", fail)
        desk.give(want(CreateRoom(id=1, name="vault", key="sesame")))
        (answer,) = until(lambda: screen.of(Refused))
        assert (answer.refused.code, answer.refused.text) == ("too_slow", "That takes too long.")
        assert capfd.readouterr().err == ""


def test_nothing_that_is_sealed_lets_other_greenlets_run():
    """Not even the first time that a function of a C library is called, in a patched process."""
    script = """
from gevent import monkey
monkey.patch_all()
import greenlet, os, sys
from geventim.crypto.aead import ChaCha20Poly1305
from geventim.crypto import etm, dh, signature
switches = []
greenlet.settrace(lambda event, ends: switches.append(event))
import gevent
def work():
    before = len(switches)
    sealed = ChaCha20Poly1305().seal(bytes(32), bytes(12), b"text", b"")
    ChaCha20Poly1305().open(bytes(32), bytes(12), sealed, b"")
    suite = etm.A256CBC_HS256
    key = suite.key(bytes(64))
    etm.open_sealed(key, etm.seal(key, bytes(16), b"text", b""), b"")
    dh.PrivateKey(bytes(32)).public
    signer = signature.SigningKey(bytes(32))
    signature.verify(signer.public, b"text", signer.sign(b"text"))
    return len(switches) - before
count = gevent.spawn(work)
count.join()
sys.exit(count.value)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=PATIENCE, check=False)
    assert done.returncode == 0


def test_it_comes_back_when_something_is_due(desk, screen, world):
    """The server has trouble of its own, and a message is tried again a little later."""
    world.journal.failing = True
    desk.give(say("hello"))
    until(lambda: desk.connection.line.up)
    converse(world, desk, lambda: desk.agent.wake_at is not None)
    world.journal.failing = False
    world.timers.time += 10
    converse(world, desk, lambda: screen.of(Sent))
    assert world.people["bob"].texts() == ["hello"]
    assert screen.of(Connected) != []
