"""What is kept of what was said of late, and who is served from it."""

import pytest

from geventim.chat import requests as ask
from geventim.chat.replies import Error
from geventim.chat.values import Conversation, Entry, EntryKind, Kind
from geventim.log.changes import Create, Expire
from geventim.service.alone import Alone
from geventim.service.bounds import Bounds
from geventim.service.conversations.retention import INTERVAL
from geventim.service.delivery.recent import OVERHEAD, Recent
from geventim.service.feed import Pace
from geventim.store.memory.store import MemoryStore
from tests.service.doubles import World, fresh_id, meet
from tests.service.identities import account
from tests.service.surroundings import START

ROOM, OTHER = bytes(16), bytes(range(16))


def entry(seq, conversation=ROOM):
    return Entry(
        conversation,
        seq,
        time=1.0,
        author=bytes(32),
        kind=EntryKind.MESSAGE,
        message_id=bytes(16),
        previous=bytes([seq]) * 32,
    )


@pytest.fixture
def kept(bounds):
    kept = Recent(bounds.recent_size, bounds)
    for seq in range(4, 8):
        kept.keep(entry(seq), b"%d" % seq)
    return kept


def test_what_follows_is_given_in_order(kept):
    assert kept.frames(ROOM, 4, 7) == [b"5", b"6", b"7"]
    assert kept.frames(ROOM, 3, 4) == [b"4"]
    assert kept.frames(ROOM, 7, 7) == []


@pytest.mark.parametrize(("after", "last"), [(2, 7), (3, 8), (7, 8)])
def test_nothing_is_given_where_one_is_missing(kept, after, last):
    assert kept.frames(ROOM, after, last) == []


def test_conversations_are_told_apart(kept):
    kept.keep(entry(8, OTHER), b"other")
    assert kept.frames(ROOM, 6, 8) == []
    assert kept.frames(OTHER, 7, 8) == [b"other"]


def test_hash_before_an_entry(kept):
    assert kept.hash_before(ROOM, 5) == bytes([5]) * 32
    assert kept.hash_before(ROOM, 3) is None


@pytest.mark.parametrize("bounds", [Bounds(page_entries=2)])
def test_a_page_has_so_many_entries(kept):
    assert kept.frames(ROOM, 3, 7) == [b"4", b"5"]


@pytest.mark.parametrize(
    ("bounds", "page"),
    [(Bounds(page_size=2), [b"4", b"5"]), (Bounds(page_size=0), [b"4"])],
)
def test_a_page_has_so_many_bytes_but_at_least_one_entry(kept, page):
    assert kept.frames(ROOM, 3, 7) == page


def test_the_oldest_is_forgotten_when_there_are_too_many():
    kept = Recent(3 * (OVERHEAD + 1))
    for seq in range(1, 5):
        kept.keep(entry(seq), b"!")
        kept.keep(entry(seq), b"!")  # twice takes no more room
    assert kept.frames(ROOM, 0, 4) == []
    assert kept.frames(ROOM, 1, 4) == 3 * [b"!"]
    kept.keep(entry(5), bytes(2 * OVERHEAD + 3))
    assert kept.hash_before(ROOM, 4) is None
    assert len(kept.frames(ROOM, 4, 5)) == 1


def test_everything_is_forgotten(kept):
    kept.clear()
    assert kept.frames(ROOM, 3, 7) == []
    assert kept.hash_before(ROOM, 5) is None


