"""Several front ends of one user, each of which may have to hold the session."""

from dataclasses import replace

import gevent
import pytest
from msgspec import UNSET

from geventim.app.attachment import Attachment
from geventim.app.session import Session
from geventim.app.settings import Bounds, Settings
from geventim.app.state import State
from geventim.app.stay import Stay
from geventim.client.answers import Conversations, Done, Refused
from geventim.client.events import Announcement, Connected, Message, Sent
from geventim.client.wishes import Conversations as ListConversations
from geventim.client.wishes import People, Say, Snapshot
from geventim.errors import UserError
from tests.app.conftest import Screen
from tests.greenlets import until
from tests.house import KEY

SOON = Bounds(first=0.01, longest=0.02, retry=0.01)


class User:
    """A front end with its screen."""

    def __init__(self, settings, unlock):
        self.screen = Screen()
        self.stay = Stay(settings, self.screen, unlock)
        self.running = gevent.spawn(self.stay.run)

    @property
    def holds(self):
        """Whether the session is its own."""
        return isinstance(self.stay._host, Session)

    def wish(self, wish):
        """What comes of a wish."""
        self.stay.grant(wish)
        return until(lambda: self.answers(wish.id))[0]

    def answers(self, wish):
        told = self.screen.of((Done, Refused))
        return [each for each in told if each.answer == wish]

    def texts(self, kind=Message):
        told = self.screen.of(kind)
        return [event.message for event in told if getattr(event, "delivery", UNSET) is UNSET]

    def leave(self):
        self.stay.end_input()
        return self.running.get()


@pytest.fixture
def settings(house, tmp_path):
    return Settings(house.link, "alice", "lobby", tmp_path / "data", bounds=SOON)


@pytest.fixture
def start(settings):
    """Starts front ends, and waits until they are in."""
    users = []

    def start(nick="alice", *, enters=True, unlock=lambda: None, **fields):
        user = User(replace(settings, nick=nick, **fields), unlock)
        users.append(user)
        if enters:
            user.screen.expect(Connected)
        return user

    yield start
    for user in reversed(users):
        if not user.running.ready():
            user.stay.leave()
            user.running.join()


def test_a_second_one_attaches(start, house):
    first, second = start(), start()
    assert (first.holds, isinstance(second.stay._host, Attachment)) == (True, True)
    assert len(list(house.service.connected)) == 1
    assert first.screen.of(Connected) == second.screen.of(Connected)


def test_all_see_the_same(start, house):
    bob = start("bob")
    users = [start(), start(), start()]
    bob.wish(Say(id=1, to="lobby", text="hi"))
    for user in users:
        until(lambda user=user: user.texts() == ["hi"])
    house.service.announce("hear")
    for user in users:
        assert user.screen.expect(Announcement).text == "hear"


def test_an_answer_is_for_who_has_wished(start):
    first, second = start(), start()
    done = second.wish(Say(id=7, to="lobby", text="hi"))
    until(lambda: first.texts(Sent) == second.texts(Sent) == ["hi"])
    assert done.done.message_id == first.screen.of(Sent)[0].message_id
    assert first.answers(7) == []


def test_a_wish_is_refused_to_who_has_wished(start):
    first, second = start(), start()
    assert second.wish(Say(id=1, to="nowhere", text="hi")).refused.code == "unknown_name"
    assert second.leave().refused == 1
    assert first.leave().refused == 0


def test_both_get_snapshots(start):
    first, second = start(), start()
    shots = [user.wish(Snapshot(id=1)).done for user in (first, second)]
    assert shots[0] == shots[1]
    assert [each.name for each in shots[0].conversations] == ["lobby"]


def test_when_one_leaves_another_goes_on(start, house):
    bob, first, second, third = start("bob"), start(), start(), start()
    assert first.leave().exit_code == 0
    until(lambda: second.holds or third.holds)
    until(lambda: {type(user.stay._host) for user in (second, third)} == {Session, Attachment})
    for user in (second, third):
        user.stay.await_entry()
        assert isinstance(user.wish(ListConversations(id=1)).done, Conversations)
        user.wish(Say(id=2, to="lobby", text="still here"))
    until(lambda: bob.texts() == ["still here"] * 2)
    bob.wish(Say(id=1, to="lobby", text="hi"))
    for user in (second, third):
        until(lambda user=user: user.texts() == ["hi"])


def test_what_is_wished_meanwhile_is_granted_once(start):
    bob, first, second = start("bob"), start(), start()
    first.stay.leave()
    for number in range(50):
        second.stay.grant(Say(id=number, to="lobby", text=str(number)))
    until(lambda: all(second.answers(number) for number in range(50)))
    fates = {number: second.answers(number)[0] for number in range(50)}
    assert all(len(second.answers(number)) == 1 for number in range(50))
    done = [str(number) for number, answer in fates.items() if isinstance(answer, Done)]
    refused = {str(n) for n, answer in fates.items() if isinstance(answer, Refused)}
    until(lambda: set(done) <= set(bob.texts()))
    assert len(bob.texts()) == len(set(bob.texts()))
    assert set(bob.texts()) <= set(done) | refused
    assert len(done) >= 40


def test_an_attached_one_ends_when_everything_is_answered(start):
    bob, first, second = start("bob"), start(), start()
    for number in range(20):
        second.stay.grant(Say(id=number, to="lobby", text=str(number)))
    assert second.leave().exit_code == 0
    assert len(second.screen.of(Done)) == 20
    until(lambda: len(bob.texts()) == 20)
    assert first.holds


def test_who_has_ended_their_input_leaves_the_next_host_too(start):
    first, second = start(), start()
    first.stay.leave()
    second.stay._has_ended_input = True
    assert second.running.get().exit_code == 0


class TestLocked:
    def test_who_has_the_passphrase_goes_on(self, start, settings):
        first = start(passphrase="words")
        second = start(unlock=lambda: "words")
        assert not second.holds
        first.leave()
        until(lambda: second.holds)
        assert second.wish(People(id=1)).done.names == ("alice",)

    def test_who_has_not_waits_for_one_who_has(self, start, settings):
        first = start(passphrase="words")
        without, with_it = start(), start(unlock=lambda: gevent.sleep(0.05) or "words")
        first.leave()
        until(lambda: with_it.holds)
        until(lambda: isinstance(without.stay._host, Attachment))
        without.stay.await_entry()
        assert without.wish(People(id=1)).done.names == ("alice",)

    def test_without_anybody_it_ends(self, start):
        first, second = start(passphrase="words"), start(bounds=replace(SOON, turns=3))
        first.leave()
        how = second.running.get()
        assert (how.exit_code, how.error.code) == (1, "locked")

    def test_who_does_not_answer_leaves(self, start, settings):
        State(replace(settings, passphrase="words"), print).open_vault(KEY.public).close()

        def refuse():
            raise UserError("no_answer", "Nothing was answered.")

        how = start(enters=False, unlock=refuse).running.get()
        assert (how.exit_code, how.error.code) == (1, "no_answer")

    def test_who_leaves_is_not_asked_any_longer(self, start):
        first = start(passphrase="words")
        asked = gevent.event.Event()
        second = start(unlock=lambda: asked.set() or gevent.event.Event().wait())
        first.leave()
        asked.wait()
        second.stay.leave()
        assert second.running.get().exit_code == 0


def test_a_view_that_fails_ends_it(start, background_errors):
    user = start()

    def fail(_):
        raise ZeroDivisionError

    user.screen.show = fail
    user.stay.grant(People(id=1))
    with pytest.raises(ZeroDivisionError):
        user.running.get()
    background_errors.clear()
