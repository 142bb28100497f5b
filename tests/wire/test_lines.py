import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.errors import UserError
from geventim.wire.lines import LineSplitter


def too_large():
    return UserError("too_large", "That line is too long.")


def split(*pieces, limit=1000):
    splitter = LineSplitter(limit, too_large)
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
    splitter = LineSplitter(10, too_large)
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
