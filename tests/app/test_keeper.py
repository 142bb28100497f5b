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
        self.kept.update(values)

    def close(self):
        self.closed = True


@pytest.fixture
def disk():
    return Disk()


def test_changes_that_come_meanwhile_are_written_together(disk):
    keeper = Keeper(disk, print)
    for number in range(100):
        keeper.keep({"cursor": bytes([number])})
    keeper.close()
    assert disk.kept == {"cursor": bytes([99])}
    assert disk.writes == 1
    assert disk.closed


def test_later_changes_are_written_later(disk):
    keeper = Keeper(disk, print)
    keeper.keep({"a": b"1"})
    while "a" not in disk.kept:
        gevent.sleep(0)
    keeper.keep({"b": None})
    keeper.close()
    assert disk.kept == {"a": b"1", "b": None}


def test_nothing_is_not_written(disk):
    keeper = Keeper(disk, print)
    keeper.keep({})
    keeper.close()
    assert disk.writes == 0


def test_a_disk_that_fails_is_told(disk, capfd):
    told = []
    disk.broken = True
    keeper = Keeper(disk, told.append)
    keeper.keep({"a": b"1"})
    keeper.close()
    assert [str(error) for error in told] == ["the disk is full"]
    assert capfd.readouterr().err == ""
