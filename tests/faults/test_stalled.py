"""F3: one client that stops reading delays nobody, and costs no more than its share of memory."""

import os

import gevent
from gevent import socket

from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.replies import Appended
from tests.conftest import PATIENCE
from tests.faults.proc import peak

MIB = 1024 * 1024
SIZE = 16 * 1024
COUNT = 1200
BUDGET = 8 * MIB
"""What a stalled client may cost, far less than what it does not read."""

assert SIZE * COUNT > 2 * BUDGET


def payload(number):
    return number.to_bytes(4, "big") * (SIZE // 4)


def talk(speaker, listener, room):
    """Send a lot through the room, and see all of it arrive at the listener's."""
    sending = gevent.spawn(send_all, speaker, room)
    heard = [text for _, text in listener.entries(COUNT)]
    sending.get(timeout=PATIENCE)
    assert heard == [payload(number) for number in range(COUNT)]


def send_all(speaker, room):
    head = speaker.head(room)
    for start in range(0, COUNT, 50):
        numbers = [
            speaker.say(
                ask.Append,
                payload(number),
                conversation=room,
                message_id=os.urandom(16),
                head=head,
            )
            for number in range(start, start + 50)
        ]
        for _ in numbers:
            speaker.expect(lambda message: isinstance(message, Appended))


def test_a_client_that_stops_reading_costs_little_and_misses_nothing(
    server, clients, check_service
):
    alice, bob = clients(server.link, "alice"), clients(server.link, "bob")
    room = alice.room(after=None)
    bob.room()
    # Twice: what so much at a time takes by itself differs by some mebibytes in the beginning.
    talk(alice, bob, room)
    carol = clients(server.link, "carol")
    carol.room()
    talk(bob, carol, room)
    carol.close()
    before = peak(server.pid)
    eve = clients(server.link, "eve")
    eve.room()  # and from here on she reads nothing
    talk(alice, bob, room)
    check_service(server)
    assert peak(server.pid) - before < BUDGET
    assert [text for _, text in eve.entries(COUNT)] == [payload(number) for number in range(COUNT)]
    alice.append(room, b"and on")
    assert eve.entries(1)[0][1] == b"and on"


def test_who_asks_and_never_listens_is_heard_no_longer(server, clients, check_service):
    alice, bob, eve = (clients(server.link, nick) for nick in ("alice", "bob", "eve"))
    room = alice.room()
    bob.room()
    eve.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    before = peak(server.pid)
    asking = gevent.spawn(ask_for_ever, eve)
    asking.join(timeout=PATIENCE)
    assert asking.value == "nobody listens"
    assert peak(server.pid) - before < BUDGET
    alice.append(room, b"undisturbed")
    assert bob.entries(1)[0][1] == b"undisturbed"
    check_service(server)


def ask_for_ever(client):
    """Ask until the server takes no more."""
    frames = encode(ask.ListNames(id=1)) * 100
    client.socket.settimeout(2)
    for _ in range(20_000):
        try:
            client.socket.sendall(client.connection.channel.seal(frames))
        except TimeoutError:
            return "nobody listens"
    return "the server takes everything"
