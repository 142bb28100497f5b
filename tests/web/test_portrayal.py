"""What a page is told beyond the text."""

import segno

from geventim.app.note import Note
from geventim.client.answers import Done, Messages, Number, Written
from geventim.client.events import Edited, Message
from geventim.client.people.trust import Standing
from geventim.web.portrayal import portray, prepare

MARKED = "hello *you*"
PARTS = (
    {
        "node": "paragraph",
        "parts": (
            {"node": "words", "text": "hello "},
            {"node": "emphasis", "parts": ({"node": "words", "text": "you"},)},
        ),
    },
)


def message(text, **fields):
    return Message("lobby", "room", "bob", text, 0, 1, **fields)


def written(text):
    return Written("lobby", "room", "bob", text, 0, 1, False, "c", "m", 1)


def test_a_text_with_markup_has_its_parts_beside_it():
    told = portray(Note(message(MARKED), "run-1"))
    assert (told["message"], told["parts"], told["n"]) == (MARKED, PARTS, "run-1")
    edited = Edited("lobby", "room", "bob", MARKED, 2, "c", "m", 1)
    assert portray(Note(edited))["parts"] == PARTS


def test_a_text_without_is_told_as_it_is():
    assert "parts" not in portray(Note(message("hello\nyou")))
    assert "parts" not in portray(Note(message(MARKED, plain=True)))
    assert "parts" not in portray(Note(message("")))


def test_so_has_each_message_of_a_page():
    told = portray(Note(Done(1, Messages((written("a"), written(MARKED)), False))))
    plain, marked = told["done"]["messages"]
    assert "parts" not in plain
    assert marked["parts"] == PARTS


def test_a_safety_number_is_a_code_as_well():
    number = "0123456789" * 6
    told = portray(Note(Done(1, Number("bob", number, Standing.UNVERIFIED))))
    rows = segno.make_qr(number, error="m").matrix
    assert told["done"]["code"] == ["".join(map(str, row)) for row in rows]


def test_others_have_their_turn_after_each_text():
    turns = []
    page = Note(Done(1, Messages((written("a"), written("b")), False)))
    prepare(page, lambda: turns.append(len(turns)))
    assert turns == [0, 1]
