import pytest

from geventim.chat.values import Kind
from geventim.terminal.screen.attention import Attention, Level, Preview, unread_title


@pytest.mark.parametrize(
    ("preview", "title", "text"),
    [
        (Preview.FULL, "bo in #lab", "psst"),
        (Preview.SENDER, "bo in #lab", "New message"),
        (Preview.NONE, "geventim", "New message"),
    ],
)
def test_a_notice_shows_as_much_as_one_wants(preview, title, text):
    alert = Attention(preview).alert("#lab", Kind.ROOM, "bo", "psst")
    assert (alert.title, alert.text) == (title, text)
    assert "psst" not in repr(alert)


def test_in_a_private_conversation_the_place_is_the_person():
    assert Attention().alert("@bo", Kind.DM, "bo", "x").title == "bo"


def test_the_title_has_the_count():
    assert unread_title("#lab", [0, 2, 1]) == "(3) #lab"
    assert unread_title("#lab", []) == "#lab"


@pytest.mark.parametrize(
    ("level", "any_message", "for_user"),
    [(Level.ALL, True, True), (Level.MENTIONS, False, True), (Level.NONE, False, False)],
)
def test_each_conversation_has_its_level(level, any_message, for_user):
    here = Attention(level=level)
    there = Attention(levels={"#lab": level})
    for attention in (here, there):
        assert attention.calls("#Lab", is_for_user=False) is any_message
        assert attention.calls("#Lab", is_for_user=True) is for_user
    assert there.calls("#lobby", is_for_user=True)
    assert not Attention(quiet=True, level=level).calls("#lab", is_for_user=True)
