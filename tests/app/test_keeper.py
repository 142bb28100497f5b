import gevent
import pytest

from geventim.app.keeper import Keeper
from geventim.errors import StoreError


class Disk:
    """A vault that can be slow or broken."""

    def __init__(self):
        self.kept = {}
        self.writes = 0
        self.closed = False
        self.broken = False

    def put(self, values):
        self.writes += 1
        if self.broken:
            raise StoreError("the disk is full")
        assert not self.closed
        self.kept.update(values)

    def close(self):
        self.closed = True


@pytest.fixture
def disk():
    return Disk()


def test_changes_are_kept_when_it_returns(disk):
    keeper = Keeper(disk)
    keeper.keep({"a": b"1", "b": None})
    assert disk.kept == {"a": b"1", "b": None}
    keeper.keep({"a": b"2"})
    assert disk.kept["a"] == b"2"


def test_nothing_is_not_written(disk):
    Keeper(disk).keep({})
    assert disk.writes == 0


def test_others_go_on_while_the_disk_is_waited_for(disk):
    order = []
    keeper = Keeper(disk)
    writing = gevent.spawn(lambda: (keeper.keep({"a": b"1"}), order.append("kept")))
    gevent.spawn(order.append, "meanwhile")
    writing.join()
    assert order == ["meanwhile", "kept"]


def test_a_disk_that_fails_is_raised_and_nothing_is_printed(disk, capfd):
    disk.broken = True
    with pytest.raises(StoreError, match="the disk is full"):
        Keeper(disk).keep({"a": b"1"})
    assert capfd.readouterr().err == ""


def test_it_is_closed_after_what_is_being_written(disk):
    keeper = Keeper(disk)
    writing = gevent.spawn(keeper.keep, {"a": b"1"})
    gevent.sleep(0)
    keeper.close()
    writing.join()
    assert disk.kept == {"a": b"1"}
    assert disk.closed
