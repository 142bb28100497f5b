"""One client's greenlet, from the handshake to its end, over a real connection."""

import fcntl
import os
import struct
import termios
import threading
import time
from dataclasses import replace
from functools import partial

import gevent
import pytest
from gevent import socket
from gevent.event import Event

from geventim.channel.connection import TruncationError
from geventim.channel.records import MAX_RECORD, MAX_RECORD_BEFORE_LOGIN
from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.replies import Announcement, EntryEvent, Ok
from geventim.chat.values import Access, Purpose
from geventim.errors import NetworkError, StoreError
from geventim.net.connection import READ_SIZE
from geventim.net.gate import Gate
from geventim.server.clients import handler as module
from geventim.server.clients import witness
from geventim.server.clients.bounds import Bounds
from geventim.service import bounds as service
from geventim.service import dispatch
from geventim.service.happenings import Happening
from tests.conftest import PATIENCE
from tests.greenlets import until
from tests.house import KEY, House
from tests.raw_client import RawClient

LONG = encode(Announcement(text="x" * limits.TEXT_SIZE))


@pytest.fixture
def told(monkeypatch):
    """What the log tells of trouble: event and fault."""
    events = []

    def note(level, event, extra):
        if event not in list(Happening):
            events.append((event, extra.get("fault", "")))

    monkeypatch.setattr(witness.log, "isEnabledFor", lambda level: True)
    monkeypatch.setattr(witness.log, "log", note)
    return events


def outlet(house, nick):
    (found,) = (s.outlet for s in house.service.connected if s.account.nick == nick)
    return found


def fill(client):
    """Say so much to who does not read that the client is congested."""
    while not client.congested:
        client.send(LONG)
        gevent.sleep(0)


def unread(client):
    """Bytes that have come from a client and were not taken from the system."""
    told = fcntl.ioctl(client.connection._socket, termios.FIONREAD, bytes(4))
    return struct.unpack("i", told)[0]


class TestServing:
    def test_the_key_of_the_handshake_is_that_of_the_session(self, house, enter):
        alice = enter("alice")
        assert outlet(house, "alice").session.channel_key == alice.keys.channel.public

    def test_records_are_small_until_the_login(self, house, enter):
        alice = enter()
        (client,) = (greenlet.client for greenlet in house.listener._pool)
        channel = client.connection.channel
        assert channel.limit == MAX_RECORD_BEFORE_LOGIN
        assert len(house.listener._handshakes) == 1
        alice.register("alice")
        assert channel.limit == MAX_RECORD
        assert len(house.listener._handshakes) == 0

    def test_who_comes_or_writes_is_busy_until_it_rests(self, house, enter):
        alice = enter("alice")
        client = outlet(house, "alice")
        room = alice.room(after=None)
        alice.ask(ask.ListNames)
        assert client.connection.is_busy  # until it reads its room
        alice.subscribe(room, 0)
        assert not client.connection.is_busy
        alice.append(room, b"hello")
        assert client.connection.is_busy
        client.rest()
        assert client.connection.is_busy  # it has just written
        client.rest()
        assert not client.connection.is_busy

    def test_a_refused_login_lifts_no_limit(self, house, enter):
        enter("alice")
        stranger = enter()
        assert stranger.register("alice").code == "nick_taken"
        assert len(house.listener._handshakes) == 1

    def test_quitting_ends_the_connection_after_the_reply(self, house, enter, told):
        alice = enter("alice")
        number = alice.say(ask.Quit)
        alice.receive_all()
        assert alice.inbox[-1][0] == Ok(id=number)
        alice.connection.close()
        until(lambda: not house.listener._pool)
        assert told == []


