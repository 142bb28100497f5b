import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.lines.spelling import is_slip, nearest


@pytest.mark.parametrize(
    "slip", ["statu", "tatus", "stats", "statuss", "stxtus", "sttaus", "tsatus"]
)
def test_one_slip_is_found(slip):
    assert nearest(slip, ["names", "status"]) == "status"


@pytest.mark.parametrize("other", ["status", "stat", "statussy", "sutats", "tsatsu", "", "xxatus"])
def test_nothing_else_is(other):
    assert nearest(other, ["status"]) is None


def damerau(one: str, other: str) -> int:
    """The optimal string alignment distance, by the book."""
    rows = [
        [i + j if i * j == 0 else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)
    ]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = one[i - 1] != other[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.text("ab", max_size=5), st.text("ab", max_size=5))
def test_a_slip_is_a_distance_of_one(one, other):
    assert is_slip(one, other) == (damerau(one, other) == 1)
