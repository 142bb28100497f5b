from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.screen.conversation import place
from geventim.terminal.screen.conversation.items import Remark
from geventim.terminal.screen.conversation.place import Place


def lines(*heights):
    found = [Remark(f"r{n}", 0.0, "x") for n in range(len(heights))]
    by_key = {line.key: tall for line, tall in zip(found, heights, strict=True)}
    return found, lambda line: by_key[line.key]


def test_a_place_is_found_by_its_line():
    found, height = lines(1, 3, 1)
    assert place.find(found, Place("r1", 2), height) == (1, 2)
    assert place.find(found, Place("r1", 9), height) == (1, 2)
    assert place.find(found, Place("gone", 0), height) == (2, 0)
    assert place.find(found, None, height) == (2, 0)


def test_moving_goes_row_by_row():
    found, height = lines(2, 3, 2)
    assert place.move(found, (2, 0), 1, 2, height) == (2, 1)
    assert place.move(found, (2, 0), 3, 2, height) == (1, 1)
    assert place.move(found, (1, 1), -3, 2, height) == (2, 0)
    assert place.move(found, (2, 0), 99, 2, height) == (0, 0)


def test_what_is_around_fills_the_room():
    found, height = lines(2, 3, 2)
    assert place.around(found, 2, 0, 4, height) == (1, 2, 0)
    assert place.around(found, 0, 0, 4, height) == (0, 1, 1)
    assert place.around(found, 2, 0, 50, height) == (0, 2, 0)


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=12),
    st.integers(1, 12),
    st.lists(st.integers(-30, 30), max_size=8),
)
def test_the_room_is_always_filled_if_there_is_enough(heights, room, moves):
    found, height = lines(*heights)
    at = (len(found) - 1, 0)
    for rows in moves:
        index, hidden = at = place.move(found, at, rows, room, height)
        hidden = max(hidden, 0)
        first, last, left = place.around(found, index, hidden, room, height)
        seen = sum(heights[first : last + 1]) - left
        assert seen >= min(room, sum(heights))
        at = (index, hidden)
