import os
import pty
import tty

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.errors import UserError
from geventim.terminal.input import Input, LineSplitter


def split(*pieces, limit=1000):
    splitter = LineSplitter(limit)
    items = [item for piece in pieces for item in splitter.feed(piece)] + splitter.end()
    return [item.code if isinstance(item, UserError) else item for item in items]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"one\ntwo\nthree\n", ["one", "two", "three"]),
        (b"one\r\ntwo\r\n", ["one", "two"]),
        (b"one\ntwo", ["one", "two"]),
        (b"\n\n", ["", ""]),
        (b"a\rb\n", ["a\rb"]),
        ("grüße\n".encode(), ["grüße"]),
        ("a\u2028b\x85\n".encode(), ["a\u2028b\x85"]),
        (b"\xff\nfine\n", ["not_text", "fine"]),
        (b"\xff", ["not_text"]),
        (b"\xed\xa0\x80\n", ["not_text"]),
    ],
)
def test_lines(data, lines):
    assert split(data) == lines
    assert split(*(bytes([byte]) for byte in data)) == lines


def test_a_line_too_long_is_one_error_and_not_kept():
    splitter = LineSplitter(limit=10)
    assert splitter.feed(b"x" * 10) == []
    (error,) = splitter.feed(b"x")
    assert error.code == "too_large"
    for _ in range(100):
        assert splitter.feed(b"x" * 1000) == []
    assert splitter._held is None
    assert splitter.feed(b"x\nnext\n") == ["next"]


def test_the_longest_line_is_one():
    assert split(b"x" * 10 + b"\n", b"y" * 11 + b"\n", b"z\n", limit=10) == [
        "x" * 10,
        "too_large",
        "z",
    ]


def test_a_long_line_without_an_end_is_one_error():
    assert split(b"x" * 50, b"x" * 50, limit=10) == ["too_large"]


@given(
    st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]))), st.data()
)
def test_pieces_make_no_difference(lines, data):
    stream = "".join(f"{line}\n" for line in lines).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [
        stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
    ]
    assert split(*pieces, limit=10**6) == [line.removesuffix("\r") for line in lines]


def test_a_pipe_is_read_to_its_end():
    reading, writing = os.pipe()
    os.write(writing, b"one\ntw")
    lines = iter(Input(reading))
    assert next(lines) == "one"
    os.write(writing, b"o\nthree")
    os.close(writing)
    assert list(lines) == ["two", "three"]
    os.close(reading)


def test_a_file_is_read_to_its_end(tmp_path):
    path = tmp_path / "lines"
    path.write_text("one\n" * 50_000)
    with path.open("rb") as file:
        assert sum(line == "one" for line in Input(file.fileno())) == 50_000


def test_the_null_device_is_empty():
    with open(os.devnull, "rb") as file:
        assert list(Input(file.fileno())) == []


def test_what_is_not_open_is_empty():
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)
    assert list(Input(reading)) == []


def test_a_terminal_is_read_line_by_line_and_left_blocking():
    leader, follower = pty.openpty()
    os.write(leader, b"one\ntwo\n")
    lines = iter(Input(follower))
    assert [next(lines), next(lines)] == ["one", "two"]
    assert os.get_blocking(follower)
    os.write(leader, b"\x04")
    assert list(lines) == []
    os.close(leader)
    os.close(follower)


@pytest.mark.parametrize("length", [4095, 5000])
def test_a_line_that_a_terminal_may_have_cut_off_is_not_taken_for_a_whole_one(length):
    leader, follower = pty.openpty()
    lines = iter(Input(follower))
    os.write(leader, b"x" * length + b"\nnext\n" + b"y" * 4094 + b"\n")
    assert next(lines).code == "too_large"
    assert [next(lines), next(lines)] == ["next", "y" * 4094]
    os.close(leader)
    os.close(follower)


def test_a_terminal_that_cuts_nothing_off_has_long_lines():
    leader, follower = pty.openpty()
    tty.setraw(follower)
    lines = iter(Input(follower))
    os.write(leader, b"x" * 3000)
    os.write(leader, b"x" * 3000 + b"\n")
    assert next(lines) == "x" * 6000
    os.close(leader)
    os.close(follower)


def test_a_terminal_that_goes_away_is_an_end():
    leader, follower = pty.openpty()
    lines = iter(Input(follower))
    os.close(leader)
    assert list(lines) == []
    os.close(follower)


def test_a_pipe_that_somebody_made_non_blocking_is_waited_for():
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.write(writing, b"one\n")
    lines = iter(Input(reading))
    assert next(lines) == "one"
    os.close(writing)
    assert list(lines) == []
    os.close(reading)
