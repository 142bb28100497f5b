"""Sessions with a real server on the loopback: coming in, coming back, and every way to end."""

import itertools
import os
import threading
from dataclasses import replace
from functools import partial

import gevent
import pytest
from gevent import socket
from gevent.server import StreamServer
from msgspec import UNSET

from geventim.app import ending
from geventim.app import session as module
from geventim.app.attachment import Attachment
from geventim.app.ending import Ending
from geventim.app.session import Session
from geventim.app.settings import Bounds, Settings
from geventim.app.state import State
from geventim.app.stay import Stay
from geventim.channel.handshake import Responder
from geventim.chat.links import Link
from geventim.chat.values import Access
from geventim.client.answers import Done, Refused
from geventim.client.events import (
    Connected,
    Delivery,
    Departure,
    Error,
    Joined,
    Left,
    Message,
    Reconnecting,
    Sent,
)
from geventim.client.following import messages
from geventim.client.history.reading import Reading
from geventim.client.steps.pulse import Rhythm
from geventim.client.wishes import Say, Search
from geventim.crypto.dh import PrivateKey
from geventim.errors import PeerError, StoreError
from geventim.lines.sentences import describe
from geventim.net.connection import Connection
from geventim.store.vault.vault import Vault
from tests.app.conftest import Screen
from tests.conftest import PATIENCE
from tests.greenlets import until
from tests.house import KEY, House
from tests.raw_client import RawClient

SOON = Bounds(first=0.01, longest=0.02)
"""Comes back sooner than real clients do."""


class User:
    """A session with its screen, running."""

    def __init__(self, settings):
        self.screen = Screen()
        self.session = Stay(settings, self.screen)
        self.running = gevent.spawn(self.session.run)
        self._numbers = itertools.count()

    def say(self, text):
        """Say something to the lobby; waits as the session does."""
        self.session.grant(Say(id=next(self._numbers), to="#lobby", text=text))

    @property
    def sent(self):
        return [event.message for event in self.screen.of(Sent)]

    @property
    def heard(self):
        return [event.message for event in self.screen.of(Message) if event.delivery is UNSET]

    @property
    def own(self):
        return [event for event in self.screen.of(Message) if event.delivery is not UNSET]

    def end(self):
        """How the session ends by itself."""
        return self.running.get()

    def stop(self):
        match self.session._host:
            case Session() as session:
                session._finish(Ending(ending.DONE))
            case Attachment() as attachment:
                attachment._hang_up()
        self.running.join()


@pytest.fixture
def settings(house, tmp_path):
    data = tmp_path / "data"
    return Settings(house.link, "alice", "lobby", data, describe=describe, bounds=SOON)


@pytest.fixture
def start(settings):
    """Starts sessions, and waits until they are in: ``start("bob", link=...)``."""
    users = []

    def start(nick="alice", *, enters=True, bounds=SOON, **fields):
        user = User(replace(settings, nick=nick, bounds=bounds, **fields))
        users.append(user)
        if enters:
            user.screen.expect(Connected)
        return user

    yield start
    for user in users:
        user.stop()


@pytest.fixture
def listen():
    """Makes a server that treats each connection as it is told; its link."""
    servers = []

    def listen(serve):
        server = StreamServer(("127.0.0.1", 0), lambda sock, _: serve(sock))
        server.start()
        servers.append(server)
        return Link("127.0.0.1", server.server_port, KEY.public)

    yield listen
    for server in servers:
        server.stop(timeout=0.01)


def shake_hands(sock):
    """Come to the point where the client asks to be let in."""
    connection = Connection(sock, Responder(os.urandom, KEY))
    while not any(connection.receive()):
        pass
    return connection


