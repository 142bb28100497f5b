"""Several front ends of one user, each of which may have to hold the session."""

from dataclasses import replace
from random import Random
from types import SimpleNamespace

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
from tests.app.dying_hosts import DyingHosts
from tests.app.users import Screen
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


@pytest.fixture
def hosts():
    """Has a directory held by hosts that die."""
    made = []

    def make(*fields):
        made.append(DyingHosts(*fields))
        return made[-1]

    yield make
    for each in made:
        each.close()


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


@pytest.mark.parametrize("seed", range(20))
def test_whenever_hosts_die_every_wish_has_one_answer_and_is_done_once(
    start, settings, seed, hosts
):
    random = Random(seed)
    bob = start("bob")
    start().leave()
    dying = hosts(State(settings, print).place(KEY.public), random, random.randrange(1, 12))
    user = start(enters=False)
    texts = {n: str(n) for n in range(60)}
    granting = gevent.spawn(lambda: [user.stay.grant(_say(n, text)) for n, text in texts.items()])
    until(lambda: all(map(user.answers, texts)))
    granting.join()
    user.wish(People(id=99))
    assert all(len(user.answers(n)) == 1 for n in texts)
    refused = {texts[n] for n in texts if isinstance(user.answers(n)[0], Refused)}
    done = set(texts.values()) - refused
    until(lambda: done - set(dying.said) <= set(bob.texts()))
    how = user.leave()
    assert (how.refused, how.undelivered, how.exit_code) == (len(refused), 0, 0)
    for said in (dying.said, bob.texts()):
        assert len(said) == len(set(said))
    # The last host knows nothing of what those before it have said under an id.
    assert all(int(text) % 3 == 0 for text in set(dying.said) & set(bob.texts()))


def _say(number, text):
    """One of three has a message id, and may be wished for twice."""
    return Say(id=number, to="lobby", text=text, message_id="" if number % 3 else f"{number:032x}")


def test_what_waits_for_a_host_outlives_one_that_does_not_greet(start, settings, hosts):
    bob = start("bob")
    start().leave()
    mute = SimpleNamespace(random=lambda: 0.0)
    hosts(State(settings, print).place(KEY.public), mute, 3)
    user = start(enters=False)
    user.stay._left = [Say(id=1, to="lobby", text="kept")]
    until(lambda: user.answers(1))
    until(lambda: bob.texts() == ["kept"])


def test_what_no_host_has_taken_in_the_end_is_counted(start, settings):
    first = start(passphrase="words")
    second = start(bounds=replace(SOON, turns=3))
    second.stay._left = [Say(id=1, to="lobby", text="lost")]
    first.leave()
    how = second.running.get()
    assert (how.undelivered, how.error.code) == (1, "locked")


def test_who_leaves_between_two_hosts_is_gone(start, settings):
    first, second = start(), start(bounds=replace(SOON, retry=0.01))
    second.stay._host.run = lambda _: None
    part = second.stay._part

    def leave():
        part()
        second.stay.leave()

    second.stay._part = leave
    first.leave()
    assert second.running.get().exit_code == 0


def test_what_was_interrupted_counts_as_refused(start, settings, hosts):
    start().leave()
    silent = SimpleNamespace(random=lambda: 0.9, randrange=lambda _: 1, choice=lambda _: "unheard")
    hosts(State(settings, print).place(KEY.public), silent, 1)
    user = start(enters=False)
    assert user.wish(Say(id=1, to="lobby", text="who knows")).refused.code == "interrupted"
    assert user.leave().refused == 1


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
