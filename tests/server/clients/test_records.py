"""Records in which much is said at once, over real connections."""

import os
import threading
from dataclasses import replace
from functools import partial

import pytest

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.values import Purpose
from geventim.server.clients import handler as module
from geventim.server.clients.bounds import Bounds
from geventim.service import dispatch
from tests.conftest import PATIENCE
from tests.greenlets import until
from tests.house import House
from tests.raw_client import RawClient
from tests.server.clients.outlets import outlet


class TestOneRecord:
    @pytest.mark.parametrize(
        ("bounds", "most"),
        [
            (Bounds(in_flight=3), dispatch.WORDS),
            (Bounds(crowd=0, in_flight_in_a_crowd=1), dispatch.WORDS),
            (Bounds(crowd=100, in_flight_in_a_crowd=1), 20),
        ],
        ids=["alone", "in a crowd", "before there is one"],
    )
    def test_many_messages_in_one_record_wait_for_the_disk_few_at_a_time(
        self, house, enter, monkeypatch, most
    ):
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
