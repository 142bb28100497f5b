import pytest

from geventim.chat.values import EntryKind
from geventim.client.content import Content, ContentKind, encode
from geventim.client.events import Error, Group, GroupAction, Message, Notice, Secret
from tests.client.scripted import BOB, FRIENDS, LOBBY, NOW, ready


@pytest.mark.parametrize(
    ("conversation", "kind"),
    [
        (LOBBY, ContentKind.ROOM),
        (FRIENDS, ContentKind.GROUP),
        (BOB, ContentKind.PRIVATE),
    ],
)
def test_a_message_is_told(conversation, kind):
    scripted = ready(FRIENDS, BOB)
    scripted.message(1, "hi", conversation=conversation, kind=kind)
    assert scripted.events() == [Message(conversation.name, kind, "bob", "hi", NOW, 1)]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\0\0\0\2{}",
        encode(Content("carol", "hi", NOW, ContentKind.ROOM)),
        encode(Content("bob", "hi", NOW, ContentKind.PRIVATE)),
        encode(Content("bob", "hi", NOW, ContentKind.ROOM)) + b"!",
    ],
)
def test_a_bad_content_is_one_line_and_the_next_message_is_read(payload):
    scripted = ready()
    scripted.entry(1, payload=payload)
    scripted.message(2, "fine")
    bad, good = scripted.events()
    assert bad == Error("unreadable", "A message from bob could not be read and was skipped.")
    assert good.message == "fine"


def test_an_author_without_a_name_is_not_repeated():
    scripted = ready()
    scripted.message(1, "hi", author="[Server]")
    (event,) = scripted.events()
    assert event.code == "unreadable"
    assert "Server" not in event.text


def test_being_added_to_a_group():
    scripted = ready(FRIENDS)
    scripted.entry(1, conversation=FRIENDS, kind=EntryKind.COMMIT, added=("bob", "alice", "carol"))
    assert scripted.events() == [
        Group(GroupAction.ADDED, "friends", "bob"),
        Notice("You have been added to group 'friends' by bob."),
    ]


def test_others_being_added_is_not_about_the_user():
    scripted = ready(FRIENDS)
    scripted.entry(1, conversation=FRIENDS, kind=EntryKind.COMMIT, added=("carol",))
    assert scripted.events() == []


def test_somebody_leaves_a_group():
    scripted = ready(FRIENDS)
    scripted.entry(1, conversation=FRIENDS, kind=EntryKind.LEAVE)
    assert scripted.events() == [
        Group(GroupAction.LEFT, "friends", "bob"),
        Notice("bob left group friends."),
    ]


def test_a_group_is_deleted():
    scripted = ready(FRIENDS)
    scripted.entry(1, conversation=FRIENDS, kind=EntryKind.DELETE)
    assert scripted.events() == [
        Group(GroupAction.DELETED, "friends", "bob"),
        Notice("Group friends has been deleted."),
    ]


@pytest.mark.parametrize("kind", [EntryKind.COMMIT, EntryKind.LEAVE, EntryKind.DELETE])
def test_only_groups_tell_of_changes(kind):
    scripted = ready()
    scripted.entry(1, kind=kind, added=("alice",))
    assert scripted.events() == []


def test_a_secret_is_announced_and_kept():
    scripted = ready(BOB)
    payload = encode(Content("bob", "", NOW, ContentKind.SECRET, b"sealed"))
    scripted.entry(1, conversation=BOB, payload=payload)
    assert scripted.events() == [Secret(1, "bob", NOW)]
    assert {"secret/1", "last-secret"} <= set(scripted.agent.take_changes())
    assert not scripted.agent.asks_for_key


def test_a_secret_in_a_room_is_not_one():
    scripted = ready()
    scripted.entry(1, payload=encode(Content("bob", "", NOW, ContentKind.SECRET, b"sealed")))
    assert [event.code for event in scripted.events()] == ["unreadable"]
