"""How a server is doing, with a real one within the process and a clock of the test."""

from types import SimpleNamespace

import gevent
import pytest
from gevent.event import Event

from geventim.errors import StoreError
from geventim.net.audience import Tally
from geventim.server import backups
from geventim.server.clients.witness import Witness
from geventim.server.watching import condition as module
from geventim.server.watching.condition import LASTING, OLD, PATIENCE, PROBED, Condition
from tests.greenlets import until


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def patience():
    return PATIENCE


@pytest.fixture
def condition(house, clock, tmp_path, blobs, patience):
    parts = house.service, house.journal, house.listener, Witness(), Tally(), tmp_path, blobs
    condition = Condition(*parts, has_own_store=True, now=clock, clock=clock, patience=patience)
    condition.start()
    yield condition
    condition.stop()


def failing(*_):
    raise StoreError("the disk is full")


def test_a_server_is_ready_until_it_stops(condition, clock):
    assert condition.obstacle() == ""
    assert condition.fault() == ""
    condition.drain()
    assert condition.obstacle() == "it is stopping"
    clock.now += 5
    assert condition.uptime == 5


def test_what_the_store_cannot_write_is_in_the_way_until_it_can(
    condition, house, clock, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setattr(house.store, "probe", failing)
        assert condition.obstacle() == "the disk is full"
    assert condition.obstacle() == "the disk is full"  # it was asked a moment ago
    clock.now += PROBED
    assert condition.obstacle() == ""
    assert house.journal.crew.failures == 1


def test_a_commit_that_has_failed_is_in_the_way_at_once(condition, house, enter, monkeypatch):
    alice = enter("alice")
    room = alice.room(after=0)
    assert condition.obstacle() == ""
    monkeypatch.setattr(house.store, "commit", failing)
    assert alice.append(room, b"lost").code == "storage_failed"
    assert condition.obstacle() == "the disk is full"


@pytest.mark.parametrize("patience", [0.01])
def test_nobody_waits_long_for_a_store_that_does_not_answer(condition, house, clock, monkeypatch):
    going_on, asked = Event(), []

    def hang():
        asked.append(1)
        going_on.wait()

    monkeypatch.setattr(house.journal, "probe", hang)
    both = [gevent.spawn(condition.obstacle) for _ in range(2)]
    gevent.joinall(both)
    assert [each.get() for each in both] == ["the store does not answer"] * 2
    assert asked == [1]
    going_on.set()
    until(lambda: condition.obstacle() == "")


def test_what_is_counted_in_the_store_is_not_counted_all_the_time(
    condition, house, clock, enter, monkeypatch
):
    assert condition.totals().accounts == 0
    enter("alice").room()
    assert condition.totals().accounts == 0
    clock.now += LASTING
    totals = condition.totals()
    assert (totals.accounts, totals.conversations) == (1, {"room": 1})
    monkeypatch.setattr(house.store, "totals", failing)
    clock.now += LASTING
    assert condition.totals() is None


def test_what_an_operator_should_do_something_about(condition, house, clock, tmp_path, monkeypatch):
    assert condition.warnings() == ["There was no backup yet."]
    (tmp_path / backups.MADE).touch()
    clock.now = condition.backed_up
    assert condition.warnings() == []
    clock.now += OLD + 86_400
    assert condition.warnings() == ["The last backup is 8 days old."]
    usage = SimpleNamespace(free=5 * 2**20)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr(house.listener._pool, "size", 0)
    monkeypatch.setattr(house.store, "probe", failing)
    clock.now += PROBED
    assert condition.warnings() == [
        "Nothing is acknowledged: the disk is full.",
        f"There are 5 MiB left on the disk of {tmp_path}.",
        "There are as many clients as there may be open files.",
        "The last backup is 8 days old.",
    ]


def test_of_a_store_that_is_shared_no_backup_is_known(house, tmp_path, clock, blobs):
    parts = house.service, house.journal, house.listener, Witness(), Tally(), tmp_path, blobs
    condition = Condition(*parts, has_own_store=False, now=clock, clock=clock)
    (tmp_path / backups.MADE).touch()
    assert condition.backed_up is None
    assert condition.warnings() == []


def test_how_late_the_loop_is_and_what_the_process_takes(condition):
    until(lambda: sum(condition.lag.counts) > 0)
    assert condition.memory > 2**20
    assert condition.descriptors > 3


def test_little_room_for_files_is_told_unless_that_is_the_same_disk(condition, blobs, monkeypatch):
    said = "There are 1 MiB left on the disk of sealed files."
    monkeypatch.setattr(type(blobs), "free", 2**20)
    assert said in condition.warnings()
    monkeypatch.setattr(type(condition), "space", 2**20)
    assert said not in condition.warnings()


def test_a_directory_of_files_that_cannot_be_used_is_told(condition, blobs, monkeypatch):
    monkeypatch.setattr(type(blobs), "free", property(failing))
    assert condition.blob_space is None
    assert "The files of clients cannot be used." in condition.warnings()
