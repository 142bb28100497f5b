"""SIGKILL of real clients and of the real server, at random moments of a lively conversation.

Everybody writes all the time. A client that was killed starts again with what is on its disk, and
so does the server. In the end everybody has everything, and nobody has seen anything go wrong.
"""

import random
import time
from collections.abc import Callable
from typing import Any

import pytest

NICKS = ("alice", "bob", "carol")

ROUNDS = 80
"""Deaths, if $EIM_ROUNDS is 1; tests/faults/test_crashes.py has many more, at chosen points."""

LONGEST = 0.3
"""Seconds between two deaths: about what it takes to seal, send, store and read a few messages."""


class Life:
    """One user through many deaths; ``events`` is everything that their clients have printed."""

    def __init__(self, nick: str, start: Callable[[str], Any]) -> None:
        self.nick = nick
        self._start = start
        self._past: list[dict[str, Any]] = []
        self._written = 0
        self.client = start(nick)

    @property
    def events(self) -> list[dict[str, Any]]:
        return self._past + self.client.events

    def write(self, count: int) -> None:
        """Write so many lines."""
        lines = []
        for _ in range(count):
            self._written += 1
            lines.append(f"{self.nick} {self._written:04}.")
        self.client.say(*lines)

    def die(self) -> None:
        """Be killed, and start again."""
        self.client.close()
        self._past += self.client.events
        self.client = self._start(self.nick)

    def texts(self, event: str) -> list[str]:
        """The texts of all such events."""
        return [each["message"] for each in self.events if each["event"] == event]

    def history(self) -> list[tuple[int, str, str]]:
        """What the client has kept: number, author and text of every message of the room."""
        before = len(self.client.events)
        self.client.say("@history 100000 lobby", "@names")
        self.client.expect("names")
        told = [
            each
            for each in self.client.events[before:]
            if each["event"] == "message" and each["history"]
        ]
        return sorted((each["seq"], each["nick"], each["message"]) for each in told)


def check(lives: list[Life]) -> None:
    for life in lives:
        life.write(1)
    ends = {life.nick: f"{life.nick} {life._written:04}." for life in lives}
    for life in lives:
        life.client.sees("sent", message=ends[life.nick])
        for nick, text in ends.items():
            if nick != life.nick:
                life.client.sees("message", nick=nick, message=text)
    histories = [life.history() for life in lives]
    assert histories[0] == histories[1] == histories[2]
    entries = [(nick, text) for _, nick, text in histories[0]]
    assert len(entries) == len(set(entries)), "nothing is there twice"
    for life in lives:
        mine = [text for nick, text in entries if nick == life.nick]
        assert set(life.texts("sent")) == set(mine), "nothing that was accepted is lost"
        errors = [each for each in life.events if each["event"] == "error"]
        assert errors == []
        shown = {each["message"] for each in life.events if each["event"] == "message"}
        assert {text for nick, text in entries if nick != life.nick} <= shown
    codes = []
    for life in lives:
        life.client.say("@verify room lobby")
        codes.append(life.client.expect("room-code", conversation="lobby")["code"])
    assert len(set(codes)) == 1, "all agree on the group"


@pytest.mark.timeout(1200)
def test_clients_and_servers_that_are_killed(
    server: Any, start_client: Callable[..., Any], rounds: Callable[[int], int]
) -> None:
    dice = random.Random(20)
    lives = [Life(nick, lambda nick: start_client(server.link, nick)) for nick in NICKS]
    for _ in range(rounds(ROUNDS)):
        for life in lives:
            life.write(dice.randrange(4))
        time.sleep(LONGEST * dice.random())
        if dice.random() < 0.25:
            server.kill()
            server.restart()
            for life in lives:
                life.client.expect("connected")
        else:
            dice.choice(lives).die()
    check(lives)
