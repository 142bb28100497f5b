import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.lines.grammar import Call, Text, parse


@pytest.mark.parametrize(
    ("line", "sign", "word", "rest"),
    [
        ("@bob  how are  you ", "@", "bob", "how are  you"),
        (" \t/Names", "/", "Names", ""),
        ("@", "@", "", ""),
        ("@ text", "@", "", "text"),
        ("/@bob hi", "/", "@bob", "hi"),
        ("#den hello", "#", "den", "hello"),
        ("\ufeff\u200b@bob hi", "@", "bob", "hi"),
        ("\uff20bob hi", "@", "bob", "hi"),
    ],
)
def test_a_sign_makes_a_call(line, sign, word, rest):
    call = parse(line)
    assert isinstance(call, Call)
    assert (call.sign, call.word, call.rest, call.text) == (sign, word, rest, line)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("hello @bob", "hello @bob"),
        ("", ""),
        ("\u200b", "\u200b"),
        ("@@bob hi", "@bob hi"),
        (" //quit", "/quit"),
        ("##den", "#den"),
        ("## a heading", "## a heading"),
        ("#12 is fixed", "#12 is fixed"),
    ],
)
def test_everything_else_is_a_text(line, text):
    assert parse(line) == Text(text)


@pytest.mark.parametrize(
    ("line", "head"),
    [
        ("/usr/bin/x", "usr"),
        ("/group/send", "group"),
        ("/usr", ""),
        ("/a@b/c", ""),
        ("@app.route('/')", "app.route"),
        ("@bob", ""),
        ("@Property", "Property"),
        ("@property of bob", ""),
        ("#den/x y", ""),
    ],
)
def test_code_and_paths_are_recognised(line, head):
    call = parse(line)
    assert isinstance(call, Call)
    assert call.head == head


def test_what_was_typed_is_not_shown():
    assert "secret" not in repr(parse("@bob secret")) + repr(parse("secret"))


@given(st.text())
def test_any_line_is_one_of_them(line):
    said = parse(line)
    assert isinstance(said, Text | Call)
    if isinstance(said, Text):
        assert said.text in line
    else:
        assert said.text == line
        assert said.word in line
