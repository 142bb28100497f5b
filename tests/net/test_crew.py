"""Threads that work while the event loop goes on."""

from _queue import SimpleQueue
from threading import get_ident

import gevent
import pytest

from geventim.errors import StoreError
from geventim.net.crew import Threads
from tests.conftest import PATIENCE


def fail():
    raise StoreError("the disk is gone")


@pytest.mark.parametrize("way", ["write", "read"])
def test_work_is_done_elsewhere(way):
    do = getattr(Threads(), way)
    assert do(lambda: 7) == 7
    assert do(get_ident) != get_ident()
    with pytest.raises(StoreError, match="the disk is gone"):
        do(fail)


def test_one_writes_while_others_read():
    threads = Threads()
    gate = SimpleQueue()
    reading = [gevent.spawn(threads.read, lambda: gate.get(timeout=PATIENCE)) for _ in range(2)]
    gevent.sleep(0)
    assert len({threads.write(get_ident) for _ in range(5)}) == 1
    gate.put(1)
    gate.put(2)
    assert sorted(each.get() for each in reading) == [1, 2]
