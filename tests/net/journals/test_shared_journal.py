"""Own entries among those of others, in one order, whatever the store does."""

from itertools import count

import gevent
import pytest

from geventim.chat.values import Account, Conversation, EntryKind, Kind
from geventim.errors import StoreError
from geventim.log.changes import AddKeyPackages, Append, Create
from geventim.net.journals.patience import PATIENCE
from geventim.net.journals.shared_journal import SharedJournal
from tests.net.shared_store import Common, SharedStore

ALICE = Account(bytes(16), "alice", bytes(32), bytes(32))
CREW = Conversation(b"c" * 16, Kind.GROUP, "crew", ALICE.id)

ids = count()


class Node:
    """A journal, and ``seen``: what was published by it, as (whose, number)."""

    def __init__(self, common, patience):
        self.store = SharedStore(common)
        self.journal = SharedJournal(self.store, patience)
        self.seen = []
        self.lost = 0
        self.take = self.publish
        self.journal.follow(self.deliver, self.lose)

    def deliver(self, appended):
        self.take(appended)

    def publish(self, appended):
        self.seen.append(("foreign", appended.entry.seq))

    def lose(self):
        self.lost += 1

    def append(self):
        message = Append(
            CREW.id, ALICE.id, EntryKind.MESSAGE, next(ids).to_bytes(16, "big"), 1.0, 0, b"text"
        )
        self.journal.submit(message, self.done)

    def done(self, outcome):
        if isinstance(outcome, StoreError):
            self.seen.append(("failed", None))
        else:
            self.seen.append(("repeated" if outcome.repeated else "own", outcome.entry.seq))

    def await_seen(self, number):
        while len(self.seen) < number:
            gevent.sleep(0.005)


@pytest.fixture
def common():
    shared = Common()
    shared.store.commit([Create(CREW, (ALICE.id,))])
    return shared


@pytest.fixture
def patience():
    return PATIENCE


HASTY = pytest.mark.parametrize("patience", [0.05])


@pytest.fixture
def two(common, patience):
    nodes = Node(common, patience), Node(common, patience)
    gevent.sleep(0)
    yield nodes
    for node in nodes:
        common.broken = False
        node.journal.close()


def test_all_publish_in_one_order(two):
    for _ in range(20):
        for node in two:
            node.append()
        gevent.sleep(0.001)
    for node in two:
        node.await_seen(40)
        assert [seq for _, seq in node.seen] == list(range(1, 41))
        assert sum(whose == "own" for whose, _ in node.seen) == 20
    assert len(two[0].store.noticed) == 20


def test_own_entry_waits_for_its_answer(two, common):
    one, other = two
    one.store.gate.clear()
    one.append()
    other.await_seen(1)
    assert one.seen == []
    one.store.gate.set()
    one.await_seen(1)
    assert one.seen == [("own", 1)]


def test_what_was_written_although_it_failed_is_published_and_repeated(two):
    one, other = two
    one.store.fails_after = True
    one.append()
    one.await_seen(2)
    other.await_seen(1)
    assert sorted(one.seen) == [("foreign", 1), ("repeated", 1)]
    assert other.seen == [("foreign", 1)]


def test_what_cannot_be_repeated_is_not(two, common):
    one, _ = two
    one.store.fails_after = True
    answers = []
    one.journal.submit(AddKeyPackages(ALICE.id, (b"package",), 1.0), answers.append)
    one.append()
    one.await_seen(1)
    assert isinstance(answers[0], StoreError)
    assert common.store.key_packages(ALICE.id, 0.0) == 1


def test_writers_and_readers_wait_for_a_store_that_comes_back(two, common):
    one, other = two
    common.break_down(2)
    one.append()
    reading = gevent.spawn(one.journal.account, ALICE.id)
    common.break_down(6)
    assert one.seen == []
    assert not reading.ready()
    common.broken = False
    one.await_seen(1)
    other.await_seen(1)
    assert (one.seen, other.seen) == ([("own", 1)], [("foreign", 1)])
    assert reading.get() is None


@HASTY
def test_who_waits_for_too_long_is_told(two, common):
    one, _ = two
    common.broken = True
    one.append()
    one.await_seen(1)
    assert one.seen == [("failed", None)]
    with pytest.raises(StoreError):
        one.journal.account(ALICE.id)


def test_who_has_missed_something_begins_anew(two, common):
    one, other = two
    common.break_down(2)
    store = SharedStore(common)
    common.broken = False
    for number in range(3):
        message = Append(
            CREW.id, ALICE.id, EntryKind.MESSAGE, bytes([number]) * 16, 1.0, 0, b"text"
        )
        store.commit([message])
    common.forget("log")
    while not (one.lost and other.lost):
        gevent.sleep(0.005)
    assert one.seen == []
    one.append()
    one.await_seen(1)
    other.await_seen(1)
    assert (one.seen, other.seen) == ([("own", 4)], [("foreign", 4)])
    assert (one.lost, other.lost) == (1, 1)


def test_store_that_has_forgotten_is_noticed(two, common):
    one, _ = two
    one.append()
    one.await_seen(1)
    common.break_down(2)
    common.items["log"].clear()
    common.broken = False
    while not one.lost:
        gevent.sleep(0.005)


def test_settling_waits_for_the_feed(two, common):
    one, _ = two
    one.append()
    one.journal.settle()
    assert one.seen == [("own", 1)]


def test_bug_of_a_receiver_stops_nobody(two, caplog):
    one, other = two

    def fail(appended):
        other.take = other.publish
        raise ZeroDivisionError

    other.take = fail
    one.append()
    one.append()
    other.await_seen(1)
    assert other.seen == [("foreign", 2)]
    (record,) = caplog.records
    assert record.exc_info[0] is ZeroDivisionError


@HASTY
def test_bug_of_the_store_stops_nobody(two, caplog):
    one, _ = two
    commit = one.store.commit
    one.store.commit = lambda changes: 1 // 0
    one.append()
    one.await_seen(1)
    one.store.commit = commit
    one.append()
    one.await_seen(2)
    assert one.seen == [("failed", None), ("own", 1)]
    assert caplog.records[0].exc_info[0] is ZeroDivisionError
