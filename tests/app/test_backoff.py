import pytest

from geventim.app.backoff import FIRST, LONGEST, Backoff


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_the_first_attempt_comes_soon_and_later_ones_come_regularly(chance):
    backoff = Backoff(lambda: chance)
    waits = [backoff.wait() for _ in range(10)]
    assert FIRST / 2 <= waits[0] <= FIRST
    assert waits == sorted(waits)
    assert LONGEST / 2 <= waits[-1] <= LONGEST


def test_clients_are_spread():
    assert Backoff(lambda: 0.0).wait() < Backoff(lambda: 1.0).wait()


def test_after_a_success_it_begins_again():
    backoff = Backoff(lambda: 1.0)
    waits = [backoff.wait(), backoff.wait()]
    backoff.reset()
    assert [backoff.wait(), backoff.wait()] == waits
