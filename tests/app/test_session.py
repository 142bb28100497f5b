"""Sessions with a real server on the loopback: coming in, coming back, and every way to end."""

import threading
from dataclasses import replace

import gevent
import pytest
from gevent import socket

from geventim.app import ending
from geventim.app import session as module
from geventim.app.ending import Ending
from geventim.app.state import State
from geventim.app.stay import Stay
from geventim.chat.links import Link
from geventim.chat.values import Access
from geventim.client.answers import Done
from geventim.client.events import (
    Connected,
    Delivery,
    Departure,
    Joined,
    Left,
    Reconnecting,
    Sent,
)
from geventim.client.wishes import Search
from geventim.crypto.dh import PrivateKey
from geventim.errors import PeerError, StoreError
from geventim.store.vault.vault import Vault
from tests.app.users import SOON, Screen, shake_hands
from tests.conftest import PATIENCE
from tests.greenlets import until
from tests.house import KEY, House
from tests.raw_client import RawClient


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
