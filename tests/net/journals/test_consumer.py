"""Every item once and in order, or to be told that some were missed."""

from contextlib import contextmanager

import gevent
import pytest

from geventim.errors import StoreError
from geventim.log.shared import Item
from geventim.net.journals.consumer import BURST, Consumer, Throttle
from tests.net.shared_store import Common, SharedStore

LOOKS = 1_000


class Reader:
    """``taken`` is what came; the next of ``raises`` is raised first."""

    def __init__(self, common):
        self.taken = []
        self.raises = []
        self.events = []
        self.consumer = Consumer(
            SharedStore(common), "log", self.take, lambda: self.events.append("lost"), self.paused
        )

    @contextmanager
    def paused(self):
        self.events.append("paused")
        yield
        self.events.append("resumed")

    def take(self, item):
        if self.raises:
            raise self.raises.pop()
        self.taken.append(item.data)

    def await_taken(self, *data):
        while self.taken != list(data):
            gevent.sleep(0.005)


@pytest.fixture
def common():
    return Common()


@pytest.fixture
def reader(common):
    common.put("log", b"", b"before")
    made = Reader(common)
    yield made
    made.consumer.stop()


def test_begins_at_the_end(reader, common):
    common.put("log", b"", b"a")
    common.put("log", b"", b"b")
    reader.await_taken(b"a", b"b")


def test_outage_loses_nothing(reader, common):
    common.put("log", b"", b"a")
    reader.await_taken(b"a")
    common.break_down(2)
    common.put("log", b"", b"b")
    common.broken = False
    reader.await_taken(b"a", b"b")
    assert reader.events == []


def test_what_cannot_be_taken_now_is_given_again(reader, common):
    reader.raises = [StoreError("nobody knows who that is")]
    common.put("log", b"", b"a")
    common.put("log", b"", b"b")
    reader.await_taken(b"a", b"b")


def test_bug_costs_one_item(reader, common, caplog):
    reader.raises = [ZeroDivisionError()]
    common.put("log", b"", b"a")
    common.put("log", b"", b"b")
    reader.await_taken(b"b")
    assert caplog.records[0].exc_info[0] is ZeroDivisionError


def test_what_is_kept_no_longer_is_noticed_while_nothing_is_written(reader, common):
    common.break_down(1)
    for data in (b"a", b"b", b"c"):
        common.put("log", b"", data)
    common.forget("log")
    common.broken = False
    while not reader.events:
        gevent.sleep(0.005)
    assert reader.events == ["paused", "lost", "resumed"]
    common.put("log", b"", b"d")
    reader.await_taken(b"d")


def test_store_that_has_gone_back_is_noticed(reader, common):
    common.break_down(1)
    common.items["log"].clear()
    common.broken = False
    while "resumed" not in reader.events:
        gevent.sleep(0.005)
    common.put("log", b"", b"a")
    reader.await_taken(b"a")


def test_store_that_has_gone_back_and_on_again_is_noticed(reader, common):
    common.put("log", b"", b"a")
    reader.await_taken(b"a")
    common.break_down(1)
    del common.items["log"][1:]
    for data in (b"instead of a", b"b"):
        common.put("log", b"", data)
    common.broken = False
    while "resumed" not in reader.events:
        gevent.sleep(0.005)
    assert reader.events == ["paused", "lost", "resumed"]
    common.put("log", b"", b"c")
    reader.await_taken(b"a", b"c")


def test_store_that_went_on_while_another_call_failed_is_noticed(reader, common):
    common.put("log", b"", b"a")
    reader.await_taken(b"a")
    common.items["log"][1] = Item(2, b"", b"instead of a")
    common.failures += 1
    common.put("log", b"", b"b")
    while "resumed" not in reader.events:
        gevent.sleep(0.005)


def test_store_that_refuses_to_be_read_is_doubted(reader, common, monkeypatch):
    common.put("log", b"", b"a")
    reader.await_taken(b"a")
    read = SharedStore.read

    def refuse(store, feed, after):
        monkeypatch.setattr(SharedStore, "read", read)
        common.items["log"][1] = Item(2, b"", b"instead of a")
        raise StoreError("nobody has counted this")

    monkeypatch.setattr(SharedStore, "read", refuse)
    common.pulse()
    while "resumed" not in reader.events:
        gevent.sleep(0.005)


def test_store_with_the_same_and_more_has_lost_nothing(reader, common):
    common.put("log", b"", b"a")
    reader.await_taken(b"a")
    common.break_down(1)
    for data in (b"b", b"c"):
        common.put("log", b"", data)
    common.broken = False
    reader.await_taken(b"a", b"b", b"c")
    assert reader.events == []


def test_needs_a_store_at_the_beginning(common):
    common.broken = True
    with pytest.raises(StoreError):
        Reader(common)


def test_busy_feed_is_not_looked_at_for_each_item(common, monkeypatch):
    monkeypatch.setattr(SharedStore, "looks", 10)
    reader = Reader(common)
    for number in range(20):
        common.put("log", b"", b"%d" % number)
        gevent.sleep(0.001)
    reader.await_taken(*(b"%d" % number for number in range(20)))
    assert reader.consumer._store.reads < 10
    reader.consumer.stop()


def test_looks_are_free_until_they_are_too_many(monkeypatch):
    waits = []
    monkeypatch.setattr("geventim.net.journals.consumer.gevent.sleep", waits.append)
    monkeypatch.setattr("geventim.net.journals.consumer.time.monotonic", lambda: 1000.0)
    throttle = Throttle(LOOKS)
    for _ in range(round(BURST * LOOKS) + 11):
        throttle.wait()
    assert waits[: round(BURST * LOOKS)] == [0.0] * round(BURST * LOOKS)
    assert waits[-1] == pytest.approx(10 / LOOKS, abs=1e-6)