class TestReturning:
    """Who has everything already is live at once."""

    def test_nothing_is_read_for_who_has_everything(self, world, monkeypatch):
        room, alice, bob = meet(world, "alice", "bob")
        monkeypatch.setattr(world.store, "entries", None)  # would be read
        bob.subscribe(room, world.last(room))
        alice.append(room, b"hello")
        assert bob.payloads()[-1] == b"hello"

    def test_nothing_is_read_for_who_was_away_for_a_moment(self, world, monkeypatch):
        room, alice, bob = meet(world, "alice", "bob")
        bob.lose()
        for text in (b"one", b"two"):
            alice.append(room, text)
        again = world.enter("bob")
        monkeypatch.setattr(world.store, "entries", None)
        monkeypatch.setattr(world.store, "position", None)
        reply = again.subscribe(room, 3)
        alice.append(room, b"three")
        assert (reply.after, reply.head) == (3, 4)
        assert again.payloads() == [b"two", b"three"]
        assert again.session.places[room].pace is Pace.LIVE

    def test_the_hash_is_compared_without_reading(self, world, monkeypatch):
        room, alice, bob = meet(world, "alice", "bob")
        alice.append(room)
        alice.append(room)
        hashes = [
            each.previous for each in world.store.entries(room, account("alice").id, 0).entries
        ] + [world.store.head(room).hash]
        monkeypatch.setattr(world.store, "position", None)
        for after in (2, 3, 4):
            assert isinstance(bob.subscribe(room, after, hash=bytes(32)), Error)
            assert bob.subscribe(room, after, hash=hashes[after]).hash == hashes[after]

    def test_what_a_commit_is_among_is_read(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        bob.lose()
        alice.append(room, b"one")
        alice.change(room)
        alice.append(room, b"two")
        again = world.enter("bob")
        again.subscribe(room, 2)
        assert again.entries(room) == [3, 4, 5]

    def test_who_was_put_out_is_given_nothing_from_memory(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        bob.lose()
        world.kick(room, "bob")
        alice.append(room, b"secret")
        again = world.enter("bob")
        again.subscribe(room, 3)
        assert again.payloads() == []

    @pytest.mark.parametrize("bounds", [Bounds(page_entries=2)])
    def test_nothing_is_given_of_what_was_said_before_ones_time(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        world.kick(room, "bob")
        for _ in range(3):
            alice.append(room, b"secret")
        bob.change(room, ["bob"])
        newcomer = world.enter("carol")
        newcomer.open()
        newcomer.change(room, ["carol"])
        for reader in (bob, newcomer):
            reader.received.clear()
            reader.subscribe(room, 3)
        assert bob.entries(room) == [7, 8]
        assert newcomer.entries(room) == [8]

    def test_nor_while_the_commit_that_adds_them_is_on_its_way(self, world):
        alice, bob, carol = map(world.enter, ("alice", "bob", "carol"))
        room = alice.group("crew", "bob")
        bob.subscribe(room)
        alice.append(room)
        alice.turn(room)
        head = world.head(room)
        world.journal.stepwise = True
        alice.post(room, b"secret")
        request = {"conversation": room, "message_id": fresh_id(), "head": head, "message": 6}
        alice.begin(ask.Commit, b"commitinfo", added=(account("carol").id,), **request)
        world.journal.write()
        world.journal.write()
        carol = world.enter("carol")
        carol.subscribe(room, 2)
        for _ in range(2):
            world.journal.answer()
        assert carol.entries(room) == [4]
        assert bob.entries(room) == [1, 2, 3, 4]

    def test_after_a_failover_everything_is_read_anew(self, world):
        room, alice, _ = meet(world, "alice", "bob")
        world.journal.stepwise = True
        for text in (b"known", b"taken back"):
            alice.post(room, text)
            world.journal.write()
        world.journal.answer()
        world.service.end_all()
        world.journal.answer()
        world.journal.stepwise = False
        read, pages = world.store.entries, []
        world.store.entries = lambda *where: pages.append(where) or read(*where)
        again = world.enter("bob")  # its earlier connection is still there
        again.subscribe(room, 2)
        assert again.payloads() == [b"known", b"taken back"]
        assert pages

    def test_what_a_failover_has_taken_back_is_gone(self, world):
        changes, commit = [], world.store.commit
        world.store.commit = lambda batch: changes.extend(batch) or commit(batch)
        room, alice, _ = meet(world, "alice", "bob")
        replica = MemoryStore()
        replica.commit(changes)
        world.journal.stepwise = True
        alice.post(room, b"taken back")
        world.journal.write()
        world.service.end_all()
        world.journal.answer()  # to somebody whose connection ends
        world.journal.stepwise = False
        world.journal.store = world.store = replica
        for nick in ("bob", "alice"):  # their earlier connections are still there
            again = world.enter(nick)
            again.subscribe(room, 2)
        for text in (b"one", b"two"):
            again.append(room, text)
        reader = world.service.connected.session(account("bob").id).outlet
        later = world.enter("bob")
        later.subscribe(room, 2)
        assert reader.payloads() == later.payloads() == [b"one", b"two"]

    def test_what_has_expired_is_given_to_nobody(self):
        world = World(keep=60.0)
        room, alice, bob = meet(world, "alice", "bob")
        bob.lose()
        alice.append(room, b"old")
        world.timers.advance(INTERVAL)
        again = world.enter("bob")
        reply = again.subscribe(room, 2)
        assert reply.expired == 3
        assert again.payloads() == []

    def test_nor_where_another_node_has_let_it_expire(self):
        world = World(keep=60.0)
        world.neighbours = Alone()
        world.start()
        room, alice, bob = meet(world, "alice", "bob")
        bob.lose()
        alice.append(room, b"old")
        world.store.commit([Expire(START + 1)])
        again = world.enter("bob")
        assert again.subscribe(room, 2).expired == 3
        assert again.payloads() == []

    def test_what_is_on_its_way_comes_once(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        world.timers.advance(1)
        before = len(bob.entries(room))
        world.timers.gathering = True
        alice.post(room, b"first")
        bob.subscribe(room, world.last(room))  # it knows the entry from elsewhere
        alice.post(room, b"second")
        world.timers.finish_pass()
        assert bob.entries(room)[before:] == [world.last(room)]

    @pytest.mark.parametrize("kind", [Kind.ROOM, Kind.DM])
    def test_who_has_read_ahead_takes_nothing_from_others(self, world, kind):
        alice, bob = world.enter("alice"), world.enter("bob")
        people = tuple(client.session.account.id for client in (alice, bob))
        new = Conversation(fresh_id(), kind, "new", people[0], bytes(16))
        world.store.commit([Create(new, people)])
        alice, bob = world.enter("alice"), world.enter("bob")
        for client in (alice, bob):
            client.subscribe(new.id)
        world.journal.stepwise = True
        alice.post(new.id, b"first", head=0)
        world.journal.write()
        again = world.enter("alice")
        again.subscribe(new.id, 1)
        world.journal.answer()
        assert bob.payloads() == [b"first"]
        assert again.payloads() == []

    def test_who_was_put_out_while_away_hears_nothing_more(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        bob.lose()
        world.kick(room, "bob")
        again = world.enter("bob")
        again.subscribe(room, world.last(room))
        alice.append(room, b"alone")
        assert again.payloads() == []

    def test_who_has_left_meanwhile_hears_nothing_more(self, world):
        room, alice, bob = meet(world, "alice", "bob")
        world.journal.stepwise = True
        bob.post(room, b"", kind=EntryKind.LEAVE)
        world.journal.write()
        bob.subscribe(room, world.last(room))
        world.journal.answer()
        world.journal.stepwise = False
        alice.append(room, b"alone")
        assert b"alone" not in bob.payloads()
