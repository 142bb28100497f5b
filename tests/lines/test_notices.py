import pytest

from geventim.lines.notices import sentence, some


@pytest.mark.parametrize(
    ("code", "facts", "text"),
    [
        ("kicked", {"name": "den", "nick": ""}, "The server has put you out of 'den'."),
        ("kicked", {"name": "den", "nick": "bob"}, "The server has put bob out of 'den'."),
        (
            "added",
            {"name": "team", "nick": "bob"},
            "You have been added to group 'team' by bob.",
        ),
        (
            "added",
            {"count": 1234, "nick": "bob", "others": True},
            "You have been added to 1,234 more groups by bob and others.",
        ),
        (
            "added",
            {"count": 2, "nick": "bob", "others": False},
            "You have been added to 2 more groups by bob.",
        ),
        ("status", {"nick": "bob", "others": 0, "status": "dnd"}, "bob is now 'dnd'."),
        (
            "status",
            {"nick": "bob", "others": 2, "status": "away"},
            "bob and 2 others are now 'away'.",
        ),
        (
            "waiting_for_turn",
            {"name": "den", "comes": True},
            "Your client waits for its turn to get into 'den'. What you type there goes out by"
            " itself after that.",
        ),
        (
            "members",
            {"name": "den", "names": ("alice", "bob"), "new": ("bob",), "gone": ("carol",)},
            "You are in 'den'. In it are: alice, bob. New since your client left off: bob."
            " Gone since your client left off: carol.",
        ),
    ],
)
def test_what_has_happened_is_said(code, facts, text):
    assert sentence(code, facts) == text


def test_many_are_counted():
    assert [some("bob", count) for count in (0, 1, 2_000)] == [
        "bob",
        "bob and 1 other",
        "bob and 2,000 others",
    ]
