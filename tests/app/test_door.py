"""What another process of the same user can do through the socket, and nobody else."""

import json
import os
import resource
import socket as plain
import stat
from contextlib import contextmanager

import gevent
import msgspec
import pytest
from gevent import socket

from geventim.app import door as module
from geventim.app import socket_place
from geventim.app.door import Door
from geventim.app.hub import Hub
from geventim.app.note import Note
from geventim.client import answers
from geventim.client.answers import Done, Result
from geventim.client.events import Announcement, Connected
from geventim.client.told import Told
from tests.app.samples import EVENTS, WISHES
from tests.greenlets import until


class Host:
    """Notes what it is to grant, and answers at once; with ``hold``, later."""

    def __init__(self):
        self.granted = []
        self.taken = 0
        self.fronts = set()
        self.hold = False
        self.connected = None

    def grant(self, wish, front):
        self.granted.append(wish)
        self.taken += 1
        self.fronts.add(front)
        if not self.hold:
            self.answer(wish, front)

    def answer(self, wish, front):
        front.put(Note(Done(wish.id, Result())))

    def reject(self, error, front):
        self.taken += 1
        if not self.hold:
            front.put(Note(answers.Refused.by(error, error.id)))

    def welcome(self):
        return self.connected


class Caller:
    """Somebody at the socket."""

    def __init__(self, directory):
        self.socket = socket.socket(socket.AF_UNIX)
        with socket_place.address(directory) as address:
            self.socket.connect(address)
        self._file = self.socket.makefile("rb")

    def send(self, *lines):
        for line in lines:
            self.socket.sendall((line if isinstance(line, str) else json.dumps(line)).encode())
            self.socket.sendall(b"\n")

    def read(self):
        line = self._file.readline()
        return json.loads(line) if line else None

    def close(self):
        self._file.close()
        self.socket.close()


@pytest.fixture
def host():
    return Host()


@pytest.fixture
def hub():
    return Hub("run")


@pytest.fixture
def directory(tmp_path):
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def door(directory, host, hub, request):
    door = Door(directory, host, hub, **getattr(request, "param", {}))
    yield door
    door.close()


@pytest.fixture
def call(door, directory):
    """Comes to the door, and has been greeted."""
    callers = []

    def call(*, greeted=True):
        caller = Caller(directory)
        callers.append(caller)
        if greeted:
            assert caller.read()["event"] == "attached"
        return caller

    yield call
    for caller in callers:
        caller.close()


def publish(hub, *texts):
    hub.publish([Told(Announcement(text)) for text in texts], None)


class TestComing:
    def test_who_comes_is_greeted_with_version_and_run(self, call, hub):
        publish(hub, "before")
        greeting = call(greeted=False).read()
        assert greeting.keys() == {"event", "program", "protocol", "n"}
        assert (greeting["protocol"], greeting["n"]) == (1, "run-1")

    def test_who_comes_while_we_are_connected_is_told_so(self, call, host):
        host.connected = Connected("alice", "host", "lobby")
        assert call().read() == {
            "event": "connected",
            "nick": "alice",
            "server": "host",
            "room": "lobby",
        }

    def test_only_the_user_can_open_the_socket(self, door, directory):
        mode = (directory / socket_place.NAME).stat().st_mode
        assert (stat.S_ISSOCK(mode), stat.S_IMODE(mode)) == (True, 0o600)

    def test_the_process_of_another_user_is_sent_away(self, call, monkeypatch):
        monkeypatch.setattr(socket_place, "peer_user", lambda _: os.geteuid() + 1)
        assert call(greeted=False).read() is None

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
    def test_another_user_who_reaches_the_socket_is_sent_away(self, call, directory):
        with as_somebody_else(directory):
            caller = plain.socket(plain.AF_UNIX)
            caller.connect(str(directory / socket_place.NAME))
        caller.settimeout(0)
        gevent.sleep(0.05)
        assert caller.recv(1) == b""
        caller.close()

    def test_a_socket_that_was_left_is_replaced(self, directory, host, hub):
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(directory / socket_place.NAME))
        door = Door(directory, host, hub)
        caller = Caller(directory)
        assert caller.read()["event"] == "attached"
        caller.close()
        door.close()
        assert not (directory / socket_place.NAME).exists()

    @pytest.mark.parametrize("door", [{"most": 2}], indirect=True)
    def test_not_too_many_come(self, call):
        callers = [call(), call()]
        assert call(greeted=False).read() is None
        callers[0].close()
        until(lambda: call(greeted=False).read() is not None)


@contextmanager
def as_somebody_else(directory):
    """Be another user, to whom everything on the way is open."""
    places = [directory / socket_place.NAME, directory, *directory.parents]
    modes = {place: place.stat().st_mode for place in places}
    for place in places:
        place.chmod(0o777)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for place, mode in modes.items():
            place.chmod(stat.S_IMODE(mode))


