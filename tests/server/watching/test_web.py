"""What is told over HTTP, and who cannot hold it up."""

import pytest
from gevent import socket

from geventim.errors import UserError
from geventim.server.watching import web as module
from geventim.server.watching.web import CONNECTIONS, DEADLINE, Web, bind_web
from tests.conftest import PATIENCE


class Site:
    """A :class:`Web` on a port of its own."""

    def __init__(self, deadline=DEADLINE):
        self.obstacle = ""
        self.bound = bind_web("127.0.0.1:0")
        self.web = Web(self.bound, lambda: b"eim_one 1\n", lambda: self.obstacle, deadline)
        self.web.start()

    def connect(self):
        return socket.create_connection(self.bound.getsockname(), PATIENCE)

    def ask(self, words, head="Host: x\r\nConnection: close\r\n"):
        with self.connect() as sock:
            sock.sendall(f"{words} HTTP/1.1\r\n{head}\r\n".encode())
            return read(sock)


def read(sock):
    """Status and body of what comes until the end."""
    answer = b""
    while data := sock.recv(65536):
        answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


@pytest.fixture
def site():
    site = Site()
    yield site
    site.web.stop()


def test_it_is_alive_and_ready_as_long_as_nothing_is_in_the_way(site):
    assert site.ask("GET /health") == (200, "alive\n")
    assert site.ask("GET /ready") == (200, "ready\n")
    site.obstacle = "it is stopping"
    assert site.ask("GET /health") == (200, "alive\n")
    assert site.ask("GET /ready") == (503, "not ready: it is stopping\n")


def test_metrics_can_be_read_and_nothing_else(site):
    assert site.ask("GET /metrics") == (200, "eim_one 1\n")
    assert site.ask("HEAD /metrics") == (200, "")
    assert site.ask("POST /metrics") == (405, "This can only be read.\n")
    assert site.ask("GET /metrics/..") == (404, "There are /metrics, /health and /ready.\n")


def test_a_request_that_is_too_long_is_none(site):
    assert site.ask("GET /" + "x" * 10_000)[0] == 414


def test_those_who_are_slow_are_cut_off_and_hold_up_nobody_for_long():
    site = Site(deadline=0.05)
    slow = [site.connect() for _ in range(CONNECTIONS + 2)]
    for sock in slow:
        sock.sendall(b"GET /met")
    assert site.ask("GET /health") == (200, "alive\n")
    for sock in slow:
        assert sock.recv(1) == b""
        sock.close()
    site.web.stop()


def test_an_address_that_cannot_be_had_is_named(site):
    port = site.bound.getsockname()[1]
    with pytest.raises(UserError, match=f"For metrics: .*port {port}") as caught:
        bind_web(f"127.0.0.1:{port}")
    assert caught.value.code == "cannot_listen"
    assert "--metrics" in caught.value.advice


def test_each_worker_has_a_port_of_its_own(site, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "bind", lambda host, port, backlog: asked.append((host, port)))
    bind_web("[::1]:9000", 2)
    bind_web("127.0.0.1:0", 2)
    assert asked == [("::1", 9002), ("127.0.0.1", 0)]
