"""What a service manager hears, which is a socket here."""

import os

import gevent
import pytest
from gevent import socket

from geventim.server.notifications import Notifications


class Manager:
    """What a manager has heard, and where."""

    def __init__(self, sock, name):
        self._sock = sock
        self.variables = {"NOTIFY_SOCKET": name}

    def hear(self):
        return self._sock.recv(100)

    def hears_nothing(self):
        self._sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            self.hear()


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        name = str(tmp_path / "notify")
        if request.param == "abstract":
            name = f"@{name}"
        sock.bind(name.replace("@", "\0"))
        sock.settimeout(10)
        yield Manager(sock, name)


def test_it_hears_that_we_are_ready_and_that_we_stop(manager):
    notifications = Notifications(manager.variables)
    notifications.ready()
    notifications.stopping()
    assert [manager.hear(), manager.hear()] == [b"READY=1", b"STOPPING=1"]
    manager.hears_nothing()


@pytest.mark.parametrize("watched", [{}, {"WATCHDOG_PID": str(os.getpid())}])
def test_it_hears_that_we_live_until_we_stop(manager, watched):
    notifications = Notifications({**manager.variables, "WATCHDOG_USEC": "2000", **watched})
    notifications.ready()
    assert [manager.hear() for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
    notifications.stopping()
    while manager.hear() != b"STOPPING=1":
        pass
    gevent.sleep(0.005)
    manager.hears_nothing()


@pytest.mark.parametrize(
    "variables",
    [
        {"WATCHDOG_USEC": "2000", "WATCHDOG_PID": str(os.getpid() + 1)},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "often"},
    ],
)
def test_who_is_not_watched_gives_no_sign_of_life(manager, variables):
    notifications = Notifications({**manager.variables, **variables})
    notifications.ready()
    assert manager.hear() == b"READY=1"
    assert notifications._beating is None


@pytest.mark.parametrize("variables", [{}, {"NOTIFY_SOCKET": "/nowhere"}, {"NOTIFY_SOCKET": ""}])
def test_without_a_manager_nothing_happens(variables):
    notifications = Notifications({"WATCHDOG_USEC": "2000", **variables})
    notifications.ready()
    gevent.sleep(0)
    notifications.stopping()
