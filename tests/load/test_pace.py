import pytest

from geventim.load.pace import BREATH, BURST, due


class Clock:
    """A clock that only moves when somebody sleeps, or works."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sleeps = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


def test_each_message_is_due_at_its_time():
    clock = Clock()
    times = [clock.now - 100 for _ in due(5, 4.0, clock, clock.sleep)]
    assert times[1:] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert times[0] == pytest.approx(BREATH)


def test_what_is_late_is_caught_up_without_rest():
    clock = Clock()
    seconds = []
    for number in due(20, 10.0, clock, clock.sleep):
        if number == 2:
            clock.now += 1.0  # the machine does something else
        seconds.append(round(clock.now - 100, 6))
    assert seconds[2] == seconds[12] == 1.2
    assert seconds[13:15] == [1.3, 1.4]


def test_a_generator_that_cannot_keep_up_lets_others_run():
    clock = Clock()
    numbers = list(due(3 * BURST, 1e9, clock, clock.sleep))
    assert numbers == list(range(3 * BURST))
    assert len(clock.sleeps) == 3
    assert min(clock.sleeps) >= BREATH