class TestWishes:
    @pytest.mark.parametrize("wish", WISHES, ids=lambda wish: type(wish).__name__)
    def test_every_wish_arrives(self, call, host, wish):
        caller = call()
        caller.send(msgspec.json.encode(wish).decode())
        assert caller.read() == {"answer": wish.id, "done": {}}
        assert host.granted == [wish]

    @pytest.mark.parametrize(
        ("line", "wish", "code"),
        [
            ('{"id": 1, "wish": "fly"}', 1, "unknown_wish"),
            ('{"id": "x", "wish": "people", "odd": 1}', "x", "bad_wish"),
            ('{"id": 2, "wish": "say"}', 2, "bad_wish"),
            ("hello", None, "bad_wish"),
            ("{", None, "bad_wish"),
            ("[" * 100_000, None, "bad_wish"),
            ("", None, "bad_wish"),
        ],
    )
    def test_what_is_none_is_refused_with_its_id(self, call, line, wish, code):
        caller = call()
        caller.send(line, {"id": 9, "wish": "people"})
        answer = caller.read()
        assert (answer["answer"], answer["refused"]["code"]) == (wish, code)
        assert caller.read()["answer"] == 9

    def test_bytes_that_are_no_text_are_refused(self, call):
        caller = call()
        caller.socket.sendall(b"\xff\n")
        assert caller.read()["refused"]["code"] == "not_text"

    def test_a_line_without_an_end_is_refused_and_not_kept(self, call, door):
        caller = call()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(100):
            caller.socket.sendall(b"x" * 100_000)
        caller.send("", {"id": 9, "wish": "people"})
        assert caller.read()["refused"]["code"] == "too_large"
        assert caller.read()["answer"] == 9
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024

    def test_a_line_of_the_greatest_length_is_taken(self, call, host, monkeypatch):
        frame = len(json.dumps({"id": 1, "wish": "say", "to": "lobby", "text": ""}))
        text = "x" * (module.WISH_SIZE - frame)
        caller = call()
        sending = gevent.spawn(caller.send, {"id": 1, "wish": "say", "to": "lobby", "text": text})
        assert caller.read()["answer"] == 1
        sending.join()

    def test_who_says_no_more_is_answered_and_let_go(self, call, host, hub):
        host.hold = True
        caller = call()
        caller.send({"id": 1, "wish": "people"})
        caller.socket.shutdown(socket.SHUT_WR)
        (wish,) = until(lambda: host.granted)
        host.answer(wish, *host.fronts)
        assert caller.read()["answer"] == 1
        assert caller.read() is None
        until(lambda: hub.fronts == [])

    @pytest.mark.parametrize("line", [{"id": 1, "wish": "people"}, "no wish", {"wish": 1}])
    @pytest.mark.parametrize("hold", [True, False])
    def test_who_does_not_read_cannot_wish_for_ever(self, call, host, line, hold):
        host.hold = hold
        caller = call()
        flood = f"{line if isinstance(line, str) else json.dumps(line)}\n".encode() * 100_000
        sending = gevent.spawn(caller.socket.sendall, flood)
        before = -1
        while host.taken > before:
            before = host.taken
            for _ in range(100):
                gevent.idle()
        assert not sending.ready()
        assert 4_000 < host.taken < 50_000
        sending.kill()

    def test_who_reads_at_last_is_answered_what_it_has_wished(self, call, host):
        caller, count = call(), 20_000
        flood = (json.dumps({"id": 1, "wish": "people"}) + "\n").encode() * count
        sending = gevent.spawn(caller.socket.sendall, flood)
        until(lambda: host.taken > 4_000)
        for _ in range(count):
            assert caller.read()["answer"] == 1
        sending.join()

    @pytest.mark.parametrize("door", [{"farewell": 0.01}], indirect=True)
    def test_who_has_gone_waits_for_nothing(self, call, host, hub):
        host.hold = True
        caller = call()
        caller.send({"id": 1, "wish": "people"})
        until(lambda: host.granted)
        caller.close()
        until(lambda: hub.fronts == [])


class TestEvents:
    @pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
    def test_every_event_arrives(self, call, hub, event):
        caller = call()
        hub.publish([Told(event)], None)
        assert caller.read() == {**json.loads(msgspec.json.encode(event)), "n": "run-1"}

    def test_who_does_not_read_holds_up_nobody(self, call, hub):
        stopped, other = call(), call()
        for number in range(400):
            publish(hub, f"{number} {'x' * 60_000}")
            assert other.read()["text"].startswith(f"{number} ")
        while stopped.read()["event"] != "behind":
            pass
        after = stopped.read()["n"]
        assert hub.last == "run-400"
        while after != hub.last:
            after = stopped.read()["n"]


class TestEnding:
    def test_everybody_learns_what_was_taken_and_is_not_answered(self, call, host, door):
        host.hold = True
        caller = call()
        caller.send({"id": "x", "wish": "people"})
        until(lambda: host.granted)
        door.close()
        assert caller.read() == {"event": "closing", "unanswered": ["x"]}
        assert caller.read() is None

    @pytest.mark.parametrize("door", [{"farewell": 0.01}], indirect=True)
    def test_nobody_who_does_not_read_holds_it_up(self, call, hub, door):
        call()
        publish(hub, *("x" * 60_000 for _ in range(40)))
        gevent.sleep(0)
        door.close()
