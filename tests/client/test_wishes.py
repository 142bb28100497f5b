import json
from typing import get_args

import msgspec
import pytest

from geventim.client import wishes
from geventim.client.wishes import AnyWish, BadWishError, Say, decode

EXAMPLES = {
    "conversations": {},
    "rooms": {"after": "den"},
    "members": {"conversation": "lobby"},
    "open_dm": {"nick": "bob"},
    "join": {"name": "lab", "key": "k"},
    "create_room": {"name": "lab"},
    "create_group": {"name": "team", "members": ["bob"]},
    "leave": {"conversation": "lab"},
    "delete": {"conversation": "team"},
    "add": {"conversation": "team", "members": ["bob"]},
    "remove": {"conversation": "team", "members": ["bob"]},
    "new_key": {"conversation": "lab", "create": True},
    "rejoin": {"conversation": "lab"},
    "room_code": {"conversation": "lab"},
    "say": {"to": "lobby", "text": "two\nlines\tand \u00e4"},
    "edit": {"message_id": "ab" * 16, "text": "t", "format": "plain"},
    "delete_message": {"message_id": "ab" * 16},
    "react": {"message_id": "ab" * 16, "reaction": "tada"},
    "set_timer": {"conversation": "lobby", "seconds": 60},
    "secret": {"nick": "bob", "key": "k", "text": "t"},
    "open_secret": {"number": 1, "key": "k"},
    "secrets": {},
    "fetch_file": {"message_id": "0f" * 16, "index": 1, "path": "/a"},
    "transfers": {},
    "timeline": {"conversation": "lobby", "limit": 500, "around": "0f" * 16},
    "search": {"words": ["two words", "x"], "author": "bob", "before": 7, "until": 1.5},
    "mark_read": {"conversation": "lobby", "order": 7},
    "draft": {"conversation": "lobby", "text": "hello ther"},
    "mute": {"conversation": "lobby", "muted": False},
    "settings": {},
    "change_setting": {"name": "highlights", "value": ["lunch"]},
    "find": {"name": "bob"},
    "contacts": {},
    "people": {},
    "whois": {"nick": "bob"},
    "verify": {"nick": "bob"},
    "confirm": {"nick": "bob"},
    "trust": {"nick": "bob"},
    "ignore": {"nick": "bob", "ignored": False},
    "ignored": {},
    "status": {"status": "dnd"},
    "snapshot": {},
    "resume": {"after": "run-1"},
    "export_identity": {"passphrase": "correct horse"},
    "cancel": {"request": "x"},
}


def line(**fields):
    return json.dumps(fields)


def test_there_is_an_example_of_each():
    assert set(EXAMPLES) == wishes.TAGS


@pytest.mark.parametrize("tag", EXAMPLES)
def test_a_wish_is_what_its_line_says(tag):
    wish = decode(line(id=7, wish=tag, **EXAMPLES[tag]))
    assert isinstance(wish, get_args(AnyWish))
    fields = json.loads(msgspec.json.encode(wish))
    assert fields == {**fields, "wish": tag, "id": 7, **EXAMPLES[tag]}


@pytest.mark.parametrize("tag", EXAMPLES)
def test_a_field_that_is_none_is_refused(tag):
    with pytest.raises(BadWishError) as caught:
        decode(line(id="x", wish=tag, odd=1, **EXAMPLES[tag]))
    assert (caught.value.id, caught.value.code) == ("x", "bad_wish")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        "{}",
        '{"id": 1}',
        '{"wish": "say"}',
        line(id=None, wish="people"),
        line(id=-1, wish="people"),
        line(id=2**53, wish="people"),
        line(id=1.5, wish="people"),
        line(id="x" * 129, wish="people"),
        "[" * 100_000,
    ],
)
def test_what_is_no_wish_has_no_id(text):
    with pytest.raises(BadWishError) as caught:
        decode(text)
    assert (caught.value.id, caught.value.code) == (None, "bad_wish")


def test_an_unknown_wish_is_refused_by_its_id():
    with pytest.raises(BadWishError) as caught:
        decode(line(id=3, wish="fly", height=3))
    assert (caught.value.id, caught.value.code) == (3, "unknown_wish")


@pytest.mark.parametrize(
    "fields",
    [
        {"wish": "say", "to": "", "text": "t"},
        {"wish": "say", "to": "x" * 1_000, "text": "t"},
        {"wish": "say", "to": "x", "reply_to": "x"},
        {"wish": "say", "to": "x", "text": "", "files": ["/a"] * 11},
        {"wish": "fetch_file", "message_id": "../x"},
        {"wish": "cancel", "transfer": 0},
        {"wish": "cancel"},
        {"wish": "cancel", "transfer": 1, "request": 1},
        {"wish": "cancel", "message_id": "0f" * 16, "request": "x"},
        {"wish": "say", "to": "x", "text": 3},
        {"wish": "say", "to": "x"},
        {"wish": "open_secret", "number": 0, "key": "k"},
        {"wish": "open_secret", "number": 2**60, "key": "k"},
        {"wish": "create_group", "name": "x", "members": ["b"] * 10_000},
        {"wish": "join", "name": "x", "key": "k" * 2_000},
        {"wish": "status", "status": "asleep"},
    ],
)
def test_what_is_out_of_bounds_is_refused_by_its_id(fields):
    with pytest.raises(BadWishError) as caught:
        decode(line(id=4, **fields))
    assert (caught.value.id, caught.value.code) == (4, "bad_wish")


def test_nothing_that_was_written_is_shown():
    shown = repr(Say(id=1, to="lobby", text="hush"))
    assert "hush" not in shown
    assert "hush" not in repr(wishes.Join(id=1, name="lab", key="hush"))
    with pytest.raises(BadWishError) as caught:
        decode(line(id=1, wish="secret", nick="bob", key="hush", text=["hush"]))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("tag", EXAMPLES)
def test_a_wish_can_be_passed_on_as_it_is(tag):
    wish = decode(line(id=7, wish=tag, **EXAMPLES[tag]))
    assert decode(msgspec.json.encode(wish).decode()) == wish


@pytest.mark.parametrize("kind", [each for each in get_args(AnyWish) if each is not wishes.Cancel])
def test_what_is_left_out_stays_so(kind):
    needed = {
        field.name: EXAMPLES[kind.__struct_config__.tag].get(field.name)
        for field in msgspec.structs.fields(kind)
        if field.default is msgspec.NODEFAULT and field.name != "id"
    }
    wish = decode(line(id=7, wish=kind.__struct_config__.tag, **needed))
    assert decode(msgspec.json.encode(wish).decode()) == wish


def test_a_line_with_half_a_character_is_refused():
    with pytest.raises(BadWishError) as caught:
        decode('{"id": 1, "wish": "rooms", "after": "\\udfff"}')
    assert (caught.value.id, caught.value.code, caught.value.case) == (1, "bad_wish", "invalid")
    assert caught.value.facts["why"] == "half a surrogate is no text"


def test_nor_does_an_id_with_half_a_character_come_back():
    with pytest.raises(BadWishError) as caught:
        decode('{"id": "\\udfff", "wish": "rooms"}')
    assert str(caught.value.id).isascii()
