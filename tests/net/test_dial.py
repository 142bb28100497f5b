"""From an address to a connection, and every way in which that fails."""

import os

import gevent
import pytest
from gevent import socket
from gevent.server import StreamServer

from geventim.channel.connection import TruncationError
from geventim.channel.events import Established, Frames
from geventim.channel.handshake import Responder
from geventim.channel.noise import Pattern
from geventim.channel.preamble import SIZE, encode_preamble
from geventim.channel.states import State
from geventim.chat.links import Link
from geventim.crypto.dh import PrivateKey
from geventim.errors import NetworkError, PeerError, UserError
from geventim.net.connection import Connection
from geventim.net.dial import OtherProtocolError, dial

SERVER_KEY = PrivateKey(bytes(range(32)))
OUR_KEY = PrivateKey(bytes(range(32, 64)))
PSK = b"k" * 32


@pytest.fixture
def serve():
    """Starts a server that does ``handle(socket)`` for each client; its link."""
    servers = []

    def start(handle, host="127.0.0.1"):
        server = StreamServer((host, 0), lambda sock, _: handle(sock))
        server.start()
        servers.append(server)
        return Link(host, server.server_port)

    yield start
    for server in servers:
        server.stop()


def echo(psk=None):
    """A server that says again what it hears, behind the channel."""

    def handle(sock):
        connection = Connection(sock, Responder(os.urandom, SERVER_KEY, psk=psk))
        try:
            while (events := connection.receive()) is not None:
                for event in events:
                    if isinstance(event, Established):
                        assert event.peer == OUR_KEY.public
                        connection.channel.limit = 2**20
                    if isinstance(event, Frames):
                        connection.send(event.plaintext)
        except PeerError:
            connection.abort()

    return handle


def choose(server_key):
    assert server_key == SERVER_KEY.public
    return OUR_KEY


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("psk", [None, PSK])
def test_both_sides_know_each_other(serve, host, psk):
    connection = dial(serve(echo(psk), host), choose, psk=psk)
    connection.send(b"hello")
    assert connection.receive() == [Frames(b"hello")]
    connection.abort()


def test_trace_sees_what_is_on_the_wire(serve):
    seen = []

    def trace(direction, kind, data):
        seen.append((direction, kind, len(data)))

    connection = dial(serve(echo()), choose, trace=trace)
    connection.send(b"hello")
    connection.receive()
    assert [(direction, kind) for direction, kind, _ in seen] == [
        ("out", "preamble"),
        ("out", "handshake"),
        ("in", "handshake"),
        ("out", "handshake"),
        ("out", "frames"),
        ("in", "frames"),
    ]
    connection.abort()


def test_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        link = Link("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(NetworkError, match=f"{link.address} cannot be reached: "):
            dial(link, choose)


@pytest.mark.parametrize("host", ["a" * 70, "a..b", "x\udc80"])
def test_host_that_cannot_be_one(host):
    with pytest.raises(NetworkError, match="cannot be reached"):
        dial(Link(host, 1), choose)


def test_server_is_silent(serve):
    ends = []
    link = serve(lambda sock: (gevent.sleep(0), ends.append(sock.recv(9999) and sock.recv(1))))
    with pytest.raises(NetworkError, match=f"{link.address} does not answer"):
        dial(link, choose, patience=0.05)
    while not ends:
        gevent.sleep(0)
    assert ends == [b""]  # the connection was cut


@pytest.mark.parametrize(
    ("ours", "theirs", "code"),
    [(None, PSK, "access_key_needed"), (PSK, None, "no_access_key")],
)
def test_access_key_on_one_side_only(serve, ours, theirs, code):
    with pytest.raises(UserError) as caught:
        dial(serve(echo(theirs)), choose, psk=ours)
    assert caught.value.code == code
    assert "--access-key-file" in caught.value.advice


def test_wrong_access_key_shows_when_the_server_hangs_up(serve):
    connection = dial(serve(echo(PSK)), choose, psk=b"w" * 32)
    with pytest.raises(TruncationError) as caught:
        connection.receive()
    assert caught.value.state is State.UNCONFIRMED
    connection.abort()


def test_other_version(serve):
    preamble = encode_preamble(Pattern.XX)
    later = preamble[:6] + bytes([preamble[6] + 1]) + preamble[7:]
    with pytest.raises(UserError, match="version 2") as caught:
        dial(serve(lambda sock: (sock.recv(9999), sock.sendall(later))), choose)
    assert caught.value.code == "other_version"


@pytest.mark.parametrize(
    "answer",
    [b"", b"\0", b"\0\x60" + bytes(96)],
    ids=["nothing", "cut", "forged"],
)
def test_something_else_answers(serve, answer):
    with pytest.raises(PeerError):
        dial(serve(lambda sock: (sock.recv(9999), answer and sock.sendall(answer))), choose)


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "a web server"),
        (b"<!DOCTYPE HTML>\n<html>", "a web server"),
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "an SSH server"),
        (b":irc.local NOTICE * :*** Looking up your hostname\r\n", "an IRC server"),
        (b"ERROR :Closing link\r\n", "an IRC server"),
        (b"\x15\x03\x01\0\x02\x02\x46", "a server that speaks TLS"),
        (b"220 mail.example.org ESMTP\r\n", "a server for mail or files"),
        (b"\xff\xff", "no eim-server"),
    ],
)
def test_another_protocol_is_named(serve, answer, what):
    link = serve(lambda sock: (sock.recv(9999), sock.sendall(answer)))
    with pytest.raises(OtherProtocolError) as caught:
        dial(link, choose)
    assert str(caught.value) == f"what answers at {link.address} is {what}"


def test_key_that_is_not_trusted_is_shown_nothing(serve):
    class DistrustError(Exception):
        pass

    def refuse(_):
        raise DistrustError

    after = []

    def handle(sock):
        connection = Connection(sock, Responder(os.urandom, SERVER_KEY))
        connection.receive()
        after.append(sock.recv(9999))

    with pytest.raises(DistrustError):
        dial(serve(handle), refuse)
    while not after:
        gevent.sleep(0)
    assert after == [b""]


def test_preamble_is_as_long_as_the_tests_take_it_to_be():
    assert len(encode_preamble(Pattern.XX)) == SIZE
