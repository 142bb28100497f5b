import unicodedata
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.chat.names import fold, skeleton
from geventim.chat.normal import BREAK, ROW, break_up, compose


@pytest.mark.parametrize(
    "text", ["", "plain", "e\u0301\u0323", "ﬁ", "한국어", "ก" + "\u0e49" * ROW, "漢" * 100]
)
def test_what_people_write_gets_its_normal_form(text):
    assert compose(text) == unicodedata.normalize("NFKC", text)


def test_a_long_row_is_broken_up():
    assert break_up("a" + "\u0301" * 65) == "a" + BREAK.join(["\u0301" * 30] * 2 + ["\u0301" * 5])


@pytest.mark.parametrize("read", [compose, fold, skeleton])
@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0301\u0316" * 14_500,
        "\u0344\u0316" * 14_500,
        "\u0f73\u0f71" * 10_000,
        "\u0345\u0316" * 14_500,
        "\U0001d165\u0316" * 8_000,
    ],
)
def test_no_text_takes_longer_than_its_length_allows(read, text):
    began = process_time()
    read(text)
    assert process_time() - began < 0.25


@given(st.text("a\u00e9\u0301\u0316\u0323\u0345\u0f73\ufdfa", max_size=400))
def test_rows_are_short_afterwards(text):
    row = longest = 0
    for char in unicodedata.normalize("NFKD", compose(text)):
        row = row + 1 if unicodedata.combining(char) else 0
        longest = max(longest, row)
    assert longest <= 3 * ROW
