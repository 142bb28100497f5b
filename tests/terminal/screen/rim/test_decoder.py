import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.screen.rim.decoder import LONGEST_PASTE, Decoder, Pasted


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"aB", ["a", "B"]),
        ("é漢😀".encode(), ["é", "漢", "😀"]),
        (b"\r", ["enter"]),
        (b"\x1b\r", ["meta enter"]),
        (b"\x1ba\x1b1", ["meta a", "meta 1"]),
        (b"\x10\x18\x05", ["ctrl p", "ctrl x", "ctrl e"]),
        (b"\x1b[A\x1b[5~\x1bOP", ["up", "page up", "f1"]),
        (b"\x1b[1;5D", ["ctrl left"]),
        (b"\x7f\x1b\x7f", ["backspace", "meta backspace"]),
        (b"\x1b[I\x1b[O", ["focus in", "focus out"]),
        (b"\x1f", ["ctrl _"]),
        (b"\xff", []),
        (b"\x1b[200~a\nb\x1b[201~c", [Pasted("a\nb"), "c"]),
        (b"x\x1b[200~\x1b[201~", ["x", Pasted("")]),
    ],
)
def test_bytes_are_keys_however_they_come(data, keys):
    assert Decoder().feed(data) == keys
    decoder = Decoder()
    assert [key for byte in data for key in decoder.feed(bytes([byte]))] == keys


def test_an_escape_alone_is_a_key_when_nothing_follows():
    decoder = Decoder()
    assert decoder.feed(b"\x1b") == []
    assert decoder.is_waiting
    assert decoder.feed(b"", more=False) == ["esc"]
    assert not decoder.is_waiting


def test_a_paste_is_never_keys():
    (pasted,) = Decoder().feed(b"\x1b[200~\x03\x1b[A\r\x1b[201~")
    assert pasted == Pasted("\x03\x1b[A\r")
    assert "A" not in repr(pasted)


def test_a_paste_that_does_not_end_is_cut():
    decoder = Decoder()
    decoder.feed(b"\x1b[200~")
    for _ in range(12):
        decoder.feed(b"x" * (1024 * 1024))
    (pasted,) = decoder.feed(b"\x1b[201~")
    assert len(pasted.text) <= LONGEST_PASTE + 6


def test_many_bytes_are_read_at_once():
    assert Decoder().feed(b"ab" * 5_000) == ["a", "b"] * 5_000


@given(st.lists(st.binary(max_size=12), max_size=12))
def test_any_bytes_are_keys_or_nothing(pieces):
    decoder = Decoder()
    for piece in pieces:
        assert all(isinstance(key, str | Pasted) for key in decoder.feed(piece))
    decoder.feed(b"", more=False)
