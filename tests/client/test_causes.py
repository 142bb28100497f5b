import string

import pytest

from geventim.client.causes import Cause

FACTS = {
    "author": "bob",
    "name": "lobby",
    "count": 3,
    "people": "added carol, removed nobody",
    "first": 4,
    "last": 9,
}


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_says_why_and_what_happens_next(cause):
    assert cause.why.endswith(".")
    assert cause.remedy.endswith(".")
    text = cause.text(**FACTS)
    assert "{" not in text
    assert "\n" not in text


@pytest.mark.parametrize("cause", Cause)
def test_every_fact_that_a_cause_names_is_known(cause):
    fields = string.Formatter().parse(cause.why + cause.remedy)
    assert {name for _, name, _, _ in fields if name} <= set(FACTS)


def test_no_two_causes_share_a_word():
    assert len({cause.code for cause in Cause}) == len(Cause)
