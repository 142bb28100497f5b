"""What the log tells of clients, by the lines that come of it."""

import json
import logging

import pytest

from geventim.chat import requests as ask
from geventim.server.clients.witness import Witness
from geventim.server.report import start_logging
from geventim.service.happenings import Happening
from tests.greenlets import until

ALICE, EVE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def lines(restored, tmp_path):
    """Reads the log, in which ordinary refusals are, too."""
    path = tmp_path / "log"
    start_logging("debug", as_json=True, path=path)
    return lambda: [json.loads(line) for line in path.read_text().splitlines()]


def told(lines, *facts):
    return [tuple(line.get(fact) for fact in facts) for line in lines()]


class TestWitness:
    def test_the_like_is_told_once_a_minute_with_how_often_it_was(self, lines):
        now = 0.0
        witness = Witness(lambda: now)
        for _ in range(100):
            witness.note(EVE, "", Happening.REFUSAL, "not_invited")
        now = 60.0
        witness.note(EVE, "", Happening.REFUSAL, "not_invited")
        assert told(lines, "event", "level", "code", "address", "count") == [
            ("a refusal", "info", "not_invited", EVE, 1),
            ("a refusal", "info", "not_invited", EVE, 100),
        ]
        assert witness.refusals == {"not_invited": 101}

    def test_each_account_and_each_code_has_a_line(self, lines):
        witness = Witness(lambda: 0.0)
        witness.note(ALICE, "alice", Happening.REGISTRATION, "")
        witness.note(ALICE, "alice", Happening.LOGIN, "")
        witness.note(ALICE, "bob", Happening.LOGIN, "")
        witness.note(ALICE, "bob", Happening.LOGIN, "")
        witness.note(ALICE, "bob", Happening.REFUSAL, "muted")
        witness.note(ALICE, "bob", Happening.REFUSAL, "quota_stored")
        assert told(lines, "event", "nick", "code") == [
            ("a registration", "alice", None),
            ("a login", "alice", None),
            ("a login", "bob", None),
            ("a refusal", "bob", "muted"),
            ("a refusal", "bob", "quota_stored"),
        ]
        assert (witness.registrations, witness.logins) == (1, 3)

    def test_what_clients_are_refused_all_the_time_is_for_who_looks_closely(self, lines):
        witness = Witness(lambda: 0.0)
        witness.note(ALICE, "alice", Happening.REFUSAL, "stale_head")
        witness.complain(logging.INFO, ALICE, "a client does not read", "")
        assert told(lines, "event", "level") == [
            ("a refusal", "debug"),
            ("a client does not read", "info"),
        ]
        assert "fault" not in lines()[1]


class TestClients:
    def test_who_comes_and_who_is_refused_is_told_with_the_address(self, lines, enter):
        enter("alice")
        assert enter().register("alice").code == "nick_taken"
        assert told(lines, "event", "nick", "code", "address", "count") == [
            ("a registration", "alice", None, "127.0.0.1", 1),
            ("a refusal", None, "nick_taken", "127.0.0.1", 1),
        ]

    def test_nothing_that_was_said_is_told(self, lines, enter):
        alice = enter("alice")
        room = alice.room(after=0)
        alice.append(room, b"a secret payload")
        assert alice.ask(ask.LookUp, nick="mallory").code == "user_not_found"
        until(lambda: len(lines()) > 1)
        text = json.dumps(lines())
        assert "user_not_found" in text
        assert "secret" not in text
        assert "mallory" not in text
        assert room.hex() not in text
        assert alice.keys.channel.public.hex() not in text
