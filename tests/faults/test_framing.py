"""F1: however TCP splits or joins what is sent, messages are whole and in order."""

import os
from types import SimpleNamespace

from gevent import socket

from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.replies import Appended


class OneByte(socket.socket):
    """Sends one byte at a time."""

    def send(self, data, *options):
        return super().send(data[:1], *options)


def test_one_byte_at_a_time(server, clients, monkeypatch):
    bob = clients(server.link, "bob")
    room = bob.room()

    def connect(address, timeout):
        plain = socket.create_connection(address, timeout)
        return OneByte(plain.family, plain.type, plain.proto, plain.detach())

    monkeypatch.setattr("geventim.net.dial.socket", SimpleNamespace(create_connection=connect))
    alice = clients(server.link, "alice")
    alice.room()
    texts = [b"first", b"second" * 100, b"third"]
    for text in texts:
        assert isinstance(alice.append(room, text), Appended)
    assert [payload for _, payload in bob.entries(3)] == texts


def test_many_frames_in_one_record(server, clients):
    alice, bob = clients(server.link, "alice"), clients(server.link, "bob")
    room = alice.room()
    bob.room()
    texts = [b"%d" % number for number in range(200)]
    head = alice.head(room)
    numbers = [
        alice.say(ask.Append, text, conversation=room, message_id=os.urandom(16), head=head)
        for text in texts
    ]
    answers = [alice.expect(lambda message: isinstance(message, Appended))[0] for _ in numbers]
    assert [answer.id for answer in answers] == numbers
    assert [answer.seq for answer in answers] == list(range(head + 1, head + 201))
    assert [payload for _, payload in bob.entries(200)] == texts


def test_many_records_in_one_segment(server, clients):
    alice, bob = clients(server.link, "alice"), clients(server.link, "bob")
    room = alice.room()
    bob.room()
    texts = [b"%d" % number for number in range(200)]
    head = alice.head(room)
    requests = [
        ask.Append(
            id=number,
            conversation=room,
            message_id=os.urandom(16),
            head=head,
            payload=len(texts[number]),
        )
        for number in range(200)
    ]
    frames = [encode(request, text) for request, text in zip(requests, texts, strict=True)]
    alice.socket.sendall(b"".join(map(alice.connection.channel.seal, frames)))
    assert [payload for _, payload in bob.entries(200)] == texts


def test_message_too_large_is_one_error_and_the_connection_stays(server, clients):
    """F14."""
    alice = clients(server.link, "alice")
    room = alice.room()
    reply = alice.append(room, bytes(300_000))
    assert (reply.code, reply.text) == ("too_large", "A message has at most 65536 bytes.")
    assert isinstance(alice.append(room), Appended)
    assert not [message for message, _ in alice.inbox if getattr(message, "code", None)]
