"""Bytes when there are some, an end when there is one, and little memory until then."""

import errno

import gevent
import pytest

from geventim.net.inlet import Inlet

CLOSED = rf"\[Errno {errno.EBADF}\]"


@pytest.fixture
def waiting(sockets):
    """A greenlet that waits for bytes, with its socket and that of its peer."""
    ours, theirs = sockets()
    greenlet = gevent.spawn(Inlet(ours).read, 5)
    gevent.sleep(0)
    yield greenlet, ours, theirs
    greenlet.kill()  # else the end of the socket would be an error of the next test


def test_what_is_there_is_read_up_to_the_size(sockets):
    ours, theirs = sockets()
    theirs.sendall(b"seven and more")
    assert [Inlet(ours).read(5), Inlet(ours).read(5)] == [b"seven", b" and "]


def test_bytes_are_awaited(waiting):
    greenlet, _, theirs = waiting
    assert not greenlet.ready()
    theirs.sendall(b"late")
    assert greenlet.get() == b"late"


def test_the_end_is_empty(waiting):
    greenlet, _, theirs = waiting
    theirs.close()
    assert greenlet.get() == b""


def test_who_is_woken_for_nothing_waits_on(waiting):
    greenlet, _, theirs = waiting
    gevent.get_hub().loop.run_callback(greenlet.switch)
    gevent.sleep(0)
    assert not greenlet.ready()
    theirs.sendall(b"late")
    assert greenlet.get() == b"late"


def test_who_waits_learns_that_the_socket_was_closed(waiting, background_errors):
    greenlet, ours, _ = waiting
    ours.close()
    with pytest.raises(OSError, match=CLOSED):
        greenlet.get()
    background_errors.clear()


def test_a_socket_that_was_closed_cannot_be_read(sockets):
    ours, _ = sockets()
    ours.close()
    with pytest.raises(OSError, match=CLOSED):
        Inlet(ours).read(5)


def test_who_is_killed_leaves_the_socket_to_others(waiting):
    greenlet, ours, theirs = waiting
    greenlet.kill()
    theirs.sendall(b"late")
    assert Inlet(ours).read(5) == b"late"


def test_who_waits_keeps_less_than_with_gevents_own(waiting, sockets):
    usual = gevent.spawn(sockets()[0].recv, 5)
    gevent.sleep(0)
    greenlet, _, _ = waiting
    assert 0 < greenlet._stack_saved < usual._stack_saved - 500
    usual.kill()
