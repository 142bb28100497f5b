"""F2: a peer that resets the connection, whenever it does, hurts nobody else."""

import os

from gevent import socket

from geventim.channel.handshake import Initiator
from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.replies import Appended
from geventim.crypto.dh import PrivateKey
from tests.conftest import PATIENCE
from tests.faults.relay import DOWN, UP

RESET = b"\1\0\0\0\0\0\0\0"
"""What SO_LINGER takes to end a connection with a reset."""


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    sock.close()


def connect(server, *sent):
    sock = socket.create_connection((server.host, server.port))
    sock.sendall(b"".join(sent))
    return sock


def at_once(server, clients):
    return connect(server)


def after_the_preamble(server, clients):
    return connect(server, Initiator(os.urandom).data_to_send()[:8])


def within_message_one(server, clients):
    return connect(server, Initiator(os.urandom).data_to_send()[:20])


def after_message_two(server, clients):
    sock = connect(server, Initiator(os.urandom).data_to_send())
    assert sock.recv(9999)
    return sock


def after_message_three(server, clients):
    initiator = Initiator(os.urandom)
    sock = connect(server, initiator.data_to_send())
    initiator.receive_data(sock.recv(9999))
    initiator.accept(PrivateKey(os.urandom(32)))
    sock.sendall(initiator.data_to_send())
    return sock


def after_the_login(server, clients):
    return clients(server.link, f"nick{os.urandom(4).hex()}").socket


def within_a_record(server, clients):
    client = clients(server.link, f"nick{os.urandom(4).hex()}")
    client.room()
    client.socket.sendall(b"\0\0\1\0\1half")
    return client.socket


def before_it_reads_the_answers(server, clients):
    client = clients(server.link, f"nick{os.urandom(4).hex()}")
    frames = encode(ask.ListNames(id=1)) * 1000
    client.socket.sendall(b"".join(client.connection.channel.seal(frames) for _ in range(10)))
    return client.socket


MOMENTS = [
    at_once,
    after_the_preamble,
    within_message_one,
    after_message_two,
    after_message_three,
    after_the_login,
    within_a_record,
    before_it_reads_the_answers,
]


def test_a_reset_hurts_nobody_else(server, clients, check_service):
    alice, bob = clients(server.link, "alice"), clients(server.link, "bob")
    room = alice.room()
    bob.room()
    for moment in MOMENTS:
        for _ in range(5):
            reset(moment(server, clients))
        text = moment.__name__.encode()
        assert isinstance(alice.append(room, text), Appended)
        assert [payload for _, payload in bob.entries(1)] == [text]
    check_service(server)


def test_a_client_comes_back_when_it_is_cut_off(server, start_client, start_relay):
    relay = start_relay(server)
    alice, bob = start_client(server.link, "alice"), start_client(relay.link, "bob")
    bob.settle()

    def half(record, _):
        yield record[:20]
        relay.cut()

    for number in range(2):
        relay.play(DOWN, half)
        alice.say(f"line {number}")
        bob.expect("reconnecting")
        bob.expect("message", message=f"line {number}")
    assert bob.texts() == ["line 0", "line 1"]


def test_what_was_never_delivered_is_counted_at_the_end(server, start_client, start_relay):
    """F17: the server never answers, and the user does not wait for ever."""
    relay = start_relay(server)
    alice = start_client(relay.link, "alice")
    relay.play(UP, lambda *_: [])
    alice.say("into the void")
    assert relay.begun.wait(PATIENCE)
    assert alice.interrupt() == 3
    assert b"1 message waits here" in alice.errors
    assert not [event for event in alice.events if event["event"] == "sent"]
