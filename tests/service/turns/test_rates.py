"""What shutting others out, and holding turns, costs an account in a conversation."""

import pytest

from geventim.chat.values import EntryKind, Purpose
from geventim.log.changes import Append
from geventim.service.turns import rates as module
from geventim.service.turns.rates import (
    AT_ONCE,
    BURST,
    EXCUSED,
    EXTERNAL,
    HOUR,
    LATELY,
    MOST_SHUT,
    RECURRENCE,
    SOON,
    Rates,
)
from tests.service.doubles import World, fresh_id
from tests.service.identities import account

NICKS = tuple("abcdefghijk")
"""Eleven members who are connected."""


@pytest.fixture
def world():
    return World()


@pytest.fixture
def room(world):
    clients = [world.enter(nick) for nick in NICKS]
    room = clients[0].open().id
    for client in clients:
        client.change(room, [client.session.account.nick])
    world.timers.advance(EXTERNAL + HOUR)
    return room


@pytest.fixture
def rates(world):
    return Rates(world.journal, world.timers, world.service.connected)


def wait(world, rates, room, nick, purpose=Purpose.COMMIT, *, has_written=True):
    """Seconds that somebody has to wait from now on."""
    earliest = rates.earliest(room, account(nick).id, purpose, has_written=has_written)
    return max(0.0, earliest - world.timers.now())


def commit(rates, room, seq, nick, *askers):
    rates.note_commit(room, seq, account(nick).id)
    for asker in askers:
        rates.note_ask(room, account(asker).id, seq)


@pytest.mark.parametrize(
    ("askers", "cost"), [(1, 10), (3, 10), (4, 20), (6, 20), (7, 40), (10, 40), (0, 0)]
)
def test_share_of_the_others_who_ask_is_what_it_costs(world, rates, room, askers, cost):
    commit(rates, room, 20, "a", *NICKS[1 : 1 + askers])
    assert wait(world, rates, room, "a") == pytest.approx(cost)
    assert wait(world, rates, room, "b") == 0


def test_under_a_tenth_it_costs_nothing(world, rates, room):
    world.enter("l").room()
    world.timers.advance(EXTERNAL)
    commit(rates, room, 20, "a", "b")
    assert wait(world, rates, room, "a") == 0


def test_others_are_those_who_are_connected(world, rates, room):
    for nick in NICKS[3:]:
        world.service.connected.session(account(nick).id).outlet.lose()
    commit(rates, room, 20, "a", "b")
    assert wait(world, rates, room, "a") == pytest.approx(20)


def test_nothing_counts_twice(world, rates, room):
    commit(rates, room, 20, "a", "b", "b", "b", "b", "a")
    assert wait(world, rates, room, "a") == pytest.approx(10)


def test_sum_of_an_hour_counts_from_the_last(world, rates, room):
    commit(rates, room, 20, "a", *NICKS[1:])
    world.timers.advance(100)
    commit(rates, room, 21, "a", "b")
    assert wait(world, rates, room, "a") == pytest.approx(80)
    world.timers.advance(HOUR - 100)
    assert wait(world, rates, room, "a") == 0
    commit(rates, room, 22, "a", "b")
    assert wait(world, rates, room, "a") == pytest.approx(10)


def test_asking_late_or_about_what_is_not_there_costs_nobody_anything(world, rates, room):
    commit(rates, room, 20, "a")
    rates.note_ask(room, account("b").id, 19)
    rates.note_ask(fresh_id(), account("b").id, 20)
    world.timers.advance(AT_ONCE)
    for nick in NICKS[1:]:
        rates.note_ask(room, account(nick).id, 20)
    commit(rates, room, 21, "a", "b")
    assert wait(world, rates, room, "a") == pytest.approx(10)


def shut(world, rates, room, seq, nick, *askers, seconds):
    """A commit of ``nick`` shuts ``askers`` out, who ask for so many seconds."""
    rates.note_commit(room, seq, account(nick).id)
    for _ in range(2 * seconds):
        for asker in askers:
            rates.note_ask(room, account(asker).id, seq)
        world.timers.advance(0.5)


@pytest.mark.parametrize(("askers", "waits"), [(5, MOST_SHUT - 2), (4, 38)])
def test_while_most_are_shut_out_anybody_gets_in_anew_soon(world, rates, room, askers, waits):
    for seq in (20, 21):
        commit(rates, room, seq, "b", *NICKS[2:6])
    assert wait(world, rates, room, "b", Purpose.REENTER) == pytest.approx(40)
    shut(world, rates, room, 22, "a", *NICKS[1 : 1 + askers], seconds=2)
    assert wait(world, rates, room, "b") == pytest.approx(38), "for any other purpose"
    assert wait(world, rates, room, "b", Purpose.REENTER) == pytest.approx(waits)
    world.timers.advance(LATELY)
    assert wait(world, rates, room, "b", Purpose.REENTER) == pytest.approx(36), "all are helped"


