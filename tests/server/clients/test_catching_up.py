"""Clients that read from the log what they missed, over real connections."""

import threading

import gevent
import pytest

from geventim.channel.connection import TruncationError
from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.replies import Announcement, EntryEvent
from geventim.chat.values import Access
from geventim.errors import NetworkError, StoreError
from geventim.net.gate import Gate
from geventim.server.clients import handler as module
from geventim.server.clients.bounds import Bounds
from geventim.service import bounds as service
from tests.conftest import PATIENCE
from tests.greenlets import until
from tests.house import KEY, House
from tests.raw_client import RawClient
from tests.server.clients.outlets import outlet


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

    @pytest.mark.parametrize(
        ("size", "bounds", "spawned"),
        [
            (10, Bounds(soon=PATIENCE), []),
            (10, Bounds(soon=0.0), ["bob"]),
            (module.LITTLE, Bounds(soon=PATIENCE), ["bob"]),
        ],
    )
    @pytest.mark.parametrize("pages", [1])
    def test_only_who_waits_for_much_or_for_long_gets_another_greenlet(
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
        head = alice.head(room)
        for _ in range(2):
            alice.append(room, bytes(size))
        bob.subscribe(room, after=head)
        bob.entries(2)
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
