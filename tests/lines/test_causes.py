import string

import pytest

from geventim.lines.causes import CAUSES, disagreement, explain

FACTS = {
    "author": "bob",
    "name": "lobby",
    "count": 3,
    "people": "added carol, removed nobody",
    "first": 4,
    "last": 9,
    "place": "KeyError in geventim/client/following/messages.py, line 9",
}


MANY = {"authors": 2, "conversations": 2}


@pytest.mark.parametrize("code", CAUSES)
def test_every_cause_says_why_and_what_happens_next(code):
    why, remedy, _ = CAUSES[code]
    assert why.endswith(".")
    assert remedy.endswith(".")
    for happened in (1, 1_234):
        text = explain(code, {**FACTS, **MANY}, happened)
        assert "{" not in text
        assert "\n" not in text


@pytest.mark.parametrize("code", CAUSES)
def test_every_fact_that_a_cause_names_is_known(code):
    fields = string.Formatter().parse("".join(CAUSES[code]))
    assert {name for _, name, _, _ in fields if name} <= {*FACTS, "messages", "places"}


@pytest.mark.parametrize(
    ("authors", "places", "text"),
    [
        (1, 1, "1,234 messages of bob in 'lobby' could not be read."),
        (2, 1, "1,234 messages of bob and others in 'lobby' could not be read."),
        (1, 2, "1,234 messages of bob in 'lobby' and other conversations could not be read."),
    ],
)
def test_many_are_one_line(authors, places, text):
    facts = {**FACTS, "authors": authors, "conversations": places}
    assert explain("unreadable", facts, 1_234).startswith(text)


@pytest.mark.parametrize(
    ("places", "end"),
    [(1, "That happened 1,234 times."), (3, "That happened 1,234 times, in 3 conversations.")],
)
def test_what_has_no_line_for_many_is_counted(places, end):
    facts = {**FACTS, "authors": 1, "conversations": places}
    assert explain("repeated", facts, 1_234).endswith(end)


def test_messages_are_counted():
    assert "1 message from bob" in explain("gap", {**FACTS, "count": 1}, 1)
    assert "3 messages from bob" in explain("gap", FACTS, 1)


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
