"""F2: a peer that resets the connection, whenever it does, hurts nobody else."""

import os

import pytest
from gevent import socket

from geventim.channel.handshake import Initiator
from geventim.crypto.dh import PrivateKey

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


@pytest.mark.parametrize(
    "moment",
    [
        at_once,
        after_the_preamble,
        within_message_one,
        after_message_two,
        after_message_three,
        after_the_login,
        within_a_record,
    ],
)
def test_reset(server, clients, check_service, moment):
    alice, bob = clients(server.link, "alice"), clients(server.link, "bob")
    room = alice.room()
    bob.room()
    for _ in range(5):
        reset(moment(server, clients))
    alice.append(room, b"undisturbed")
    assert [payload for _, payload in bob.entries(1)] == [b"undisturbed"]
    check_service(server)
