"""How fast a transfer is, and how much of it may be on its way."""

from geventim.client.files.pace import MOST, Pace, Window
from tests.client.files.conftest import Clock


def test_rate_and_time_left() -> None:
    clock = Clock()
    pace = Pace(clock, 0)
    assert not pace.count(10)
    assert pace.left(100) is None
    clock.now += 1
    assert pace.count(50)
    assert pace.rate == 50
    assert pace.left(100) == 1


def test_the_window_grows_and_shrinks() -> None:
    window = Window()
    for _ in range(20):
        window.answered(0.01)
    assert window.size == MOST
    window.running = 3
    assert window.share == MOST // 3
    for _ in range(20):
        window.answered(1.0)
    assert window.size == window.share == 1
