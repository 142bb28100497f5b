"""F4: a length is not believed, and little is held for who has not logged in."""

import os

import gevent
from gevent import socket

from geventim.channel.handshake import Initiator
from geventim.channel.preamble import SIZE
from geventim.channel.records import MAX_RECORD, MAX_RECORD_BEFORE_LOGIN
from geventim.chat import requests as ask
from geventim.chat.codec import encode
from tests.conftest import PATIENCE
from tests.faults.proc import memory, peak

PEERS = 200
KIB = 1024
HUGE = b"\xff\xff\xff\xff"
LONGEST = 49 + (MAX_RECORD_BEFORE_LOGIN - 49) // 16 * 16
"""The greatest length that a record before login can have."""


def connect(server, *sent):
    sock = socket.create_connection((server.host, server.port))
    sock.settimeout(PATIENCE)
    sock.sendall(b"".join(sent))
    return sock


def answer(sock):
    """Everything that comes until the other side hangs up."""
    received = b""
    try:
        while data := sock.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    finally:
        sock.close()
    return received


def is_open(sock):
    """Whether the other side has not hung up on ``sock``, which is closed now."""
    sock.setblocking(False)
    try:
        sock.recv(1)
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False
    finally:
        sock.close()
    return False


def test_a_length_that_no_handshake_has_ends_it_at_once(server, check_service):
    witness = connect(server)
    preamble = Initiator(os.urandom).data_to_send()[:SIZE]
    for sent in (HUGE, preamble + HUGE, preamble + b"\x04\x01"):
        assert answer(connect(server, sent)) == b""
    assert is_open(witness), "it must not take as long as a handshake may"
    check_service(server)


def test_a_length_that_no_record_has_ends_it_at_once(server, clients, check_service):
    check_service(server)
    before = peak(server.pid)
    witness = connect(server)
    always = [HUGE, b"\x7f\xff\xff\xff", (MAX_RECORD + 1).to_bytes(4, "big"), b"\0\0\0\0"]
    for nick, lengths in ((None, [*always, b"\0\0\x10\1"]), ("eve", always)):
        for number, length in enumerate(lengths):
            eve = clients(server.link, nick and f"{nick}{number}x")
            eve.socket.sendall(length)
            assert eve.is_hung_up_on(), (nick, length)
    assert is_open(witness), "it must not take as long as a handshake may"
    assert peak(server.pid) - before < 1024 * KIB
    check_service(server)


def test_a_record_that_is_announced_is_not_allocated(server, clients):
    """A client that has logged in may send 1 MiB; it costs what has come, not what is said."""
    eves = [clients(server.link, f"eve{number}") for number in range(10)]
    before = memory(server.pid)
    for eve in eves:
        eve.socket.sendall(b"\0\x0f\xff\xf1\1")
    clients(server.link, "alice").room()
    assert memory(server.pid) - before < 1024 * KIB


def test_4_kib_are_held_for_a_peer_that_has_not_logged_in(server, clients, check_service):
    """All of them send as much as they may and never finish."""
    check_service(server)
    before = memory(server.pid)
    record = LONGEST.to_bytes(4, "big") + bytes(LONGEST - 1)
    eves = [clients(server.link) for _ in range(PEERS)]
    for eve in eves:
        eve.socket.sendall(record)
    check_service(server)
    each = (memory(server.pid) - before) / PEERS
    assert each < 24 * KIB
    # Those that are complete are looked at, found to be forged, and the sender is dropped.
    for eve in eves:
        eve.socket.sendall(b"\0")
        assert eve.is_hung_up_on()


def test_who_has_not_logged_in_cannot_make_the_server_talk(server, clients, check_service):
    """Answers that nobody reads would be held for somebody whom nobody knows."""
    eves = [clients(server.link) for _ in range(3)]
    before = peak(server.pid)
    gevent.joinall([gevent.spawn(flood, eve) for eve in eves], raise_error=True)
    assert peak(server.pid) - before < 1024 * KIB
    check_service(server)


def flood(client):
    """Ask, and never listen, until the server hangs up."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    frames = encode(ask.ListNames(id=1)) * 60
    with gevent.Timeout(PATIENCE):
        while True:
            try:
                client.socket.sendall(client.connection.channel.seal(frames))
            except OSError:
                return
