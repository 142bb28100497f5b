import re
import unicodedata
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.sanitizer import MARKS, SIGNS, sanitize


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
        "ที่นี่ ผู้ใหญ่ กำ",
        "क्षेत्रज्ञ ड़ाँ ज्‍य",
        "\u05e9\u05c1\u05bc\u05b8\u05bd\u05dc\u05d5\u05b9\u05dd",
        unicodedata.normalize("NFD", "Tiếng Việt, nghĩa, được"),
        unicodedata.normalize("NFD", "한국어"),
        "မြန်မာ ကြွေးကြော် မြှောင့်",
        "བསྒྲུབས ཧཱུྃ",
        "مُحَمَّدٌ",
        "❤️‍🔥 🏳️‍🌈 🧑🏽‍🚀 1️⃣ 🇫🇷",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Alba",
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
        ("\U0001f3f4\U000e0067\U000e007f", "\U0001f3f4<U+E0067><U+E007F>"),
        ("é\u200d\u202eé", "é<U+200D><U+202E>é"),
        ("\ue000", "<U+E000>"),
    ],
)
def test_what_would_be_obeyed_or_hidden_is_shown(text, shown):
    assert sanitize(text) == shown


@pytest.mark.parametrize(
    "mark",
    [
        "\u0301",
        "\u0e49",
        "\u05b8",
        "\u0951",
        "\u064e",
        "\u0f71",
        "\u20dd",
        "\u0488",
        "\u1cd0",
        "\ufe0f",
    ],
)
@pytest.mark.parametrize("base", ["a", "ก", "क", "א", "👍"])
def test_towers_of_marks_of_any_script_are_cut(base, mark):
    assert sanitize(base + mark * 5_000 + "b") == base + mark * MARKS + "b"


@pytest.mark.parametrize(
    "between", ["\u200d", "\u200c", "\u034f", "\u0e31", "\u1160", "\u11a8", "\ufe0f"]
)
def test_towers_are_cut_whatever_is_between_their_marks(between):
    shown = sanitize("ก" + ("\u0e49" + between) * 5_000 + "ข")
    assert len(shown) < 100


def test_towers_are_cut_where_signs_are_beside_them():
    shown = sanitize("က" + "\u1032\u1031" * 5_000)
    assert len(shown) <= 1 + SIGNS
    assert sanitize("က" + "\u1031" * 5_000) == "က" + "\u1031" * SIGNS


def test_a_long_text_is_made_safe_in_a_time_that_grows_with_it():
    alphabet = "a\u0301\u0316\u200d\u1031\u202e\U0001f3f4\U000e0067"
    for text in (alphabet * 8_000, "\U0001f3f4\U000e0067" * 32_000, "\u0301" * 64_000):
        began = process_time()
        sanitize(text)
        assert process_time() - began < 1.0


TEXTS = st.text() | st.text("aé\u0301\u200d\u202e\u1031\x1b\U0001f3f4\U000e0067\U000e007f")
FLAGS = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")


@given(TEXTS)
def test_nothing_is_left_to_obey(text):
    shown = FLAGS.sub("", sanitize(text))
    assert len(shown.splitlines()) <= 1
    for char in shown:
        category = unicodedata.category(char)
        assert category not in {"Cc", "Cs", "Co", "Zl", "Zp"}
        assert category != "Cf" or char in "\u200c\u200d"
    shown.encode()


@given(TEXTS)
def test_it_is_settled_after_one_time(text):
    assert sanitize(sanitize(text)) == sanitize(text)