def test_who_has_shut_out_more_has_the_greater_burden(world, rates, room):
    assert rates.burden(room, account("a").id) == 0
    commit(rates, room, 20, "a", *NICKS[1:])
    commit(rates, room, 21, "a", *NICKS[1:4])
    commit(rates, room, 22, "b", *NICKS[2:6])
    assert [rates.burden(room, account(nick).id) for nick in "abc"] == [4, 2, 0]
    world.timers.advance(HOUR + 1)
    assert rates.burden(room, account("a").id) == 0


def test_those_who_said_nothing_share_what_joins_cost(world, rates, room):
    def newcomer():
        return wait(world, rates, room, "b", Purpose.JOIN, has_written=False)

    message = Append(room, account("c").id, EntryKind.MESSAGE, bytes(16), 0.0, world.head(room))
    world.store.commit([message])
    commit(rates, room, 20, "a", "b", "d", "e", "f")
    assert newcomer() == pytest.approx(4)
    for purpose in (Purpose.COMMIT, Purpose.REENTER):
        assert wait(world, rates, room, "b", purpose, has_written=False) == 0, purpose
    assert wait(world, rates, room, "b", Purpose.JOIN) == 0
    assert wait(world, rates, room, "a") == pytest.approx(20), "speaking up saves nobody"
    commit(rates, room, 21, "c", *NICKS[3:])
    assert newcomer() == pytest.approx(4)
    assert wait(world, rates, room, "c") > 20


def test_commits_from_outside_are_apart_and_a_burst_ends(world, rates, room):
    for seq in range(BURST - 1):
        commit(rates, room, 20 + seq, "a")
        assert wait(world, rates, room, "a") == 0
    commit(rates, room, 30, "a")
    assert wait(world, rates, room, "a") == pytest.approx(BURST)
    rates.note_purpose(room, account("b").id, Purpose.REENTER)
    assert wait(world, rates, room, "b") == 0
    for purpose in (Purpose.JOIN, Purpose.REENTER):
        assert wait(world, rates, room, "b", purpose) == pytest.approx(EXTERNAL)


def test_who_has_got_in_anew_has_done_so_for_a_minute(world, rates, room):
    person = account("b").id
    rates.note_purpose(room, person, Purpose.JOIN)
    assert not rates.has_reentered(room, person)
    rates.note_purpose(room, person, Purpose.REENTER)
    world.timers.advance(RECURRENCE - 1)
    assert rates.has_reentered(room, person)
    assert not rates.has_reentered(room, account("c").id)
    world.timers.advance(1)
    assert not rates.has_reentered(room, person)


def test_passed_turns_are_forgotten_after_a_commit(world, rates, room):
    person = account("a").id
    assert not rates.has_let_pass(room, person)
    for price in (5, 10, 20, 40, 60, 60):
        rates.note_passed(room, person)
        assert rates.has_let_pass(room, person)
        assert wait(world, rates, room, "a") == pytest.approx(price)
    commit(rates, room, 20, "a")
    assert wait(world, rates, room, "a") == 0


def test_nothing_is_kept_for_ever(world, rates, room):
    for seq in range(2 * module.RECENT):
        commit(rates, room, 20 + seq, "a", "b")
    assert len(rates._memories[room].recent) <= module.RECENT + 1
    world.timers.advance(HOUR + 1)
    commit(rates, fresh_id(), 1, "a")
    assert room not in rates._memories


def test_commit_costs_the_server_the_same_among_many(world, rates, room, monkeypatch):
    looked, last = [], module._Deeds.last.fget
    monkeypatch.setattr(
        module._Deeds, "last", property(lambda deeds: looked.append(1) or last(deeds))
    )
    for seq in range(100):
        rates.note_commit(room, seq, fresh_id())
    assert len(looked) < 100


class TestBeingCalledVoid:
    """Whoever got in where nobody else is may come again soon, a few times."""

    def wait_after(self, world, rates, room):
        rates.note_purpose(room, account("b").id, Purpose.REENTER)
        rates.note_void(room, account("b").id)
        return wait(world, rates, room, "b", Purpose.REENTER)

    def test_lets_one_in_again_soon_and_then_no_sooner_than_others(self, world, rates, room):
        waits = [self.wait_after(world, rates, room) for _ in range(EXCUSED + 1)]
        assert waits == [pytest.approx(SOON)] * EXCUSED + [pytest.approx(EXTERNAL)]

    def test_is_nothing_to_who_has_waited(self, world, rates, room):
        rates.note_purpose(room, account("b").id, Purpose.REENTER)
        world.timers.advance(EXTERNAL)
        for _ in range(EXCUSED):
            rates.note_void(room, account("b").id)
        assert wait(world, rates, room, "b", Purpose.REENTER) == 0
        assert self.wait_after(world, rates, room) == pytest.approx(SOON)

    def test_is_nothing_to_who_has_done_nothing(self, world, rates, room):
        rates.note_void(room, account("b").id)
        assert wait(world, rates, room, "b", Purpose.REENTER) == 0
