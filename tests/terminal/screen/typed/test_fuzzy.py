import pytest

from geventim.terminal.screen.typed import fuzzy


@pytest.mark.parametrize(
    ("typed", "names", "first"),
    [
        ("lob", ["global", "lobby"], "lobby"),
        ("dt", ["edit", "dev-team"], "dev-team"),
        ("LOBBY", ["lobby", "lob by"], "lobby"),
        ("an", ["anastasia", "ana"], "ana"),
    ],
)
def test_the_best_is_first(typed, names, first):
    assert fuzzy.best(typed, names, str)[0] == first


def test_letters_must_come_in_order():
    assert fuzzy.best("ba", ["ab"], str) == []


def test_everything_fits_nothing_in_its_order():
    assert fuzzy.best("", ["b", "a"], str) == ["b", "a"]
