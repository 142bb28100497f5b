import json

from geventim.app.note import Note
from geventim.client.answers import Done, Result
from geventim.client.events import Announcement


def test_an_event_has_its_number_and_the_wish_that_caused_it():
    fields = json.loads(Note(Announcement("hi"), "run-1", 7).to_json())
    assert fields == {"event": "announcement", "text": "hi", "n": "run-1", "request": 7}
    assert json.loads(Note(Announcement("hi")).to_json()) == {"event": "announcement", "text": "hi"}


def test_an_answer_has_neither():
    assert Note(Done(7, Result())).to_object() == {"answer": 7, "done": {}}


def test_a_line_is_printable_ascii():
    line = Note(Announcement("a\n\x1b[1m\x7f\u202e\U0001f600")).to_json()
    assert line.endswith("\n")
    assert line[:-1].isprintable()
    assert line.isascii()
