"""What the agent decides is sent, shown and kept, in this order."""

import threading

import gevent
import pytest
from gevent.event import Event

from geventim.app import desk as module
from geventim.app.desk import Desk
from geventim.chat import codec, replies, requests
from geventim.client.agent import Phase
from geventim.client.content import Content, ContentKind, encode
from geventim.client.events import Connected, Message, Notice, Reconnecting, Secret, Sent
from geventim.client.memory import Memory
from geventim.client.secret import SALT_SIZE, between, seal, stretch
from tests.client.scripted import BOB, LOBBY, NOW, LobbyServer, make_profile
from tests.conftest import PATIENCE
from tests.greenlets import until


class Wire:
    """A connection that keeps what is sent."""

    def __init__(self):
        self.frames = []

    def send(self, frame):
        self.frames.append(frame)


class Shelf:
    """A keeper that notes what had been shown when something was kept."""

    def __init__(self, screen):
        self.kept = {}
        self.seen = []
        self.closed = False
        self._screen = screen

    def keep(self, changes):
        if changes:
            self.kept.update(changes)
            self.seen.append(len(self._screen.events))

    def close(self):
        self.closed = True


@pytest.fixture
def shelf(screen):
    return Shelf(screen)


@pytest.fixture
def settled():
    return []


@pytest.fixture
def desk(screen, shelf, settled):
    """The desk of alice, who is in the lobby."""
    desk = Desk(make_profile(), Memory({}), shelf, screen, settled.append)
    desk.connection = Wire()
    desk.agent.connected()
    answer(desk, LobbyServer())
    assert desk.agent.phase is Phase.READY
    return desk


class Friendly(LobbyServer):
    """A server where bob can be written to."""

    def reply(self, request, payload):
        if isinstance(request, requests.OpenDm):
            return replies.Opened(id=request.id, conversation=BOB)
        return super().reply(request, payload)


def answer(desk, server):
    """Let ``server`` answer until nobody has anything to say."""
    desk.settle()
    while desk.connection.frames:
        frames, desk.connection.frames = desk.connection.frames, []
        for frame in server.answer(frames):
            desk.agent.receive(frame)
        desk.settle()


def say(desk, seq, text):
    content = encode(Content("bob", text, NOW, ContentKind.ROOM))
    entry = replies.EntryEvent(
        conversation=LOBBY.id, seq=seq, time=NOW, author="bob", payload=len(content)
    )
    desk.agent.receive(codec.encode(entry, content))


def send_secret(desk, key):
    """Have bob send the secret ``treasure``."""
    salt = bytes(SALT_SIZE)
    sealed = seal(stretch(key, salt), salt, bytes(16), "treasure", between("bob", "alice", NOW))
    content = encode(Content("bob", "", NOW, ContentKind.SECRET, sealed))
    desk.agent.receive(codec.encode(replies.Added(conversation=BOB)))
    desk.settle()
    (frame,), desk.connection.frames = desk.connection.frames, []
    ((request, _),) = codec.requests.decode(frame)
    desk.agent.receive(codec.encode(replies.Subscribed(id=request.id, after=0, head=1)))
    entry = replies.EntryEvent(
        conversation=BOB.id, seq=1, time=NOW, author="bob", payload=len(content)
    )
    desk.agent.receive(codec.encode(entry, content))
    desk.settle()


class TestSettling:
    def test_what_comes_of_a_line_is_sent(self, desk):
        desk.agent.type("hello")
        desk.settle()
        ((request, payload),) = codec.requests.decode(b"".join(desk.connection.frames))
        assert isinstance(request, requests.Append)
        assert b"hello" in payload

    def test_without_a_connection_nothing_is_sent(self, desk):
        desk.agent.type("hello")
        desk.connection = None
        desk.settle()
        assert desk.agent.take_frames() == []

    def test_whoever_composed_it_is_told_each_time(self, desk, settled):
        count = len(settled)
        desk.settle()
        assert settled[count:] == [desk.agent]

    def test_the_view_learns_when_a_key_is_typed(self, desk, screen):
        send_secret(desk, "sesame")
        desk.agent.type("@open 1")
        desk.settle()
        assert screen.hidden
        desk.agent.type("")
        desk.settle()
        assert not screen.hidden

    def test_closing_keeps_everything(self, desk, shelf):
        desk.close()
        assert shelf.closed


class TestShowing:
    def test_what_happened_is_shown_and_then_kept(self, desk, screen, shelf):
        before = len(screen.events)
        say(desk, 1, "hi")
        desk.settle()
        assert [event.message for event in screen.of(Message)] == ["hi"]
        assert shelf.kept[f"cursor/{LOBBY.id.hex()}"] == (1).to_bytes(8, "big")
        assert shelf.seen[-1] == before + 1

    def test_more_comes_after_what_the_agent_has_to_tell(self, desk, screen):
        say(desk, 1, "hi")
        desk.show(Reconnecting(0.5))
        assert [type(event) for event in screen.events] == [Connected, Message, Reconnecting]

    def test_nothing_is_not_shown(self, desk, screen, monkeypatch):
        monkeypatch.setattr(screen, "show", None)  # it must not be called
        desk.settle()

    def test_who_shows_meanwhile_waits_for_a_slow_reader(self, desk, screen, shelf):
        reader = screen.paused = Event()
        say(desk, 1, "one")
        first = gevent.spawn(desk.settle)
        gevent.sleep(0)
        screen.paused = None
        say(desk, 2, "two")
        second = gevent.spawn(desk.show, Notice("later"))
        gevent.sleep(0)
        assert screen.of(Message) == []
        assert f"cursor/{LOBBY.id.hex()}" not in shelf.kept
        reader.set()
        gevent.joinall([first, second], raise_error=True)
        assert [event.message for event in screen.of(Message)] == ["one", "two"]
        assert screen.events[-1] == Notice("later")
        assert shelf.kept[f"cursor/{LOBBY.id.hex()}"] == (2).to_bytes(8, "big")


class TestStretching:
    def test_others_go_on_while_a_passphrase_is_stretched(self, desk, screen, monkeypatch):
        go_on = threading.Event()

        def stretch_later(*arguments):
            go_on.wait(PATIENCE)
            return stretch(*arguments)

        monkeypatch.setattr(module, "stretch", stretch_later)
        send_secret(desk, "sesame")
        assert screen.of(Secret)
        desk.agent.type("@open 1 sesame")
        desk.settle()
        gevent.sleep(0)
        say(desk, 1, "meanwhile")
        desk.settle()
        assert [event.message for event in screen.of(Message)] == ["meanwhile"]
        go_on.set()
        opened = until(lambda: screen.of(Message)[1:])
        assert [event.message for event in opened] == ["treasure"]

    def test_a_connection_that_is_lost_meanwhile_does_no_harm(self, desk, screen):
        server = Friendly()
        desk.agent.type("@secret bob sesame treasure")
        answer(desk, server)
        desk.agent.disconnected()
        server.hang_up()
        desk.agent.connected()
        answer(desk, server)
        assert server.log == []
        until(lambda: desk.connection.frames)
        answer(desk, server)
        assert [event.conversation for event in screen.of(Sent)] == ["bob"]
        assert len(server.log) == 1