class TestEnding:
    def test_a_lost_connection_is_no_news(self, house, enter, told):
        alice = enter("alice")
        alice.close()
        until(lambda: not house.listener._pool)
        ((event, fault),) = told
        assert event == "a connection was lost"
        assert fault
        assert list(house.service.connected) == []

    def test_what_breaks_the_protocol_is_told_without_what_it_was(self, house, enter, told):
        alice = enter("alice")
        alice.connection.send(b"\0\0\0\x04text")
        until(lambda: not house.listener._pool)
        ((event, fault),) = told
        assert event == "a client broke the protocol"
        assert "text" not in fault
        assert list(house.service.connected) == []

    @pytest.mark.parametrize("data", [b"", b"GET /", bytes(100)], ids=repr)
    def test_who_never_gets_through_the_handshake_leaves_no_trace(self, house, told, data):
        with socket.create_connection((house.link.host, house.link.port)) as stranger:
            stranger.sendall(data)
        until(lambda: told and not house.listener._pool)
        assert len(house.listener._handshakes) == 0
        assert len(told) == 1


class TestMuchAtOnce:
    def test_others_are_answered_while_a_long_record_is(self, house, enter, monkeypatch):
        alice, bob = enter("alice"), enter("bob")
        order, receive = [], house.service._answer

        def note(session, request, payload):
            order.append(session.account.nick)
            spin = time.perf_counter() + 0.002
            while time.perf_counter() < spin:
                pass
            receive(session, request, payload)

        monkeypatch.setattr(house.service, "_answer", note)
        numbers = [alice.say(ask.LookUp, nick="bob") for _ in range(200)]
        alice.connection.flush()
        until(lambda: order)
        bob.ask(ask.ListNames)
        assert order.index("bob") < 200
        alice.expect(lambda message: getattr(message, "id", 0) == numbers[-1])
        assert order.count("alice") == 200

    def test_the_rest_of_a_record_is_not_answered_after_an_abort(self, house, enter, told):
        alice = enter("alice")
        client = outlet(house, "alice")
        asked, receive = [], house.service._answer

        def note(session, request, payload):
            asked.append(request.id)
            client.connection.abort()
            client.send(bytes(2 * module.HARD_LIMIT))
            receive(session, request, payload)

        house.service._answer = note
        for _ in range(100):
            alice.say(ask.ListNames)
        alice.connection.flush()
        until(lambda: not house.listener._pool)
        assert len(asked) == 1
        assert [event for event, _ in told if event != "a connection was lost"] == []


class TestTurns:
    def test_what_comes_stays_with_the_system_until_it_is_somebodys_turn(
        self, house, enter, monkeypatch
    ):
        alice, bob = enter("alice"), enter("bob")
        client, turn = outlet(house, "alice"), Event()

        def wait(customer):
            if customer is client:
                turn.wait(PATIENCE)

        monkeypatch.setattr(house.listener._passes, "wait", wait)
        number = alice.say(ask.ListNames)
        alice.connection.flush()
        until(lambda: unread(client))
        bob.ask(ask.ListNames)
        assert unread(client)
        turn.set()
        alice.expect(lambda message: getattr(message, "id", 0) == number)
        assert not unread(client)

    @pytest.mark.parametrize("bounds", [Bounds(in_flight=0)])
    def test_who_has_much_on_its_way_waits_for_what_is_their_own(self, house, enter, monkeypatch):
        alice = enter("alice")
        room = alice.room()
        awaited = []
        with monkeypatch.context() as patch:
            patch.setattr(house.journal, "settle", lambda account=b"": awaited.append(account))
            alice.append(room, b"hello")
            alice.append(room, b"hello again")
        assert set(awaited) == {outlet(house, "alice").session.account.id}


class TestFloods:
    def test_a_thousand_faults_are_one_line(self, house, enter, told):
        for _ in range(20):
            enter().connection.send(b"\0\0\0\x04text")
        until(lambda: not house.listener._pool)
        assert [event for event, _ in told] == ["a client broke the protocol"]


