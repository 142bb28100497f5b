from geventim.chat import limits
from geventim.log.changes import GiveState
from geventim.log.effect import Giver, give, has_called

ALICE, BOB = b"a" * 16, b"b" * 16


def test_the_latest_comes_first_and_each_account_once() -> None:
    givers = [Giver(ALICE, 1), Giver(BOB, 1, 1)]
    assert give(givers, BOB, 2) == [Giver(BOB, 2, 1), Giver(ALICE, 1)]


def test_they_are_bounded() -> None:
    givers = [Giver(number.to_bytes(16, "big"), 1) for number in range(limits.STATES)]
    assert give(givers, ALICE, 2) == [Giver(ALICE, 2), *givers[:-1]]


def test_what_was_called_void_before_is_not_called_so_again() -> None:
    givers = [Giver(ALICE, 1, 3)]
    asked = [has_called(givers, GiveState(b"", ALICE, seq, b"")) for seq in (0, 2, 3, 4)]
    assert asked == [False, True, True, False]
    assert not has_called(givers, GiveState(b"", BOB, 2, b""))
