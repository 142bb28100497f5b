import pytest

from geventim.terminal.screen.conversation.moments import moment


def test_a_moment_is_known_again():
    assert moment(1.7e9).timestamp() == 1.7e9


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e300, -1e18])
def test_whatever_somebody_says_is_some_moment(seconds):
    assert moment(seconds) == moment(0)
