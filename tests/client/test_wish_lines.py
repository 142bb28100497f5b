"""What was made in a program, and what its line would say."""

import pytest

from geventim.client import wishes
from geventim.client.wish_lines import WISH_SIZE, check
from geventim.client.wishes import BadWishError, Say, decode
from tests.client.test_wishes import EXAMPLES, line

UNFIT = [
    (wishes.Rooms(id=4, after=7), "Expected `str`, got `int` - at `$.after`"),
    (wishes.Say(id=4, to="x", text=b"bytes"), "bytes"),
    (wishes.Say(id=4, to="x", text=object()), "object"),
    (wishes.CreateGroup(id=4, name="x", members="bob"), "Expected `array`, got `str`"),
    (wishes.SetTimer(id=4, conversation="x", seconds=-1), ">= 0"),
    (wishes.SetTimer(id=4, conversation="x", seconds=2**60), "seconds"),
    (wishes.SetTimer(id=4, conversation="x", seconds=True), "got `bool`"),
    (wishes.Search(id=4, until=float("nan")), "Out of range"),
    (wishes.ChangeSetting(id=4, name="x", value=[b"bytes"]), "bytes"),
    (wishes.SetStatus(id=4, status="asleep"), "asleep"),
    (wishes.Rooms(id=4, after="\udfff"), "surrogate"),
    (wishes.Cancel(id=4), "one of request"),
]
"""Wishes that were made with values that are none, and a part of why they are refused."""


@pytest.mark.parametrize(("wish", "why"), UNFIT)
def test_what_was_made_of_other_values_is_refused_as_a_line_is(wish, why):
    with pytest.raises(BadWishError) as caught:
        check(wish)
    assert (caught.value.code, caught.value.case) == ("bad_wish", "invalid")
    assert why in caught.value.facts["why"]


def test_what_is_too_large_for_a_line_is_refused():
    frame = len(line(id=1, wish="say", to="x", text="")) - len(" ") * 7
    room = WISH_SIZE - frame
    assert len(check(Say(id=1, to="x", text="y" * room)).text) == room
    for text in ("y" * (room + 1), "\u00e4" * (room // 2 + 1)):
        with pytest.raises(BadWishError) as caught:
            check(Say(id=1, to="x", text=text))
        assert caught.value.code == "too_large"


@pytest.mark.parametrize("tag", EXAMPLES)
def test_a_wish_is_what_it_is_on_the_other_side(tag):
    wish = decode(line(id=7, wish=tag, **EXAMPLES[tag]))
    assert check(wish) == wish


def test_other_kinds_of_lists_will_do():
    made = check(wishes.Add(id=1, conversation="x", members=["bob"]))
    assert made == wishes.Add(id=1, conversation="x", members=("bob",))
