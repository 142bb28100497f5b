import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.client.said.emoji import find_emoji, is_emoji, spell_out
from geventim.client.sealing.content import EMOJI_SIZE

EMOJI = [
    "👍",
    "👍🏽",
    "❤️",
    "❤",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "🇩🇪",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "1️⃣",
    "#⃣",
    "☺",
    "™",
    "🫠",
]


@pytest.mark.parametrize("text", EMOJI)
def test_an_emoji_is_one(text):
    assert is_emoji(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "1",
        "👍👍",
        "👍 ",
        "\u200d",
        "\u202e",
        "👍\u202e",
        "👍\u0301",
        "\ufe0f",
        "🇩",
        "🇩🇪🇩",
        "👍\n",
        "👩\u200d" * 3,
        "👨🏿‍❤️‍💋‍👨🏿",
        "\x1b[2J",
        "<b>",
        "e\u0301",
        "🏴\U000e007f",
        "\ud83d",
    ],
)
def test_anything_else_is_none(text):
    assert not is_emoji(text)


@given(st.text())
def test_what_is_one_is_short(text):
    if is_emoji(text):
        assert len(text.encode()) <= EMOJI_SIZE


def test_emoji_have_names():
    assert find_emoji("+1") == find_emoji(":thumbsup:") == find_emoji("👍") == "👍"
    assert find_emoji("Tada") == "🎉"
    assert find_emoji("no such thing") is None
    assert find_emoji("") is None


def test_names_are_spelled_out_where_there_are_such():
    assert spell_out("well :tada: at 10:30:45 :nothing:") == "well 🎉 at 10:30:45 :nothing:"
