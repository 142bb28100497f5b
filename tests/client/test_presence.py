import pytest

from geventim.chat import replies, requests
from geventim.chat.replies import Presence, PresenceChange, Turn
from geventim.chat.values import Status
from geventim.client.events import Departure, Joined, Left, Names, Notice, StatusChanged
from tests.client.scripted import ready


def test_others_come_go_and_change():
    scripted = ready()
    scripted.tell(
        Presence(
            changes=(
                PresenceChange("bob", Turn.JOINED),
                PresenceChange("bob", Turn.STATUS, Status.DND),
                PresenceChange("bob", Turn.QUIT),
                PresenceChange("carol", Turn.LOST),
            )
        )
    )
    assert scripted.events() == [
        Joined("bob"),
        StatusChanged("bob", Status.DND),
        Notice("bob is now 'dnd'."),
        Left("bob", Departure.QUIT),
        Left("carol", Departure.LOST),
    ]


@pytest.mark.parametrize("nick", ["alice", "[Server]", "a\nb", "\x1b[2J"])
def test_oneself_and_forged_names_are_not_told(nick):
    scripted = ready()
    scripted.tell(Presence(changes=tuple(PresenceChange(nick, turn) for turn in Turn)))
    assert scripted.events() == []


def test_names():
    scripted = ready()
    scripted.type("@names")
    scripted.expect(requests.ListNames)
    scripted.answer(replies.NameList, names=("alice", "b\nob", "carol"))
    assert scripted.events() == [
        Names(("alice", "carol")),
        Notice("Connected users: alice, carol"),
    ]


@pytest.mark.parametrize("status", ["normal", "dnd", "away", "DND"])
def test_another_status(status):
    scripted = ready()
    scripted.type(f"@status {status}")
    assert scripted.expect(requests.SetStatus).status == status.lower()
    assert scripted.events() == []
    scripted.answer(replies.Ok)
    scripted.type("@status")
    assert scripted.events() == [
        Notice(f"Your status has been changed to '{status.lower()}'."),
        Notice(f"Your current status is '{status.lower()}'."),
    ]


def test_a_status_that_does_not_exist():
    scripted = ready()
    scripted.type("@status asleep")
    assert scripted.asked() == []
    (event,) = scripted.events()
    assert event.text == "Invalid status. Use '@status normal', '@status dnd', or '@status away'."


def test_a_refused_status_is_not_taken_on():
    scripted = ready()
    scripted.type("@status away", "@status")
    scripted.refuse("storage_failed", "The server could not store this.", "Try again later.")
    assert scripted.events() == [
        Notice("The server could not store this. Try again later.", "storage_failed"),
        Notice("Your current status is 'normal'."),
    ]
