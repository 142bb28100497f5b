"""What ordinary accounts can do to a server and to others, each as far as one connection goes.

An attacker prepares what it can before the attack begins, and then costs itself little. All of it
is bounded in time; whoever is refused goes on with the next thing.
"""

import os
import time
from collections.abc import Callable
from typing import Final

import checkout  # noqa: F401 - has to come before what is measured
import gevent

from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.values import EntryKind, Purpose, Status
from geventim.errors import GeventIMError
from tests.raw_client import RawClient

RECORD: Final = 900_000
"""Bytes of requests in the largest record that is sent."""

BREATH: Final = 0.002
"""Seconds that an attacker rests, so that the others of its process have their turn."""

Attack = Callable[[RawClient, str, float], None]
"""Goes on until a time (monotonic, in seconds), in the room of a name."""


def many_requests(client: RawClient, _: str, until: float) -> None:
    """Records of as many look-ups as they hold."""
    frame = encode(ask.LookUp(id=1, nick="nobody-of-this-name"))
    _repeat(client, frame * (RECORD // len(frame)), until)


def many_names(client: RawClient, _: str, until: float) -> None:
    """Records of groups of 256 people whom there are not."""
    names = tuple(f"nobody{number}" for number in range(256))
    frame = encode(ask.CreateGroup(id=1, message_id=os.urandom(16), name="crowd", members=names))
    _repeat(client, frame * (RECORD // len(frame)), until)


def unread_answers(client: RawClient, _: str, until: float) -> None:
    """Look-ups whose answers are not read."""
    frame = encode(ask.LookUp(id=1, nick=client.nick))
    while time.monotonic() < until:
        client.connection.send(frame * 50)
        gevent.sleep(BREATH)


def large_messages(client: RawClient, _: str, until: float) -> None:
    """Messages of 64 KiB to a room of one's own."""
    room = client.room(f"{client.nick}-den", None)
    head, payload = client.head(room), bytes(64 * 1024)
    while time.monotonic() < until:
        client.append(room, payload, head=head)
        gevent.sleep(BREATH)


def statuses(client: RawClient, _: str, until: float) -> None:
    """A status that changes all the time."""
    both = encode(ask.SetStatus(id=1, status=Status.AWAY)) + encode(
        ask.SetStatus(id=2, status=Status.NORMAL)
    )
    _repeat(client, both * 20, until)


def idle_turns(client: RawClient, room: str, until: float) -> None:
    """Turns that are taken, and not used."""
    found = client.room(room, None)
    while time.monotonic() < until:
        client.ask(ask.TakeTurn, conversation=found, purpose=Purpose.COMMIT)
        gevent.sleep(BREATH)


def garbage_commits(client: RawClient, room: str, until: float) -> None:
    """Commits of noise, which declare what they like, with a state that is none."""
    found = client.room(room, None)
    while time.monotonic() < until:
        client.commit(found)
        client.append(found, kind=EntryKind.MESSAGE)
        gevent.sleep(BREATH)


def _repeat(client: RawClient, frames: bytes, until: float) -> None:
    """Send ``frames`` and read what comes, until it is time."""
    reading = gevent.spawn(client.receive_all)
    try:
        while time.monotonic() < until and not reading.ready():
            client.connection.send(frames)
            client.inbox.clear()
            gevent.sleep(BREATH)
    finally:
        reading.kill()


ATTACKS: Final[dict[str, Attack]] = {
    "many-requests": many_requests,
    "many-names": many_names,
    "unread-answers": unread_answers,
    "large-messages": large_messages,
    "statuses": statuses,
    "idle-turns": idle_turns,
    "garbage-commits": garbage_commits,
}


def carry_out(name: str, address: str, room: str, count: int, seconds: float) -> None:
    """Attack with ``count`` accounts; prints ``ready`` first, and begins when a line is read."""
    clients = [RawClient(address) for _ in range(count)]
    for client in clients:
        client.nick = f"m{os.urandom(6).hex()}"
        client.register(client.nick)
    print("port ready", flush=True)
    input()
    until = time.monotonic() + seconds
    tasks = [gevent.spawn(_persist, name, client, room, until) for client in clients]
    gevent.joinall(tasks, timeout=2 * seconds)


def _persist(name: str, client: RawClient, room: str, until: float) -> None:
    while time.monotonic() < until:
        try:
            ATTACKS[name](client, room, until)
        except (GeventIMError, gevent.Timeout, EOFError, AttributeError):
            # Refused, or hung up on; an AttributeError is a refusal where something was expected.
            gevent.sleep(0.1)
            try:
                client.connection.abort()
                nick, code = client.nick, client.keys
                client.__init__(client.address, code)  # the same account on a new connection
                client.nick = nick
                client.login(nick)
            except (GeventIMError, gevent.Timeout, EOFError):
                gevent.sleep(0.5)
