import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.sanitizer import MARKS, sanitize


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text, 100 % ~ harmless",
        "grüße, привет, 你好, שלום, مرحبا, हिन्दी",
        "👍🏽 👨‍👩‍👧 ☕️",
        "می‌خواهم",
        "e\u0301 e\u0302\u0323",
        "\u00a0 \u3000",
    ],
)
def test_what_people_write_is_left_alone(text):
    assert sanitize(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b]0;title\x07", "␛[2J␛]0;title␇"),
        ("one\r\n[Server]: two", "one␍␊[Server]: two"),
        ("tab\tnul\0del\x7f", "tab␉nul␀del␡"),
        ("\x9b31m", "<U+009B>31m"),
        ("\x85", "<U+0085>"),
        ("\u202egnp.exe", "<U+202E>gnp.exe"),
        ("\u2066a\u2069\u200f", "<U+2066>a<U+2069><U+200F>"),
        ("a\u2028b\u2029c", "a<U+2028>b<U+2029>c"),
        ("zero\u200bwidth\ufeff", "zero<U+200B>width<U+FEFF>"),
        ("\u200d", "<U+200D>"),
        ("a\u200db", "a<U+200D>b"),
        ("é\u200d\u200dé", "é<U+200D><U+200D>é"),
        ("\udc80", "<U+DC80>"),
        ("\U000e0041", "<U+E0041>"),
        ("\ue000", "<U+E000>"),
    ],
)
def test_what_would_be_obeyed_or_hidden_is_shown(text, shown):
    assert sanitize(text) == shown


def test_towers_of_marks_are_cut():
    assert sanitize("a" + "\u0301" * 50 + "b") == "a" + "\u0301" * MARKS + "b"


@given(st.text())
def test_nothing_is_left_to_obey(text):
    shown = sanitize(text)
    assert len(shown.splitlines()) <= 1
    for char in shown:
        category = unicodedata.category(char)
        assert category not in {"Cc", "Cs", "Co", "Zl", "Zp"}
        assert category != "Cf" or char in "\u200c\u200d"
    shown.encode()


@given(st.text())
def test_it_is_settled_after_one_time(text):
    assert sanitize(sanitize(text)) == sanitize(text)
