"""F6: what is no name, or looks like somebody else's, is refused on the wire."""

import os

from geventim.channel.connection import TruncationError
from geventim.chat import requests as ask
from geventim.chat.replies import Error, Opened
from geventim.errors import NetworkError
from geventim.wire.frames import prefix

BAD = [
    "",
    " ",
    "a b",
    " alice",
    "alice ",
    "[Server]",
    "Server",
    "SYSTEM",
    "@bob",
    "/bob",
    "-bob",
    "bob,carol",
    "bob\n",
    "bo\nb",
    "bo\rb",
    "bo\0b",
    "bo\x1b[31mb",
    "bo\x7fb",
    "bo\x9bb",
    "bo\u200bb",
    "bo\u202eb",
    "bo\u2028b",
    "bo\ufeffb",
    "bob\U000e0041",
    "b\u0301\u0301\u0301\u0301b",
    "b\u043eb",
    "\u202ebob",
    "\uff20bob",
    "b" * 33,
    "b" * 1000,
    "\U0001f600",
]
LIKE_ALICE = ["alice", "Alice", "ALICE", "aIice", "a1ice", "\u0430lice", "\uff41lice", "al\u0131ce"]
NO_TEXT = [
    b'"\xff\xfe"',
    b'"b\xc3"',
    b'"\xed\xa0\x80"',
    b'"\xc0\x80"',
    b'"\\ud800"',
    b"null",
    b"7",
    b'["bob"]',
]
REFUSALS = {"bad_name", "bad_request"}


COMMANDS = ["names", "Quit", "operator", "MSG", "a11", "everyone"]
"""What nobody can be called, though rooms may."""


def test_no_bad_nick_is_registered(server, clients):
    for name in [*BAD, *COMMANDS]:
        eve = clients(server.link)
        reply = eve.register(name)
        assert isinstance(reply, Error), name
        assert reply.code in REFUSALS, name
        eve.close()
    assert clients(server.link, "bob").ask(ask.ListNames).names == ("bob",)


def test_nobody_looks_like_alice(server, clients):
    clients(server.link, "alice")
    for name in LIKE_ALICE:
        eve = clients(server.link)
        reply = eve.register(name)
        assert isinstance(reply, Error), name
        assert reply.code in {"nick_taken", "bad_name"}, name
        eve.close()
    assert clients(server.link, "bob").ask(ask.ListNames).names == ("alice", "bob")


def test_conversations_have_no_bad_names_either(server, clients):
    alice = clients(server.link, "alice")
    clients(server.link, "bob")
    for name in BAD:
        room = alice.ask(ask.CreateRoom, name=name, message_id=os.urandom(16))
        group = alice.ask(
            ask.CreateGroup,
            message_id=os.urandom(16),
            name=name,
            members=("bob",),
        )
        assert isinstance(room, Error), name
        assert isinstance(group, Error), name
        assert {room.code, group.code} <= REFUSALS, name


def test_nobody_is_found_by_a_bad_name(server, clients):
    alice = clients(server.link, "alice")
    for name in BAD:
        for request in (
            alice.ask(ask.OpenDm, nick=name),
            alice.ask(ask.OpenRoom, name=name),
            alice.ask(
                ask.CreateGroup,
                message_id=os.urandom(16),
                name="team",
                members=(name,),
            ),
        ):
            assert isinstance(request, Error), name
    opened = alice.ask(ask.CreateRoom, name="team", message_id=os.urandom(16))
    assert isinstance(opened, Opened)


def test_a_nick_that_is_no_text_is_refused(server, clients):
    for nick in NO_TEXT:
        eve = clients(server.link)
        eve.connection.send(prefix(b'{"type":"login","id":1,"nick":%s}' % nick))
        try:
            reply, _ = eve.expect(lambda message: isinstance(message, Error))
        except (NetworkError, TruncationError):
            pass  # it did not even look like JSON
        else:
            assert (reply.id, reply.code) == (1, "bad_request"), nick
        eve.close()
    assert clients(server.link, "bob").ask(ask.ListNames).names == ("bob",)


def test_a_nick_is_nobody_elses_after_its_owner_has_left(server, clients):
    """F13: neither another key, nor what its owner has once signed, opens an account."""
    alice = clients(server.link, "alice")
    alice.say(ask.Quit)
    alice.close()
    claimed = alice.caller.profile.registration()
    for attempt, code in [
        (lambda eve: eve.login("alice"), "nick_taken"),
        (lambda eve: eve.register("alice"), "nick_taken"),
        (lambda eve: eve.register("ALICE"), "nick_taken"),
        (lambda eve: eve.put(claimed), "bad_signature"),
    ]:
        eve = clients(server.link)
        assert attempt(eve).code == code
        eve.close()
    again = clients(server.link, keys=alice.keys)
    assert again.login("alice").nick == "alice"
