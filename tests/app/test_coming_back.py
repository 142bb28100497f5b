"""Sessions whose connection breaks, whose server is silent, and whose program fails."""

from dataclasses import replace
from functools import partial

import gevent
import pytest

from geventim.client.answers import Refused
from geventim.client.events import (
    Connected,
    Error,
    Reconnecting,
)
from geventim.client.following import messages
from geventim.client.history.reading import Reading
from geventim.client.steps.pulse import Rhythm
from geventim.client.wishes import Search
from geventim.crypto.dh import PrivateKey
from geventim.net.connection import Connection
from tests.app.users import SOON
from tests.greenlets import until


class TestComingBack:
    def test_a_connection_that_breaks_is_made_again(self, start, house):
        alice = start()
        house.cut("alice")
        until(lambda: len(alice.screen.of(Connected)) == 2)
        (waiting,) = alice.screen.of(Reconnecting)
        assert 0 < waiting.delay <= 0.01
        assert not alice.running.ready()

    def test_every_break_is_followed_by_an_early_attempt(self, start, house):
        alice = start()
        for count in (2, 3, 4):
            house.cut("alice")
            until(lambda count=count: len(alice.screen.of(Connected)) == count)
        delays = [event.delay for event in alice.screen.of(Reconnecting)]
        assert len(delays) == 3
        assert max(delays) <= 0.01

    def test_a_server_may_be_away_for_a_while(self, start, house):
        alice = start()
        house.close()
        until(lambda: len(alice.screen.of(Reconnecting)) >= 3)
        alice.say("are you there?")
        house.open()
        until(lambda: alice.sent == ["are you there?"])
        assert len(alice.screen.of(Connected)) == 2

    def test_nothing_is_lost_and_nothing_comes_twice(self, start, house):
        alice, bob = start("alice"), start("bob")
        lines = [f"line {number}" for number in range(60)]
        for number, line in enumerate(lines):
            alice.say(line)
            if number % 10 == 5:
                house.cut("alice")
            if number % 20 == 9:
                house.cut("bob")
            gevent.sleep(0.001)
        until(lambda: len(bob.heard) >= len(lines) and len(alice.sent) >= len(lines))
        assert bob.heard == alice.sent == lines

    def test_another_key_on_return_ends_it(self, start, house):
        alice = start()
        house.close()
        house.key = PrivateKey(bytes(range(1, 33)))
        house.open()
        assert alice.end().exit_code == 4

    def test_an_attempt_that_failed_waits_longer_the_next_time(self, start, house):
        alice = start()
        house.close()
        until(lambda: len(alice.screen.of(Reconnecting)) >= 2)
        delays = [event.delay for event in alice.screen.of(Reconnecting)]
        assert delays[0] <= 0.01 <= delays[1] <= 0.02
        house.open()


class TestSilence:
    """A network that drops everything without a word."""

    @pytest.fixture
    def start(self, start):
        return partial(start, bounds=replace(SOON, longest=5.0, rhythm=Rhythm(0.005, 0.1, 0.2)))

    def test_who_is_idle_stays_connected(self, start, house):
        alice = start()
        (session,) = house.service.connected
        said = session.outlet.connection.channel.said
        until(lambda: session.outlet.connection.channel.said >= said + 3)
        assert len(alice.screen.of(Connected)) == 1
        assert alice.screen.of(Reconnecting) == []

    def test_a_server_that_is_silent_is_left_for_another_connection(self, start, monkeypatch):
        alice = start()
        monkeypatch.setattr(Connection, "_send_pong", lambda connection: None)
        until(lambda: len(alice.screen.of(Connected)) == 2)
        assert len(alice.screen.of(Reconnecting)) == 1


class TestFailing:
    """A fault of the program with what somebody wrote ends no session."""

    @pytest.fixture
    def poison(self, monkeypatch):
        show = messages._show

        def fail(conversation, entry, opened):
            show(conversation, entry, opened)
            if opened.heard.said.message == "poison":
                raise ZeroDivisionError

        monkeypatch.setattr(messages, "_show", fail)

    def test_it_goes_on_after_what_it_cannot_take(self, start, poison):
        alice, bob = start(), start("bob")
        bob.say("one")
        bob.say("poison")
        bob.say("two")
        until(lambda: alice.heard == ["one", "two"])
        (line,) = [event for event in alice.screen.of(Error) if event.code == "passed_over"]
        assert "ZeroDivisionError" in line.facts["place"]
        alice.say("three")
        until(lambda: bob.heard == ["three"])

    def test_it_comes_in_past_what_it_cannot_take(self, start, poison):
        start().stop()
        bob = start("bob")
        bob.say("poison")
        bob.say("two")
        until(lambda: bob.sent == ["poison", "two"])
        alice = start()
        until(lambda: alice.heard == ["two"])
        assert [event.code for event in alice.screen.of(Error)] == ["passed_over"]
        alice.stop()
        again = start()
        again.say("three")
        until(lambda: bob.heard == ["three"])
        assert again.screen.of(Error) == []

    def test_lines_that_were_typed_meanwhile_are_sent(self, start, poison):
        alice, bob = start(), start("bob")
        bob.say("poison")
        for number in range(5):
            alice.say(str(number))
        until(lambda: alice.screen.of(Error))
        until(lambda: bob.heard == ["0", "1", "2", "3", "4"])

    def test_what_cannot_be_computed_is_a_line_that_was_refused(self, start, monkeypatch):
        def fail(*_):
            raise ZeroDivisionError

        monkeypatch.setattr(Reading, "step", fail)
        alice = start()
        alice.session.grant(Search(id="all", words="everything"))
        (answer,) = until(lambda: alice.screen.of(Refused))
        assert answer.refused.code == "failed_here"
        alice.session.end_input()
        assert alice.end().refused == 1
