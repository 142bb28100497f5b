"""A snapshot says what everything was told about since."""

from geventim.chat.values import Kind, Status
from geventim.client.answers import Connection
from geventim.client.events import Message
from geventim.client.operations import survey


def take(person):
    return survey.take(person.agent.context, person.agent.phase, "run-1")


def test_everything_is_there(world, alice, bob):
    alice.say("@status away", "@bob hi", "@group set team bob")
    world.advance()
    shot = take(alice)
    assert (shot.n, shot.nick, shot.room, shot.status) == ("run-1", "alice", "lobby", Status.AWAY)
    assert shot.connection is Connection.ONLINE
    kinds = {each.name: each.kind for each in shot.conversations}
    assert kinds == {"lobby": Kind.ROOM, "bob": Kind.DM, "team": Kind.GROUP}
    for each in shot.conversations:
        assert {member.nick for member in shot.members[each.id]} == {"alice", "bob"}


def test_people_are_those_that_were_told(world, alice, bob):
    bob.say("@status dnd")
    world.advance()
    assert [(each.nick, each.status) for each in take(alice).people] == [("bob", Status.DND)]
    bob.say("@quit")
    world.advance()
    assert take(alice).people == ()


def test_who_has_come_before_is_known_once_it_was_asked(world, alice, bob):
    assert take(bob).people == ()
    bob.say("@names")
    world.advance()
    assert [each.nick for each in take(bob).people] == ["alice"]


def test_without_a_connection_it_says_so(world, alice, bob):
    alice.drop()
    shot = take(alice)
    assert shot.connection is Connection.OFFLINE
    assert [each.name for each in shot.conversations] == ["lobby"]


def test_what_the_server_has_not_confirmed_is_queued(world, alice, bob):
    alice.say("@bob hi")
    world.advance()
    alice.drop()
    alice.say("one", "two", "@bob three", "@carol four")
    queued = take(alice).queued
    assert [(each.conversation, each.message) for each in queued] == [
        ("lobby", "one"),
        ("lobby", "two"),
        ("bob", "three"),
        ("carol", "four"),
    ]
    told = [(each.message_id, each.message) for each in alice.events if isinstance(each, Message)]
    assert {(each.message_id, each.message) for each in queued} <= set(told)
    assert {(each.own, each.seq, each.order) for each in queued} == {(True, 0, 0)}
    assert take(bob).queued == ()
    alice.start()
    world.advance()
    assert [each.message for each in take(alice).queued] in ([], ["four"])
