"""The passphrase opens what could do harm, for a minute."""

import pytest

from geventim.web.exchange import WebError
from geventim.web.guard import OPEN, TRIES, Guard


class Door:
    def __init__(self, passphrase):
        self.now = 0.0
        self.asked = []
        self.passphrase = passphrase
        self.guard = Guard(self.check, lambda: self.now)

    def check(self, passphrase):
        self.asked.append(passphrase)
        return None if self.passphrase is None else passphrase == self.passphrase


def test_it_is_open_for_a_minute():
    door = Door("sesame")
    assert not door.guard.is_open
    door.now = 5.0
    door.guard.unlock(" sesame\n")
    assert door.guard.is_open
    door.now += OPEN - 0.1
    assert door.guard.is_open
    door.now += 0.2
    assert not door.guard.is_open


def test_another_one_does_not_open_it_nor_is_there_an_end_to_asking():
    door = Door("sesame")
    for number in range(TRIES):
        assert not door.guard.is_spent
        with pytest.raises(WebError, match="wrong_passphrase"):
            door.guard.unlock(f"guess {number}")
    assert door.guard.is_spent
    with pytest.raises(WebError, match="wrong_passphrase"):
        door.guard.unlock("sesame")
    assert len(door.asked) == TRIES
    assert not door.guard.is_open


def test_the_right_one_forgives():
    door = Door("sesame")
    for _ in range(TRIES - 1):
        with pytest.raises(WebError):
            door.guard.unlock("x")
    door.guard.unlock("sesame")
    for _ in range(TRIES - 1):
        with pytest.raises(WebError):
            door.guard.unlock("x")
    assert not door.guard.is_spent


def test_without_one_it_stays_shut():
    door = Door(None)
    for _ in range(TRIES + 1):
        with pytest.raises(WebError, match="no_passphrase"):
            door.guard.unlock("")
    assert not door.guard.is_open
    assert not door.guard.is_spent