class TestComingIn:
    def test_a_user_is_connected_under_its_nick(self, start, house):
        alice = start()
        address = house.link.address
        assert alice.screen.events == [Connected("alice", address, "lobby")]
        assert house.service.connected.names() == ("alice",)

    def test_a_nick_may_be_typed_in_another_case_the_next_time(self, start):
        start("Carol").stop()
        carol = start("carol")
        assert [event.nick for event in carol.screen.of(Connected)] == ["Carol"]

    def test_an_unknown_key_is_told_and_remembered(self, start, house):
        address_only = replace(house.link, server_key=None)
        first = start(link=address_only)
        assert [house.link.address in text for text in first.screen.remarks] == [True]
        first.stop()
        assert start(link=address_only).screen.remarks == []

    def test_lines_wait_until_it_is_in(self, start):
        alice = start(enters=False)
        alice.say("as soon as possible")
        assert alice.screen.of(Connected)
        until(lambda: alice.sent == ["as soon as possible"])

    def test_who_has_been_in_and_stays_starts_without_the_server(self, start, house):
        bob = start("bob")
        alice = start()
        bob.say("before")
        until(lambda: alice.heard == ["before"])
        alice.stop()
        house.close()
        alice = start(enters=False, stays=True, recall=5)
        alice.screen.expect(Reconnecting)
        assert alice.heard == ["before"]
        alice.say("one")
        alice.session.grant(Search(id="found", words=("before",)))
        alice.say("two")
        until(lambda: [each.message for each in alice.own] == ["one", "two"])
        assert {each.delivery for each in alice.own} == {Delivery.QUEUED}
        (found,) = until(lambda: [e for e in alice.screen.of(Done) if e.answer == "found"])
        assert [each.message for each in found.done.messages] == ["before"]
        alice.session.end_input()
        assert alice.end() == Ending(ending.NO_SERVER, queued=2)
        house.open()
        alice = start(stays=True)
        until(lambda: alice.sent == ["one", "two"])
        until(lambda: bob.heard == ["one", "two"])

    def test_who_does_not_stay_does_not_wait_for_a_server(self, start, house):
        start().stop()
        house.close()
        alice = start(enters=False)
        assert alice.end().exit_code == ending.NO_SERVER
        assert alice.screen.of(Reconnecting) == []

    def test_who_was_never_in_does_not_wait_for_a_server(self, start, house):
        house.close()
        for user in (start(enters=False, stays=True), start(enters=False, stays=True)):
            assert user.end().exit_code == ending.NO_SERVER

    def test_who_started_without_the_server_may_be_refused_by_it(self, start, house):
        start().stop()
        house.close()
        alice = start(enters=False, stays=True)
        alice.screen.expect(Reconnecting)
        house.key = PrivateKey(bytes(32))
        house.open()
        assert alice.end().exit_code == ending.UNTRUSTED

    def test_of_several_addresses_the_one_that_answers_is_told(self, start, house):
        with socket.socket() as unbound:
            unbound.bind(("127.0.0.1", 0))
            nowhere = Link("127.0.0.1", unbound.getsockname()[1], KEY.public)
            alice = start(link=nowhere, others=(house.link,))
        assert [event.server for event in alice.screen.of(Connected)] == [house.link.address]

    def test_people_hear_each_other(self, start):
        alice, bob = start("alice"), start("bob")
        alice.screen.expect(Joined, nick="bob")
        alice.say("hello")
        bob.say("hi")
        until(lambda: bob.heard == ["hello"] and alice.heard == ["hi"])


class TestNotComingIn:
    def check(self, user, exit_code, code):
        how = user.end()
        assert (how.exit_code, how.error.code) == (exit_code, code)
        assert user.screen.of(Connected) == []
        return str(how.error)

    def test_no_server(self, start, house):
        house.close()
        text = self.check(start(enters=False), 3, "no_server")
        assert house.link.address in text
        house.open()

    def test_a_server_that_never_answers(self, start, listen):
        quiet = gevent.event.Event()

        def serve(sock):
            connection = shake_hands(sock)
            quiet.wait()
            connection.abort()

        bounds = replace(SOON, entry=0.02)
        user = start(enters=False, link=listen(serve), bounds=bounds)
        assert "does not answer" in self.check(user, 3, "no_server")
        quiet.set()

    def test_a_server_that_talks_nonsense(self, start, listen):
        def serve(sock):
            connection = shake_hands(sock)
            connection.send(b"\0\0\0\x08nonsense")
            with pytest.raises(PeerError):
                connection.receive()
            connection.abort()

        user = start(enters=False, link=listen(serve))
        assert "does not keep to the protocol" in self.check(user, 3, "bad_server")

    def test_a_server_with_another_key_than_the_link_says(self, start, house):
        link = replace(house.link, server_key=bytes(32))
        self.check(start(enters=False, link=link), 4, "server_key")
        assert len(house.service.accounts.all()) == 0

    def test_a_server_with_another_key_than_before(self, start, house):
        start().stop()
        house.close()
        house.key = PrivateKey(bytes(range(1, 33)))
        house.open()
        address_only = replace(house.link, server_key=None)
        self.check(start(enters=False, link=address_only), 4, "server_key")

    def test_a_nick_of_somebody_else(self, start, settings):
        start()
        text = self.check(start(enters=False, data=settings.data / "other"), 5, "nick_taken")
        assert "identity export" in text, "most often it is one's own, on another machine"

    def test_an_invite_is_needed(self, start):
        asking = House(Access.INVITE)
        self.check(start(enters=False, link=asking.link), 5, "not_invited")
        asking.close()

    @pytest.mark.parametrize(
        ("theirs", "ours", "code"),
        [
            (b"k" * 32, None, "access_key_needed"),
            (b"k" * 32, b"x" * 32, "wrong_access_key"),
            (None, b"k" * 32, "no_access_key"),
        ],
    )
    def test_an_access_key_must_fit(self, start, house, theirs, ours, code):
        house.close()
        house.psk = theirs
        house.open()
        self.check(start(enters=False, psk=ours), 5, code)

    def test_the_vault_is_held_by_something_else(self, start, house, settings):
        start().stop()
        vault = State(settings, print).open_vault(KEY.public)
        self.check(start(enters=False, bounds=replace(SOON, turns=2)), 1, "in_use")
        vault.close()


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


