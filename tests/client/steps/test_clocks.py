"""Clocks that are wrong, or are set right meanwhile."""

from unittest.mock import patch

import pytest

from geventim.chat import limits, requests
from geventim.client.events import Delayed, Error
from geventim.client.kept.stages import Stage
from geventim.client.sealing.engine import DAY, LIFETIME
from geventim.client.steps.clocks import TOLERANCE, Clocks
from tests.client.hostile import lose_seat
from tests.client.surroundings import START

YEAR = 365 * DAY


class Machine:
    """A clock that can be set."""

    def __init__(self):
        self.date = START
        self.clocks = Clocks(lambda: self.date)


@pytest.fixture
def machine():
    return Machine()


def test_what_lasts_does_not_get_shorter_when_a_clock_is_set_back(machine):
    clocks = machine.clocks
    assert clocks.now() == START
    machine.date -= YEAR
    assert clocks.now() == START
    machine.date += 5
    assert clocks.now() == START + 5
    assert clocks.date() == START - YEAR + 5
    machine.date += YEAR
    assert clocks.now() == START + 5 + YEAR


def test_a_clock_is_held_against_the_servers(machine):
    clocks = machine.clocks
    assert not clocks.is_off
    clocks.hear(START - TOLERANCE)
    assert not clocks.is_off
    clocks.hear(START - TOLERANCE - 1)
    assert clocks.is_off
    machine.date -= TOLERANCE
    assert clocks.error == 1
    clocks.hear(0.0)
    assert not clocks.is_off


@pytest.fixture
def dora(world, alice, bob):
    """Somebody who is not there yet."""
    return world.person("dora")


def uploads(person):
    return list(person.requests(requests.UploadKeyPackages))


@pytest.mark.parametrize("ahead", [YEAR, -YEAR])
def test_no_keys_are_left_under_a_wrong_clock_and_they_are_once_it_is_right(
    world, alice, dora, ahead
):
    dora.ahead = ahead
    dora.connect()
    world.advance()
    assert uploads(dora) == []
    (error,) = [event for event in dora.seen(Error) if event.code == "wrong_clock"]
    assert "365 days" in error.text
    dora.say("hello all the same")
    world.advance()
    assert alice.texts() == ["hello all the same"]
    dora.drop()
    dora.ahead = 0.0
    dora.start()
    world.advance()
    alice.say("@dora and to you")
    world.advance()
    assert dora.texts() == ["and to you"]


def test_a_clock_that_is_set_back_meanwhile_is_noticed(world, alice, dora):
    dora.ahead = YEAR
    dora.connect()
    world.advance()
    dora.ahead = 0.0
    alice.say("something happens")
    world.advance()
    assert uploads(dora)


@pytest.mark.parametrize("ahead", [YEAR, -YEAR])
def test_keys_that_were_left_under_a_wrong_clock_are_all_replaced(world, alice, dora, ahead):
    """The server's clock was as wrong as ours, so that nobody noticed."""
    dora.ahead = ahead
    with patch.object(Clocks, "is_off", new=False):
        dora.connect()
        world.advance()
    first = len(uploads(dora))
    dora.drop()
    dora.ahead = 0.0
    dora.start()
    world.advance()
    sizes = [len(request.sizes) for request in uploads(dora)[first:]]
    assert sizes == [limits.KEY_PACKAGES, 1]
    alice.say("@dora hello")
    world.advance()
    assert dora.texts() == ["hello"]


def test_keys_are_not_forgotten_under_a_clock_that_is_ahead(world, alice, bob):
    before = {name for name in bob.kept if name.startswith("package/")}
    bob.drop()
    bob.ahead = 2 * LIFETIME
    bob.start()
    world.advance()
    assert {name for name in bob.kept if name.startswith("package/")} == before


def test_a_wrong_clock_of_ones_own_is_not_blamed_on_others(world, alice, bob, dora):
    dora.ahead = YEAR
    dora.connect()
    world.advance()
    dora.say("@bob hello")
    world.advance()
    error = dora.seen(Error)[-1]
    assert error.code == "wrong_clock"
    assert "This machine's clock is 365 days ahead of the server's" in error.text


def test_who_has_left_keys_of_another_time_is_to_connect_again(world, alice, dora, monkeypatch):
    dora.ahead = YEAR
    monkeypatch.setattr(Clocks, "is_off", False)
    dora.connect()
    world.advance()
    alice.say("@dora hello")
    world.advance()
    error = alice.seen(Error)[-1]
    assert error.code == "key_package_time"
    assert "once dora has connected" in error.text


def test_who_rejoins_under_a_wrong_clock_writes_once_it_is_right(world, alice, bob):
    bob.drop()
    bob.ahead = YEAR
    bob.start()
    world.advance()
    lose_seat(world, bob, bob.room())
    assert bob.room().stage is Stage.ACTIVE
    assert bob.room().record.entered_at > START + YEAR
    bob.drop()
    bob.ahead = 0.0
    bob.start()
    bob.say("here")
    world.advance()
    assert alice.texts() == ["here"]


def test_nothing_waits_for_a_clock_that_was_set_back(world, alice, dora):
    dora.ahead = YEAR
    dora.connect()
    world.run()
    dora.ahead = 0.0
    dora.say("here")
    world.advance()
    assert alice.texts() == ["here"]
    assert dora.seen(Delayed) == []
