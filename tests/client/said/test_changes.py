import pytest

from geventim.client.said.changes import Edit, Opinion, Retraction, read_change
from geventim.client.sealing.content import Content, ContentKind, Format, Reaction

ABOUT, BOB = bytes(range(16)), b"b" * 16


def said(message="", **members):
    return Content("bob", message, 1.0, ContentKind.GROUP, **members)


def test_what_is_said_changes_what_it_says():
    assert read_change(said("new", replaces=ABOUT), BOB, 7) == Edit(ABOUT, BOB, "bob", 7, "new")
    plain = said("new", replaces=ABOUT, format=Format.PLAIN)
    assert read_change(plain, BOB, 7) == Edit(ABOUT, BOB, "bob", 7, "new", is_plain=True)
    assert read_change(said(retracts=ABOUT), BOB, 7) == Retraction(ABOUT, BOB, "bob", 7)
    assert read_change(said(retracts=ABOUT), BOB, 7, is_founder=True) == Retraction(
        ABOUT, BOB, "bob", 7, by_founder=True
    )
    for emoji in ("👍", ""):
        reaction = said(reaction=Reaction(ABOUT, emoji))
        assert read_change(reaction, BOB, 7) == Opinion(ABOUT, BOB, "bob", 7, emoji)


@pytest.mark.parametrize(
    "content",
    [said("hi"), said("", replaces=ABOUT), said(reaction=Reaction(ABOUT, "no")), said(read=3)],
)
def test_anything_else_changes_nothing(content):
    assert read_change(content, BOB, 7) is None


def test_it_is_known_how_much_it_takes():
    assert Edit(ABOUT, BOB, "bob", 7, "ü" * 100).size == 264
    assert Retraction(ABOUT, BOB, "bob", 7).size == 64


def test_no_repr_shows_the_text():
    assert "new" not in repr(Edit(ABOUT, BOB, "bob", 7, "new"))
