"""Messages wait for each other as long as passes that deliver take; not where those are short."""

import pytest

from geventim.service.delivery.gathering import BUSY, FORGOTTEN, MOST, Gathering
from tests.service.surroundings import Timers


class Passes:
    """An event loop whose passes deliver something and take as long as a test says."""

    def __init__(self):
        self.timers = Timers()
        self.gathering = Gathering(self.timers)

    def deliver(self, *lengths):
        """Passes of such lengths in seconds; how long a message may wait right after them."""
        for length in lengths:
            self.timers.length = length
            self.gathering.note_delivery()
        return self.gathering.wait


@pytest.fixture
def passes():
    return Passes()


def test_nothing_waits_before_anything_was_delivered(passes):
    assert passes.gathering.wait == 0


@pytest.mark.parametrize("length", [0.0, 0.001, BUSY * 0.99])
def test_after_short_passes_nothing_waits(passes, length):
    assert passes.deliver(*[length] * 20) == 0


def test_after_a_long_one_messages_wait_as_long_as_it_took(passes):
    assert passes.deliver(0.01) == pytest.approx(0.01, abs=1e-6)
    passes.timers.advance(0.004)
    assert passes.gathering.wait == pytest.approx(0.006, abs=1e-6)
    passes.timers.advance(0.007)
    assert passes.gathering.wait == 0


def test_the_wait_rises_at_once_and_falls_by_an_eighth_a_pass(passes):
    assert passes.deliver(0.01, 0.04) == pytest.approx(0.04, abs=1e-6)
    part = 1 / FORGOTTEN
    assert passes.deliver(0.0) == pytest.approx(0.04 * (1 - part), abs=1e-6)
    assert passes.deliver(0.0) == pytest.approx(0.04 * (1 - part) ** 2, abs=1e-6)
    assert passes.deliver(*[0.0] * 20) == 0


def test_nobody_waits_long(passes):
    assert passes.deliver(10.0) == MOST


def test_a_clock_set_back_changes_little(passes):
    passes.deliver(0.01)
    passes.timers.advance(-3600)
    assert passes.gathering.wait == 0.01


def test_a_pass_that_delivers_much_is_measured_once_and_at_its_end(passes):
    timers, gathering = passes.timers, passes.gathering
    timers.gathering = True
    for length in (0.001, 0.02, 0.03):
        timers.length = length
        gathering.note_delivery()
    timers.length = 0.04
    assert gathering.wait == 0
    timers.finish_pass()
    assert gathering.wait == pytest.approx(0.04, abs=1e-6)
    timers.length = 0.0
    for _ in range(3):
        gathering.note_delivery()
    timers.finish_pass()
    assert gathering.wait == pytest.approx(0.035, abs=1e-6)
