import pytest

from geventim.errors import UserError
from geventim.lines.commands.command import Command, Line, fail, split, tabulate


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("", "")),
        ("one", ("one", "")),
        ("one two  three ", ("one", "two  three ")),
        ("  one\ttwo", ("one", "two")),
    ],
)
def test_the_first_word_is_parted_from_the_rest(text, parts):
    assert split(text) == parts


def test_what_was_typed_is_not_shown_by_accident():
    assert "bob" not in repr(Line("bob key text"))


def test_misuse_says_how_it_would_be_right():
    command = Command("open", "@open NUMBER", "opens a secret", lambda *_: fail(UserError("", "")))
    error = command.misused()
    assert (error.code, str(error)) == ("usage", "Usage: @open NUMBER")
    assert tabulate(command) == {"open": command}


def test_a_failure_comes_in_its_turn():
    operation = fail(UserError("usage", "No."))
    with pytest.raises(UserError, match="No"):
        next(operation)
