import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.crypto.readable import decode_key, encode_key, format_key, generate_key
from geventim.errors import UserError

keys = st.binary(max_size=64)
spacing = st.text(" -\t\n\u00a0\u2003", max_size=3)


def refuses(text: str, size: int) -> bool:
    try:
        decode_key(text, size)
    except UserError as error:
        return error.code == "bad_key"
    return False


@pytest.mark.parametrize(
    ("key", "text"),
    [
        # RFC 4648 §10, in lower case and without padding.
        (b"", ""),
        (b"f", "my"),
        (b"fo", "mzxq"),
        (b"foo", "mzxw6"),
        (b"foob", "mzxw6yq"),
        (b"fooba", "mzxw6ytb"),
        (b"foobar", "mzxw6ytboi"),
    ],
)
def test_published_base32(key, text):
    assert encode_key(key) == text
    assert decode_key(text, len(key)) == key


@pytest.mark.parametrize(("size", "length"), [(16, 26), (32, 52)])
def test_lengths_that_the_design_names(size, length):
    assert len(encode_key(bytes(size))) == length


@given(keys, st.data())
def test_reading_ignores_case_spaces_and_hyphens(key, data):
    text = encode_key(key)
    typed = data.draw(spacing)
    for character in text:
        typed += data.draw(st.sampled_from([character, character.upper()])) + data.draw(spacing)
    assert decode_key(typed, len(key)) == key


@given(keys)
def test_groups_keep_every_character(key):
    text = encode_key(key)
    groups = format_key(text).split(" ")
    assert "".join(groups) == text
    assert all(len(group) == 4 for group in groups[:-1])
    assert len(groups[-1]) <= 4
    assert format_key(format_key(text)) == format_key(text)
    assert decode_key(format_key(text), len(key)) == key


def test_groups_of_128_bits():
    assert format_key("abcdefghijklmnopqrstuvwxyz") == "abcd efgh ijkl mnop qrst uvwx yz"
    assert format_key("ABcd-efgh ij") == "ABcd efgh ij"


@given(st.binary(min_size=1, max_size=40), st.integers(0, 80))
def test_keys_of_another_size_are_refused(key, size):
    assert refuses(encode_key(key), size) == (size != len(key))


@given(st.text(max_size=40), st.sampled_from([0, 1, 5, 16]))
def test_any_text_is_a_key_or_refused(text, size):
    if not refuses(text, size):
        compact = "".join(text.split()).replace("-", "").lower()
        assert encode_key(decode_key(text, size)) == compact


@pytest.mark.parametrize(("size", "spare"), [(1, 2), (2, 4), (3, 1), (4, 3), (16, 2), (32, 4)])
def test_spare_bits_must_be_zero(size, spare):
    text = encode_key(b"\xff" * size)
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    last = alphabet.index(text[-1])
    for bits in range(1, 1 << spare):
        assert refuses(text[:-1] + alphabet[last | bits], size)


@pytest.mark.parametrize("length", [1, 3, 6])
def test_lengths_that_no_key_has_are_refused(length):
    for size in range(6):
        assert refuses("a" * length, size)


@pytest.mark.parametrize(
    "character",
    [
        "\u017f",  # long s, whose upper case is S
        "\u212a",  # the Kelvin sign, whose lower case is k
        "\u0131",  # dotless i, whose upper case is I
        "\u00df",  # sharp s, whose upper case is SS
        "\ufb01",  # a ligature, whose upper case is FI
        "\uff41",  # a fullwidth a
        "\u0430",  # a Cyrillic letter that looks like a
        "\u0662",  # an Arabic-Indic two
        "\ud800",  # half a surrogate pair
        "0",
        "1",
        "8",
        "9",
        "=",
        "_",
        "\u2011",  # a hyphen that is not the one of ASCII
        "\0",
    ],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_other_characters_are_refused(character):
    text = encode_key(bytes(range(16)))
    for position in range(len(text) + 1):
        assert refuses(text[:position] + character + text[position:], 16)
        assert refuses(text[:position] + character + text[position + 1 :], 16)
        assert refuses(text[:position] + character + text[position + 2 :], 16)


def test_generated_keys_differ_and_read_back():
    generated = {generate_key() for _ in range(100)}
    assert len(generated) == 100
    assert all(len(decode_key(text, 16)) == 16 for text in generated)


def test_a_refusal_says_what_a_key_looks_like_but_not_what_was_typed():
    with pytest.raises(UserError) as refused:
        decode_key("my secret k3y!", 16)
    assert "26 characters" in str(refused.value)
    assert "secret" not in repr(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
