"""Keeping apart what many conversations want to do."""

from geventim.client.steps.spacing import FREE, SPACE, Spacing


class Clock:
    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


def test_a_few_need_not_wait() -> None:
    spacing = Spacing(clock := Clock())
    assert {spacing.reserve() for _ in range(FREE)} == {clock.time}


def test_many_come_one_after_the_other() -> None:
    spacing = Spacing(clock := Clock())
    times = [spacing.reserve() for _ in range(FREE + 20)][FREE:]
    assert times == [clock.time + SPACE * number for number in range(1, 21)]


def test_who_comes_later_waits_for_those_before() -> None:
    spacing = Spacing(clock := Clock())
    for _ in range(FREE + 20):
        spacing.reserve()
    clock.time += SPACE
    assert spacing.reserve() == clock.time + 20 * SPACE


def test_time_that_was_not_used_is_not_saved_up() -> None:
    spacing = Spacing(clock := Clock())
    spacing.reserve()
    clock.time += 1_000
    assert [spacing.reserve() for _ in range(FREE + 1)] == [clock.time] * FREE + [
        clock.time + SPACE
    ]


def test_after_a_reset_nobody_waits() -> None:
    spacing = Spacing(clock := Clock())
    for _ in range(100):
        spacing.reserve()
    spacing.reset()
    assert spacing.reserve() == clock.time
