"""Who guesses the keys of rooms waits longer and longer; nobody else does."""

from geventim.service.people import guesses
from geventim.service.people.guesses import Guesses

START = 1_000_000.0


def test_first_ones_cost_nothing_and_then_each_doubles_the_wait():
    known = Guesses()
    waits = []
    for _ in range(14):
        known.count(["alice"], START)
        waits.append(known.wait(["alice"], START))
    assert waits[:4] == [0.0] * 4
    assert waits[4:11] == [10.0, 20.0, 40.0, 80.0, 160.0, 320.0, guesses.LONGEST_WAIT]
    assert set(waits[11:]) == {guesses.LONGEST_WAIT}


def test_waiting_ends_and_others_never_wait():
    known = Guesses()
    for _ in range(guesses.FREE):
        known.count(["alice", "192.0.2.1"], START)
    assert known.wait(["alice"], START + 4) == 6.0
    assert known.wait(["bob", "192.0.2.1"], START + 4) == 6.0
    assert known.wait(["alice"], START + 10) == 0.0
    assert known.wait(["bob", "192.0.2.2"], START) == 0.0


def test_wrong_keys_are_forgotten():
    known = Guesses()
    for _ in range(guesses.FREE):
        known.count(["alice"], START)
    known.count(["alice"], START + guesses.FORGOTTEN + 1)
    assert known.wait(["alice"], START + guesses.FORGOTTEN + 1) == 0.0


def test_any_number_of_wrong_keys_is_counted():
    known = Guesses()
    for _ in range(5_000):
        known.count(["alice"], START)
    assert known.wait(["alice"], START) == guesses.LONGEST_WAIT


def test_only_so_many_are_remembered():
    known = Guesses(most=3)
    for _ in range(guesses.FREE):
        known.count(["first"], START)
    for nick in ("a", "b", "c"):
        known.count([nick], START)
    assert known.wait(["first"], START) == 0.0
