"""What a page may wish, and what it is not told."""

import json

import pytest

from geventim.app.note import Note
from geventim.client.answers import Done, Fetched, Moving, Refusal, Refused
from geventim.client.events import Notice, Transfer
from geventim.client.wishes import BadWishError
from geventim.web.translation import understand, without_paths

KNOWN = {"1": "/private/1/a.png", "2": "/private/2/b.png"}
MOVING = Moving(1, "fetching", "failed", "a.png", 1, 0, 0, None, "lobby", "", "")


def wish(unlocked=False, **fields):
    return understand(json.dumps({"id": 7, **fields}), KNOWN.get, unlocked=unlocked)


def code(unlocked=False, **fields):
    with pytest.raises(BadWishError) as error:
        wish(unlocked, **fields)
    assert error.value.id == 7
    return error.value.code


def test_what_was_uploaded_has_a_path():
    said = wish(wish="say", to="lobby", text="", files=["upload:1", "upload:2"])
    assert said.files == ("/private/1/a.png", "/private/2/b.png")


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "1", "upload:3", "upload:", "UPLOAD:1", "upload:../1"]
)
def test_nothing_else_of_the_machine_can_be_sent(name):
    assert code(wish="say", to="lobby", text="", files=["upload:1", name]) == "no_upload"


@pytest.mark.parametrize(
    "fields",
    [
        {"wish": "confirm", "nick": "bob"},
        {"wish": "trust", "nick": "bob"},
        {"wish": "export_identity", "passphrase": "x"},
    ],
)
def test_what_could_do_harm_needs_the_passphrase(fields):
    assert code(**fields) == "terminal_only"
    assert wish(True, **fields).id == 7


@pytest.mark.parametrize("path", ["", "/tmp", "x"])
def test_files_do_not_go_to_the_machine(path):
    for unlocked in (False, True):
        fields = {"message_id": "0" * 32, "path": path}
        assert code(unlocked, wish="fetch_file", **fields) == "terminal_only"


def test_what_is_no_wish_is_refused_as_everywhere():
    assert code(wish="dance") == "unknown_wish"
    with pytest.raises(BadWishError) as error:
        understand("\udcff{", KNOWN.get, unlocked=True)
    assert (error.value.id, error.value.code) == (None, "bad_wish")


def test_a_page_is_told_no_paths():
    refusal = Refusal(
        "bad_path", "'/a/b.png' cannot be used: no.", False, facts={"path": "/a/b.png"}
    )
    for item in (Transfer(MOVING, "/a/b.png", refusal), Refused(1, refusal)):
        told = without_paths(Note(item, "run-1", 3))
        assert (told.n, told.request) == ("run-1", 3)
        assert "/a" not in told.to_json()
        assert "b.png" in told.to_json()


def test_everything_else_is_told_as_it_is():
    for item in (Notice("x"), Done(1, Fetched("/a")), Refused(1, Refusal("x", "x", False))):
        note = Note(item, "run-1")
        assert without_paths(note) is note
