"""Asking again, for a while."""

import pytest

from geventim.errors import StoreError
from geventim.net.journals.patience import Greenlets, insist

QUICK = {"pause": 0.001}


class Store:
    """Fails so often."""

    def __init__(self, failures):
        self.failures = failures
        self.calls = 0

    def ask(self):
        self.calls += 1
        if self.calls <= self.failures:
            raise StoreError("not yet")
        return self.calls


def test_asks_until_there_is_an_answer():
    assert insist(Store(0).ask, **QUICK) == 1
    assert insist(Store(3).ask, **QUICK) == 4


def test_gives_up_in_the_end():
    store = Store(1_000_000)
    with pytest.raises(StoreError, match="not yet"):
        insist(store.ask, patience=0.01, **QUICK)
    assert store.calls > 1


def test_what_is_no_failure_of_the_store_is_raised_at_once():
    with pytest.raises(ZeroDivisionError):
        insist(lambda: 1 // 0)


def test_reading_insists_and_writing_does_not():
    assert Greenlets(**QUICK).read(Store(2).ask) == 3
    assert Greenlets(**QUICK).write(Store(0).ask) == 1
    with pytest.raises(StoreError):
        Greenlets(**QUICK).write(Store(1).ask)
