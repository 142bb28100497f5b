import pytest

from geventim.chat.values import Kind, Status
from geventim.client import answers
from geventim.client.people.trust import Standing
from geventim.terminal.screen.conversation.items import Delivery, Said
from geventim.terminal.screen.world import World
from tests.terminal.screen.play import NOON, conversation, identify

NOBODY = "00" * 16


def member(nick, standing=Standing.UNVERIFIED):
    return answers.Member(nick, NOBODY, standing)


@pytest.fixture
def world():
    world = World("ana", "lobby", lambda: 1_000.0)
    world.list_conversations((conversation("lab"), conversation("lobby", keyed=True)))
    return world


def test_one_begins_in_the_room_that_was_entered(world):
    assert world.rooms.current.name == "lobby"
    assert world.rooms.current.keyed


def test_what_was_said_before_that_is_seen_there():
    world = World("ana", "lobby", lambda: 1_000.0)
    world.remark("first contact")
    world.list_conversations((conversation("lab"),))
    assert [item.text for item in world.timeline.items] == ["first contact"]


def test_a_conversation_is_as_it_is_told(world):
    told = conversation(
        "lab", trust=Standing.CHANGED, unread=3, mentions=1, muted=True, draft="dra", members=2
    )
    world.list_conversations((conversation("lobby"), told))
    room = world.rooms.named("lab")
    assert (room.unread, room.mentions, room.muted, room.editor.text) == (3, 1, True, "dra")
    assert room.standing is Standing.CHANGED
    world.list_conversations((conversation("lab", members=1),))
    assert room.standing is None
    assert room.editor.text == ""


def test_what_is_being_typed_is_not_replaced(world):
    room = world.rooms.current
    room.editor.set("typing")
    world.list_conversations((conversation("lobby", draft="of another program"),))
    assert room.editor.text == "typing"


def test_who_is_there_stands_before_who_is_not(world):
    room = world.rooms.current
    world.list_members(room, (member("dan"), member("bo"), member("ana")))
    world.list_people(("bo",))
    assert [(each.nick, each.status) for each in world.people(room)] == [
        ("ana", "normal"), ("bo", "normal"), ("dan", ""),
    ]  # fmt: skip


def test_a_survey_tells_everything(world):
    world.survey(
        answers.Snapshot(
            "run-1", "ana", "host:1", answers.Connection.ONLINE, "lobby", Status.AWAY,
            (conversation("lobby"),), {identify("lobby"): (member("bo"),)},
            (answers.Present("bo", Status.DND),),
        )
    )  # fmt: skip
    assert world.is_connected
    assert world.own_status is Status.AWAY
    assert [room.name for room in world.rooms] == ["lobby"]
    assert [(each.nick, each.status) for each in world.people(world.rooms.current)] == [
        ("bo", "dnd")
    ]


def test_what_is_said_is_queued_and_then_sent(world):
    room = world.rooms.current
    world.queue(room, "hello", "w1")
    assert room.timeline.messages[0].delivery is Delivery.QUEUED
    world.settle(room, "w1", "ab" * 16)
    sent = room.timeline.find("ab" * 16)
    assert (sent.text, sent.delivery) == ("hello", Delivery.SENT)


def test_what_was_told_meanwhile_is_not_there_twice(world):
    room = world.rooms.current
    world.queue(room, "hello", "w1")
    world.queue(room, "hello", "w2")
    world.settle(room, "w1", "ab" * 16)
    world.settle(room, "w2", "ab" * 16)
    assert len(room.timeline.messages) == 1


def test_what_is_refused_stays_with_its_reason_or_goes(world):
    room = world.rooms.current
    world.queue(room, "one", "w1")
    world.queue(room, "two", "w2")
    world.refuse(room, "w1", "too large")
    world.withdraw(room, "w2")
    (left,) = room.timeline.messages
    assert (left.text, left.delivery, left.reason) == ("one", Delivery.REFUSED, "too large")
    world.settle(room, "w9", "")
    world.refuse(room, "w9", "")
    world.withdraw(room, "w9")


def test_what_is_seen_is_read(world):
    room = world.rooms.current
    world.focus(False)
    room.unread = 3
    world.look()
    assert room.unread == 3
    world.focus(True)
    assert room.unread == 0


def test_what_was_seen_is_read_although_it_is_told_later_that_it_is_not():
    world = World("ana", "lobby", lambda: NOON)
    room = world.rooms.have(identify("lobby"), "lobby", Kind.ROOM)
    world.rooms.current = room
    room.timeline.add(Said("k", "bo", "seen", NOON, order=3))
    world.leave(room)
    assert room.is_unread
    room.is_unread, room.marked = False, 3
    world.leave(room)
    assert not room.is_unread