class TestEnding:
    def test_at_the_end_of_the_input_everything_is_delivered(self, start):
        alice, bob = start("alice"), start("bob")
        for number in range(100):
            alice.say(str(number))
        alice.session.end_input()
        assert alice.end() == Ending(0)
        assert alice.sent == [str(number) for number in range(100)]
        until(lambda: len(bob.heard) == 100)
        assert bob.screen.expect(Left, nick="alice").reason is Departure.QUIT

    def test_leaving_is_told_as_such(self, start):
        alice, bob = start("alice"), start("bob")
        alice.session.leave()
        assert alice.end() == Ending(0)
        assert bob.screen.expect(Left, nick="alice").reason is Departure.QUIT

    def test_leaving_before_being_in_is_at_once(self, start, listen):
        hold = gevent.event.Event()
        alice = start(enters=False, link=listen(lambda _: hold.wait()))
        gevent.sleep(0)
        alice.session.leave()
        assert alice.end() == Ending(0)
        hold.set()

    def test_leaving_does_not_wait_long_for_what_is_on_its_way(self, start, house):
        alice = start(bounds=replace(SOON, drain=0.05))
        house.close()
        alice.screen.expect(Reconnecting)
        alice.say("nobody sees this yet")
        alice.session.leave()
        assert alice.end() == Ending(3, queued=1)
        house.open()

    def test_a_view_may_want_to_leave_while_it_shows_something(self, start, house, monkeypatch):
        alice = start(bounds=replace(SOON, drain=1000.0))
        monkeypatch.setattr(alice.screen, "show", lambda _: alice.session.leave())
        house.service.announce("the reader has gone")
        assert alice.end() == Ending(0)

    def test_the_newer_of_two_sessions_stays(self, start, house):
        alice = start()
        newer = RawClient(str(house.link), alice.session._host._desk.profile.keys)
        newer.login("alice")
        how = alice.end()
        assert (how.exit_code, how.error.code) == (5, "superseded")
        newer.close()

    def test_a_disk_that_fails_ends_it(self, start, monkeypatch):
        alice = start()
        # Being shown that we are in comes before it is kept, and nothing is taken before that.
        alice.say("hi")
        alice.screen.expect(Sent)

        def fail(*_):
            raise StoreError("the disk is full")

        monkeypatch.setattr(Vault, "put", fail)
        alice.say("hello")
        how = alice.end()
        assert (how.exit_code, how.error.text) == (1, "the disk is full.")

    def test_a_bug_is_not_hidden(self, settings, house, monkeypatch, background_errors):
        session = Stay(settings, Screen())

        def stumble(*_, **__):
            raise ZeroDivisionError

        monkeypatch.setattr(module, "dial", stumble)
        with pytest.raises(ZeroDivisionError):
            session.run()
        background_errors.clear()

    def test_the_state_can_be_used_again_at_once(self, start):
        start().stop()
        start()


class TestLines:
    def test_too_many_are_left_where_they_come_from(self, start, house, monkeypatch):
        alice = start(bounds=replace(SOON, queue=3))
        disk = threading.Event()
        commit = house.store.commit

        def wait(changes):
            disk.wait(PATIENCE)
            return commit(changes)

        monkeypatch.setattr(house.store, "commit", wait)
        typed = []

        def type_all():
            for number in range(10):
                alice.say(str(number))
                typed.append(number)

        typing = gevent.spawn(type_all)
        until(lambda: len(typed) == 3)
        RawClient(str(house.link)).close()  # others have had their turns
        assert typed == [0, 1, 2]
        disk.set()
        typing.join()
        until(lambda: len(alice.sent) == 10)


def test_a_port_that_nobody_listens_on_is_no_server(start):
    with socket.socket() as unbound:
        unbound.bind(("127.0.0.1", 0))
        link = Link("127.0.0.1", unbound.getsockname()[1], None)
        assert start(enters=False, link=link).end().exit_code == 3


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
