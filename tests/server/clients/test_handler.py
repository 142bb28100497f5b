"""One client's greenlet, from the handshake to its end, over a real connection."""

import os
import threading
import time

import gevent
import pytest
from gevent import socket
from gevent.event import Event

from geventim.channel.records import MAX_RECORD, MAX_RECORD_BEFORE_LOGIN
from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.replies import Announcement, Ok
from geventim.net.connection import READ_SIZE
from geventim.server.clients import handler as module
from geventim.server.clients.bounds import Bounds
from tests.conftest import PATIENCE
from tests.greenlets import until
from tests.house import House
from tests.raw_client import RawClient
from tests.server.clients.outlets import LONG, fill, outlet, unread


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
        client.connection.rest()
        assert client.connection.is_busy  # it has just written
        client.connection.rest()
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

    def test_what_comes_may_be_a_word_unless_it_is_large(self, house, enter, monkeypatch):
        alice, waited = enter("alice"), []
        monkeypatch.setattr(house.listener._passes, "wait", lambda one: waited.append(one.talking))
        alice.ask(ask.ListNames)
        assert waited[:2] == [True, False]
        waited.clear()
        record = alice.connection.channel.seal(bytes(4 * READ_SIZE))
        alice.socket.sendall(record[:-1])
        until(lambda: False in waited)
        assert waited[0]

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


def test_a_closed_client_takes_everything_silently(house, enter):
    alice = enter("alice")
    client = outlet(house, "alice")
    client.close()
    client.send(LONG)
    client.close()
    alice.receive_all()
    assert not [message for message, _ in alice.inbox if isinstance(message, Announcement)]
