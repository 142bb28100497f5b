"""In order, never blocking, counting what waits, and giving up on whom it is no use to wait for."""

import gevent
import pytest
from gevent import socket

from geventim.net.outbox import Outbox

LARGE = 8 * 1024 * 1024
"""Bytes that no kernel takes at once."""


def numbered(count, size):
    return [number.to_bytes(4, "big") * (size // 4) for number in range(count)]


def test_writes_at_once_when_nothing_waits(sockets, read_all):
    ours, theirs = sockets()
    outbox = Outbox(ours)
    outbox.put(b"one")
    outbox.put(b"two")
    assert outbox.size == 0
    assert read_all(theirs, 6) == b"onetwo"


def test_keeps_the_order_however_slowly_it_is_read(sockets, read_all):
    ours, theirs = sockets()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    outbox = Outbox(ours)
    parts = [*numbered(500, 100), *numbered(50, 100_000), *numbered(500, 100)]
    for part in parts:
        outbox.put(part)
    assert outbox.size > 1_000_000
    reading = gevent.spawn(read_all, theirs, sum(map(len, parts)))
    outbox.join()
    assert outbox.size == 0
    assert reading.get() == b"".join(parts)
    outbox.put(b"later")  # directly again
    assert outbox.size == 0
    assert read_all(theirs, 5) == b"later"


def test_never_lets_others_run_while_something_is_put(sockets):
    ours, _ = sockets()
    outbox = Outbox(ours)
    ran = []
    gevent.spawn(ran.append, True)
    outbox.put(bytes(LARGE))
    outbox.put(bytes(LARGE))
    assert ran == []


def test_size_is_what_the_socket_has_not_taken(sockets, read_all):
    ours, theirs = sockets()
    outbox = Outbox(ours)
    outbox.put(bytes(LARGE))
    outbox.put(bytes(1000))
    gevent.sleep(0)
    waiting = outbox.size
    assert 0 < waiting < LARGE + 1000
    ours_taken = LARGE + 1000 - waiting
    assert len(read_all(theirs, ours_taken)) == ours_taken
    outbox.join(0.05)
    assert outbox.size < waiting or waiting == 0
    read_all(theirs, LARGE + 1000 - ours_taken)
    outbox.join()
    assert outbox.size == 0


def test_join_waits_no_longer_than_told(sockets):
    ours, _ = sockets()
    outbox = Outbox(ours)
    outbox.join()  # nothing waits
    outbox.put(bytes(LARGE))
    outbox.join(0.01)
    assert outbox.size > 0


def test_idle_one_has_no_greenlet_and_no_queue(sockets, read_all):
    ours, theirs = sockets()
    outbox = Outbox(ours)
    outbox.put(bytes(LARGE))
    assert outbox._writer is not None
    read_all(theirs, LARGE)
    outbox.join()
    assert outbox._writer is None
    assert outbox._queue is None


@pytest.mark.parametrize("waiting", [False, True])
def test_broken_socket_swallows_everything(sockets, waiting):
    ours, theirs = sockets()
    outbox = Outbox(ours)
    if waiting:
        outbox.put(bytes(LARGE))
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    theirs.close()  # with a reset
    outbox.join()
    for _ in range(3):
        outbox.put(b"lost")
    assert outbox.size == 0
    assert outbox._writer is None


def test_socket_that_was_closed_here_swallows_everything(sockets):
    ours, _ = sockets()
    outbox = Outbox(ours)
    ours.close()
    outbox.put(b"lost")
    assert outbox.size == 0


def test_gives_up_on_a_peer_that_takes_nothing(sockets, read_all):
    ours, theirs = sockets()
    outbox = Outbox(ours, stall=0.01)
    outbox.put(bytes(LARGE))
    outbox.join()
    assert outbox.size == 0
    assert read_all(ours) == b""  # whoever reads learns of it
    assert 0 < len(read_all(theirs)) < LARGE
