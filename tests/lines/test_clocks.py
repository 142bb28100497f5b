import pytest

from geventim.lines.clocks import disagreement


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (7200, "2 hours ahead of"),
        (-7200, "2 hours behind"),
        (47 * 3600, "47 hours ahead of"),
        (72 * 3600, "3 days ahead of"),
        (-365 * 86400 * 10, "3,650 days behind"),
    ],
)
def test_it_says_by_how_much_and_on_which_side(seconds, words):
    assert f"This machine's clock is {words} the server's" in disagreement(seconds)
