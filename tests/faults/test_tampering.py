"""F7: what somebody in the middle alters, repeats, moves or cuts is noticed; nothing is lost."""

import pytest
from gevent import socket

from geventim.channel.connection import TruncationError
from geventim.chat import requests as ask
from geventim.errors import NetworkError, PeerError, UserError
from tests.conftest import PATIENCE
from tests.faults.relay import DOWN, UP

TYPE, IV, CIPHERTEXT, TAG = 4, 5, 21, -1


def altered(place, change=1):
    def trick(record, _):
        changed = bytearray(record)
        changed[place] ^= change
        yield bytes(changed)

    return trick


def lengthened(record, records):
    yield (int.from_bytes(record[:4], "big") + 16).to_bytes(4, "big") + record[4:]
    yield next(records, b"")


def shortened(record, records):
    yield (int.from_bytes(record[:4], "big") - 16).to_bytes(4, "big") + record[4:-16]
    yield next(records, b"")


def replayed(record, _):
    yield record
    yield record


def reordered(record, records):
    yield next(records, b"")
    yield record


def dropped(_, records):
    yield next(records, b"")


def emptied(record, _):
    """Made into a close record: the same bytes, but for the type."""
    yield record[:4] + b"\2" + record[5:]


def instead(of):
    """``of()`` says which record is passed in the place of one."""
    return lambda record, _: [of()]


TRICKS = {
    "type altered": altered(TYPE, 3),
    "iv altered": altered(IV),
    "ciphertext altered": altered(CIPHERTEXT),
    "tag altered": altered(TAG),
    "lengthened": lengthened,
    "shortened": shortened,
    "replayed": replayed,
    "reordered": reordered,
    "dropped": dropped,
    "turned into a close record": emptied,
}


def test_tricks_are_noticed_both_ways_and_nothing_is_lost(server, start_relay, start_client):
    """One person speaks and another one listens, each through somebody in the middle."""
    speaking, listening = start_relay(server), start_relay(server)
    alice, bob = start_client(speaking.link, "alice"), start_client(listening.link, "bob")
    bob.settle()
    earlier_up, earlier_down = speaking.seen[UP][-1], listening.seen[DOWN][-1]

    def play(relay, way, name, trick):
        victim = alice if relay is speaking else bob
        first, second = f"{name} {way} 1", f"{name} {way} 2"
        relay.play(way, trick)
        alice.say(first)
        assert relay.begun.wait(PATIENCE), name
        alice.say(second)
        victim.expect("reconnecting")
        victim.expect("connected")
        bob.sees("message", message=second)
        said.extend((first, second))

    said = []
    for name, trick in TRICKS.items():
        play(speaking, UP, name, trick)
        play(listening, DOWN, name, trick)
    moved = {
        "from the other person": (lambda: listening.seen[UP][-1], lambda: speaking.seen[DOWN][-1]),
        "back to its sender": (lambda: speaking.seen[DOWN][-1], lambda: listening.seen[UP][-1]),
        "from an earlier connection": (lambda: earlier_up, lambda: earlier_down),
    }
    for name, (up, down) in moved.items():
        play(speaking, UP, name, instead(up))
        play(listening, DOWN, name, instead(down))
    alice.settle()
    assert bob.texts() == said
    assert [event["message"] for event in alice.events if event["event"] == "sent"] == said
    assert not [event for event in alice.events + bob.events if event["event"] == "error"]


def test_an_end_without_a_close_record_is_told_apart(start_server, clients, start_relay):
    """Both sides know that something may be missing when somebody cuts the connection."""
    server = start_server("--log-level", "debug")
    relay = start_relay(server)
    alice, bob = clients(relay.link, "alice"), clients(server.link, "bob")
    relay.play(UP, lambda *_: relay.cut() or ())
    alice.say(ask.ListNames)
    with pytest.raises(TruncationError):
        alice.expect(lambda message: False)
    bob.say(ask.Quit)
    with pytest.raises(EOFError):
        bob.expect(lambda message: False)
    bob.connection.close()
    bob.socket.shutdown(socket.SHUT_WR)
    server.stop()
    assert server.stderr_text().count("a connection was lost") == 1


def test_a_changed_handshake_is_noticed(server, clients, start_relay, check_service):
    """Whatever byte of it is altered, by somebody in the middle, it comes to nothing."""
    for way, number, place in [
        (UP, 0, 6),
        (UP, 0, 7),
        (UP, 1, 5),
        (DOWN, 0, 5),
        (DOWN, 0, 40),
        (DOWN, 0, -1),
        (UP, 2, 5),
        (UP, 2, -1),
    ]:
        relay = start_relay(server)
        relay.play(way, on_unit(number, altered(place)))
        with pytest.raises((PeerError, NetworkError, UserError)):
            clients(relay.link, "eve")
    check_service(server)


def on_unit(number, trick):
    """Play ``trick`` on a later unit than the first."""

    def play(unit, units):
        for _ in range(number):
            yield unit
            unit = next(units, b"")
        yield from trick(unit, units)

    return play