class TestSilence:
    @pytest.fixture
    def watched(self, house):
        """A client that has announced signs of life, and the server's side of it."""
        alice = RawClient(str(house.link))
        alice.register("alice", life_signs=True)
        alice.connection.channel.agree_on_life_signs()
        yield alice, outlet(house, "alice")
        alice.close()

    def test_it_is_long_enough_for_a_ping_to_come(self):
        assert module.SILENCE * Bounds().rest == 42

    def test_who_says_nothing_is_cut_off(self, watched):
        alice, client = watched
        for _ in range(module.SILENCE):
            client.look_after()
        assert not client.connection._closing
        client.look_after()
        assert alice.is_hung_up_on()

    @pytest.mark.parametrize("what", ["a ping", "a request", "half a record"])
    def test_who_gives_a_sign_of_life_stays(self, watched, what):
        alice, client = watched
        for _ in range(3):
            for _ in range(module.SILENCE):
                client.look_after()
            heard = client.connection.heard
            match what:
                case "a ping":
                    alice.connection.ping()
                case "a request":
                    alice.say(ask.ListNames)
                case "half a record":
                    alice.socket.sendall(b"\0\0\1\x01"[heard % 4 :][:1])
            until(lambda heard=heard: client.connection.heard > heard)
        client.look_after()
        assert not client.connection._closing

    def test_a_ping_is_answered_to_who_has_announced_it_only(self, watched, enter):
        alice, _ = watched
        alice.connection.ping()
        while alice.connection.channel._life.asked:
            alice.receive()
        bob = enter("bob")
        bob.connection.channel.agree_on_life_signs()
        bob.connection.ping()
        assert bob.is_hung_up_on()

    def test_who_takes_what_waits_stays_though_it_says_nothing(self, watched):
        alice, client = watched
        fill(client)
        waiting = client.connection.waiting
        for _ in range(module.SILENCE):
            client.look_after()
        while client.connection.waiting == waiting:
            alice.receive()
        for _ in range(module.SILENCE):
            client.look_after()
        assert not client.connection._closing
        client.look_after()
        assert client.connection._closing

    def test_who_has_announced_nothing_may_be_silent(self, house, enter):
        enter("bob")
        client = outlet(house, "bob")
        for _ in range(2 * module.SILENCE):
            client.look_after()
        assert not client.connection._closing

    def test_one_sweep_looks_after_all(self):
        house = House(bounds=Bounds(rest=0.001))
        silent, talking = RawClient(str(house.link)), RawClient(str(house.link))
        silent.register("silent", life_signs=True)
        talking.register("talking")
        assert silent.is_hung_up_on()
        assert talking.ask(ask.ListNames).names
        for client in (silent, talking):
            client.close()
        house.close()


