import pytest

from geventim.chat import replies
from geventim.chat.replies import Change, Presence, PresenceChange
from geventim.chat.values import Status
from geventim.client.events import Departure, Joined, Left, Names, Notice, StatusChanged


def test_others_come_go_and_change(alice):
    alice.tell(
        Presence(
            changes=(
                PresenceChange("bob", Change.JOINED),
                PresenceChange("bob", Change.STATUS, Status.DND),
                PresenceChange("bob", Change.QUIT),
                PresenceChange("carol", Change.LOST),
            ),
            before=1,
        )
    )
    assert alice.news() == [
        Joined("bob"),
        StatusChanged("bob", Status.DND),
        Notice("bob is now 'dnd'.", "status"),
        Left("bob", Departure.QUIT),
        Left("carol", Departure.LOST),
    ]


def test_only_what_came_after_the_login_is_told(world):
    (dave,) = world.enter("dave")
    _, alice, _ = world.enter("bob", "alice", "eve")  # all of them in one event
    heard = {
        person.nick: [event.nick for event in person.events if isinstance(event, Joined)]
        for person in (dave, alice)
    }
    assert heard == {"dave": ["bob", "alice", "eve"], "alice": ["eve"]}


@pytest.mark.parametrize("nick", ["alice", "[Server]", "a\nb", "\x1b[2J"])
def test_oneself_and_forged_names_are_not_told(alice, nick):
    alice.tell(Presence(changes=tuple(PresenceChange(nick, turn) for turn in Change), before=1))
    assert alice.news() == []


def test_names(world, alice):
    def forge(message, payload):
        if isinstance(message, replies.NameList):
            message = replies.NameList(id=message.id, names=("alice", "b\nob", "carol"))
        yield message, payload

    alice.tamper = forge
    alice.say("@names")
    world.run()
    assert alice.news() == [
        Names(("alice", "carol")),
        Notice("Connected users: alice, carol"),
    ]


@pytest.mark.parametrize("status", ["normal", "dnd", "away", "DND"])
def test_another_status(world, alice, status):
    alice.say(f"@status {status}", "@status")
    world.run()
    assert alice.news() == [
        Notice(f"Your status has been changed to '{status.lower()}'."),
        Notice(f"Your current status is '{status.lower()}'."),
    ]
    assert world.store.account_named("alice").status == status.lower()


def test_a_status_that_does_not_exist(world, alice):
    alice.say("@status asleep")
    world.run()
    (event,) = alice.news()
    assert event.text == "Invalid status. Use '@status normal', '@status dnd', or '@status away'."


def test_a_refused_status_is_not_taken_on(world, alice):
    world.journal.failing = True
    alice.say("@status away")
    world.run()
    world.journal.failing = False
    alice.say("@status")
    world.run()
    refused, status = alice.news()
    assert refused.code == "storage_failed"
    assert status == Notice("Your current status is 'normal'.")
