"""F5: who never finishes a handshake keeps nobody else from joining."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from geventim.channel.handshake import Initiator
from geventim.chat import requests as ask
from tests.conftest import PATIENCE
from tests.faults.test_limits import answer, connect, is_open

HALF_OPEN = 1000
NOISY = 100
PROMPT = PATIENCE / 4
"""Seconds for a login: far less than it takes until the others are dropped."""

LOGIN = 10.0
"""Seconds that a server waits for a login."""


@pytest.fixture
def many_files():
    """Lets this process have a descriptor for each of so many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard > 2 * (HALF_OPEN + NOISY), "this needs more open files: ulimit -Hn"
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def noise(server):
    """Connections that send random bytes, again and again."""
    script = Path(__file__).with_name("noise.py")
    words = [sys.executable, str(script), server.host, str(server.port), str(NOISY)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


def silent(server, clients):
    return connect(server)


def with_half_a_handshake(server, clients):
    sock = connect(server, Initiator(os.urandom).data_to_send())
    assert sock.recv(65536)
    return sock


def without_a_login(server, clients):
    return clients(server.link).socket


def with_half_a_login(server, clients):
    sock = clients(server.link).socket
    sock.sendall(b"\0\0\0\x41\1half")
    return sock


def test_a_thousand_half_open_and_a_hundred_noisy_do_not_stop_a_login(
    server, clients, start_client, many_files, noise
):
    """And whoever does not log in is dropped in time, at whatever point they stay."""
    start = time.monotonic()
    kinds = [silent, with_half_a_handshake, without_a_login, with_half_a_login]
    slow = [kind(server, clients) for kind in kinds]
    first = Initiator(os.urandom).data_to_send()
    half_open = [connect(server, first) for _ in range(HALF_OPEN)]
    for sock in half_open:
        assert sock.recv(65536)
    assert noise.stdout.readline() == b"heard\n"
    knocking = time.monotonic()
    quick = clients(server.link, "quick")
    assert time.monotonic() - knocking < PROMPT
    assert sum(map(is_open, half_open)) > HALF_OPEN / 2, "they were to be there at the same time"
    alice, bob = (start_client(server.link, nick) for nick in ("alice", "bob"))
    alice.say("in spite of everything")
    bob.expect("message", message="in spite of everything")
    assert noise.poll() is None
    for sock in slow:
        sock.settimeout(LOGIN + PATIENCE)
        assert answer(sock) == b""
    assert time.monotonic() - start > LOGIN - 1
    assert "quick" in quick.ask(ask.ListNames).names
    assert alice.process.poll() is None
    alice.settle()