class TestSlowReaders:
    def test_who_does_not_read_is_congested_and_then_cut_off(self, house, enter, told):
        enter("alice")
        client = outlet(house, "alice")
        assert not client.congested
        fill(client)
        assert limits.OUTBOX_SIZE < client.connection.waiting < limits.OUTBOX_SIZE + 2 * len(LONG)
        assert told == []
        most = 0
        while list(house.service.connected):
            client.send(LONG)
            most = max(most, client.connection.waiting)
            gevent.sleep(0)
        assert ("a client does not read", "") in told
        assert module.HARD_LIMIT < most < module.HARD_LIMIT + 2 * len(LONG)

    def test_it_is_not_listened_to_until_it_reads(self, house, enter, monkeypatch):
        alice, bob = enter("alice"), enter("bob")
        client = outlet(house, "alice")
        asked = []
        receive = house.service.receive

        def note(session, record):
            asked.append(session.account.nick)
            receive(session, record)

        monkeypatch.setattr(house.service, "receive", note)
        fill(client)
        numbers = [alice.say(ask.ListNames)]
        alice.connection.flush()
        until(lambda: asked)
        for _ in range(3):
            numbers.append(alice.say(ask.ListNames))
            alice.connection.flush()
            bob.ask(ask.ListNames)
        assert asked == ["alice", "bob", "bob", "bob"]
        for number in numbers:
            alice.expect(lambda message, number=number: getattr(message, "id", 0) == number)
        assert len(asked) > 4

    @pytest.mark.parametrize("bounds", [Bounds(in_flight=3)])
    def test_appends_that_wait_for_the_disk_hold_back_the_next(self, house, enter, monkeypatch):
        alice, bob = enter("alice"), enter("bob")
        room = alice.room()
        head = alice.head(room)
        disk = threading.Event()
        commit = house.store.commit
        monkeypatch.setattr(
            house.store, "commit", lambda change: (disk.wait(PATIENCE), commit(change))[1]
        )
        size = READ_SIZE - 1000  # no more than two in one read
        for _ in range(20):
            alice.say(
                ask.Append,
                bytes(size),
                conversation=room,
                message_id=os.urandom(16),
                head=head,
            )
            alice.connection.flush()
        for _ in range(40):
            bob.ask(ask.ListNames)
        assert 3 < outlet(house, "alice").session.in_flight <= 2 * (1 + size // limits.BULK)
        disk.set()
        until(lambda: house.store.head(room).seq == head + 20)


class TestOneRecord:
    @pytest.mark.parametrize(
        ("bounds", "most"),
        [
            ({"IN_FLIGHT": 3}, dispatch.WORDS),
            ({"CROWD": 0, "IN_FLIGHT_IN_A_CROWD": 1}, dispatch.WORDS),
            ({"CROWD": 100, "IN_FLIGHT_IN_A_CROWD": 1}, 20),
        ],
        ids=["alone", "in a crowd", "before there is one"],
    )
    def test_many_messages_in_one_record_wait_for_the_disk_few_at_a_time(
        self, house, enter, monkeypatch, bounds, most
    ):
        for name, bound in bounds.items():
            monkeypatch.setattr(limits, name, bound)
        alice, bob = enter("alice"), enter("bob")
        room = alice.room()
        head = alice.head(room)
        disk = threading.Event()
        commit = house.store.commit
        monkeypatch.setattr(
            house.store, "commit", lambda change: (disk.wait(PATIENCE), commit(change))[1]
        )
        for _ in range(20):
            alice.say(ask.Append, b"x", conversation=room, message_id=os.urandom(16), head=head)
        alice.connection.flush()
        for _ in range(40):
            bob.ask(ask.ListNames)
        assert most - 1 <= outlet(house, "alice").session.in_flight <= most
        disk.set()
        until(lambda: house.store.head(room).seq == head + 20)

    def test_large_commits_wait_for_the_disk_fewer_at_a_time(self, house, enter, monkeypatch):
        alice, bob = enter("alice"), enter("bob")
        rooms = [alice.room(f"den{number}") for number in range(8)]
        commits = [
            partial(alice.say, ask.Commit, bytes(900_000), conversation=room, head=alice.head(room))
            for room in rooms
        ]
        disk = threading.Event()
        commit = house.store.commit
        monkeypatch.setattr(
            house.store, "commit", lambda change: (disk.wait(PATIENCE), commit(change))[1]
        )
        for room, send in zip(rooms, commits, strict=True):
            alice.say(ask.TakeTurn, conversation=room, purpose=Purpose.COMMIT)
            send(message_id=os.urandom(16), message=800_000)
            alice.connection.flush()
        session = outlet(house, "alice").session
        until(lambda: session.in_flight > limits.IN_FLIGHT)
        for _ in range(40):
            bob.ask(ask.ListNames)
        most = limits.IN_FLIGHT + 900_000 // limits.BULK + 1
        assert session.in_flight <= most
        assert house.journal.waiting <= most
        disk.set()
        for room in rooms:
            until(lambda room=room: house.store.head(room).seq == 2)


class TestLargeRecords:
    @pytest.fixture
    def talkers(self, bounds):
        """A house in which one at a time says much at once, and two who are about to."""
        house = House(bounds=replace(bounds, records=1))
        clients = [RawClient(str(house.link)) for _ in range(3)]
        for number, client in enumerate(clients):
            client.register(f"user{number}")
        yield house, *clients
        for client in clients:
            client.connection.abort()
        house.close()

    def held(self, house, number):
        """So much is here of the record of one of them."""
        return outlet(house, f"user{number}").connection.channel.held

    def record(self, client):
        """Twice as much as a large one."""
        append = ask.Append(
            id=99,
            conversation=bytes(16),
            message_id=bytes(16),
            payload=2 * module.LARGE,
        )
        return client.connection.channel.seal(encode(append, bytes(append.payload)))

    def begin(self, client):
        """Say the first part; the rest."""
        record = self.record(client)
        client.socket.sendall(record[: -module.LARGE // 2])
        return record[-module.LARGE // 2 :]

    def answer(self, client):
        client.expect(lambda message: getattr(message, "id", 0) == 99)

    def test_few_are_received_at_a_time(self, talkers):
        house, first, second, other = talkers
        rest = self.begin(first)
        until(lambda: self.held(house, 0) >= module.LARGE)
        second.socket.sendall(self.record(second))
        until(lambda: self.held(house, 1) >= module.LARGE)
        for _ in range(10):
            other.ask(ask.ListNames)
        assert self.held(house, 1) < 2 * module.LARGE
        first.socket.sendall(rest)
        self.answer(first)
        self.answer(second)

    @pytest.mark.parametrize("bounds", [Bounds(longest=0.1)])
    def test_who_does_not_finish_makes_room(self, talkers):
        _, first, second, _ = talkers
        self.begin(first)
        second.socket.sendall(self.record(second))
        self.answer(second)
        assert first.is_hung_up_on()

    def test_what_was_said_is_on_disk_before_others_say_more(self, talkers, monkeypatch):
        house, first, second, other = talkers
        room = first.room()
        head = first.head(room)
        first.ask(ask.TakeTurn, conversation=room, purpose=Purpose.COMMIT)
        disk, commit = threading.Event(), house.store.commit
        monkeypatch.setattr(
            house.store, "commit", lambda change: (disk.wait(PATIENCE), commit(change))[1]
        )
        name = os.urandom(16)
        large = ask.Commit, bytes(900_000)
        first.say(*large, conversation=room, message_id=name, head=head, message=800_000)
        first.connection.flush()
        until(lambda: outlet(house, "user0").session.in_flight)
        second.socket.sendall(self.record(second))
        until(lambda: self.held(house, 1) >= module.LARGE)
        for _ in range(10):
            other.ask(ask.LookUp, nick="user0")
        assert self.held(house, 1) < 2 * module.LARGE
        disk.set()
        self.answer(second)
        assert house.store.head(room).seq == head + 1


class TestCatchingUp:
    @pytest.mark.parametrize("pages", [2])
    def test_what_was_missed_comes_page_by_page(self, house, enter, monkeypatch):
        alice, bob = enter("alice"), enter("bob")
        room = alice.room()
        bob.room(after=None)
        for number in range(9):
            alice.append(room, b"%d" % number)
        bob.subscribe(room, after=0)
        entries = bob.entries(9)
        assert [entry.seq for entry, _ in entries] == list(range(3, 12))
        assert [payload for _, payload in entries] == [b"%d" % number for number in range(9)]
        until(lambda: outlet(house, "bob")._catching_up is None)

    @pytest.mark.parametrize(("size", "spawned"), [(10, []), (module.LITTLE, ["bob"])])
    def test_only_who_missed_much_gets_another_greenlet(
        self, house, enter, monkeypatch, size, spawned
    ):
        begun = []
        catch_up = module.ClientHandler._catch_up

        def note(client):
            begun.append(client.session.account.nick)
            catch_up(client)

        monkeypatch.setattr(module.ClientHandler, "_catch_up", note)
        alice, bob = enter("alice"), enter("bob")
        room = alice.room()
        bob.room(after=None)
        alice.append(room, bytes(size))
        bob.subscribe(room, after=0)
        bob.entries(1)
        until(lambda: outlet(house, "bob")._catching_up is None)
        assert begun == spawned

    @pytest.mark.parametrize("pages", [1])
    def test_who_missed_much_is_answered_meanwhile(self, house, enter, monkeypatch):
        alice, bob = enter("alice"), enter("bob")
        room = alice.room()
        bob.room(after=None)
        for _ in range(2):
            alice.append(room, bytes(module.LITTLE))
        head = alice.head(room)
        disk = threading.Event()
        entries = house.store.entries

        def read(conversation, account, after):
            if after > head:
                disk.wait(PATIENCE)
            return entries(conversation, account, after)

        monkeypatch.setattr(house.store, "entries", read)
        bob.subscribe(room, after=head)
        bob.entries(1)
        bob.ask(ask.ListNames)
        disk.set()
        bob.entries(1)

    def test_few_read_much_at_the_same_time(self, monkeypatch):
        house = House(
            Access.OPEN, KEY, Bounds(pages=2), service.Bounds(page_entries=1, recent_size=0)
        )
        alice, *readers = (RawClient(str(house.link)) for _ in range(6))
        alice.register("alice")
        room = alice.room()
        for number, reader in enumerate(readers):
            reader.register(f"user{number}")
            reader.room(after=None)
        alice.append(room, bytes(module.LITTLE))
        alice.append(room, b"the second page")
        head = alice.head(room)
        disk, reading = threading.Event(), []
        entries = house.store.entries

        def read(conversation, account, after):
            if after > head:
                reading.append(account)
                disk.wait(PATIENCE)
            return entries(conversation, account, after)

        monkeypatch.setattr(house.store, "entries", read)
        for reader in readers:
            reader.subscribe(room, after=head)
        until(lambda: len(reading) == 2)
        alice.ask(ask.ListNames)
        assert len(reading) == 2
        disk.set()
        for reader in readers:
            reader.entries(2)
            reader.close()
        alice.close()
        house.close()

    def catch_up(self, enter, count):
        """Have bob read so many messages that were said before he subscribed."""
        alice, bob = enter("alice"), enter("bob")
        room = alice.room()
        bob.room(after=None)
        head = alice.head(room)
        for _ in range(count):
            alice.append(room, bytes(module.LITTLE))
        bob.subscribe(room, after=head)
        bob.entries(count)

    @pytest.mark.parametrize("pages", [1])
    def test_who_reads_gets_everything_in_one_turn(self, house, enter, monkeypatch):
        turns = []
        leave = Gate.__exit__
        monkeypatch.setattr(
            Gate, "__exit__", lambda gate, *error: turns.append(gate) or leave(gate, *error)
        )
        self.catch_up(enter, 3)
        until(lambda: outlet(house, "bob")._catching_up is None)
        assert len(turns) == 1

    @pytest.mark.parametrize("pages", [1])
    def test_others_have_their_turn_after_each_page(self, enter, monkeypatch):
        passes = []
        wait = module.await_next_pass
        monkeypatch.setattr(module, "await_next_pass", lambda: passes.append(1) or wait())
        self.catch_up(enter, 4)
        assert len(passes) >= 2  # the first two pages need no turn

    @pytest.mark.parametrize("pages", [1])
    def test_what_others_say_in_the_same_pass_does_not_keep_everybody_waiting(
        self, house, enter, monkeypatch
    ):
        turns = []
        leave, wait = Gate.__exit__, module.await_next_pass

        def count(gate, *error):
            leave(gate, *error)
            turns.append(gate)
            if len(turns) > 10:
                gevent.sleep(0)  # or nothing would ever end this

        def speak():
            wait()
            outlet(house, "bob").send(encode(Announcement(text="beside")))

        monkeypatch.setattr(Gate, "__exit__", count)
        monkeypatch.setattr(module, "await_next_pass", speak)
        self.catch_up(enter, 4)
        until(lambda: outlet(house, "bob")._catching_up is None)
        assert 2 <= len(turns) <= 4

    def test_a_log_that_cannot_be_read_ends_the_connection(self, house, enter, monkeypatch, told):
        alice = enter("alice")
        room = alice.room(after=None)

        def fail(*_):
            raise StoreError("the disk has gone")

        monkeypatch.setattr(house.store, "entries", fail)
        alice.subscribe(room, after=0)
        with pytest.raises((TruncationError, NetworkError)):
            alice.expect(lambda message: isinstance(message, EntryEvent))


def test_a_closed_client_takes_everything_silently(house, enter):
    alice = enter("alice")
    client = outlet(house, "alice")
    client.close()
    client.send(LONG)
    client.close()
    alice.receive_all()
    assert not [message for message, _ in alice.inbox if isinstance(message, Announcement)]
