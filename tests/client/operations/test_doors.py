import msgspec
import pytest

from geventim.chat.replies import ConversationInfo, ListedRoom, Opened, RoomList
from geventim.chat.requests import CreateRoom, ListRooms, OpenRoom
from geventim.chat.values import Kind
from geventim.client import answers
from geventim.client.operations import doors
from geventim.client.steps.effects import RefusedError
from geventim.errors import PeerError, UserError

LOBBY = ConversationInfo(b"L" * 16, Kind.ROOM, "lobby", b"i" * 16)
NO_ROOM = RefusedError("no_room", "There is no room 'lobby'.")
TAKEN = RefusedError("name_taken", "The name 'lobby' is taken.")


def play(steps, *answers):
    """What was asked, and what came of it when the server gives these answers."""
    asked = [next(steps).request]
    try:
        for answer in answers:
            if isinstance(answer, RefusedError):
                asked.append(steps.throw(answer).request)
            else:
                asked.append(steps.send((Opened(id=0, conversation=answer), b"")).request)
    except StopIteration as end:
        return asked, end.value
    except (UserError, PeerError) as error:
        return asked, error
    raise AssertionError("it goes on")


def list_rooms(alice, after, *rooms, more=False):
    """What is told when the server lists these."""
    steps = doors.list_rooms(alice.agent.context, after)
    assert next(steps).request == ListRooms(id=0, after=after)
    try:
        steps.send((RoomList(id=0, rooms=rooms, more=more), b""))
    except StopIteration as end:
        return end.value
    raise AssertionError("it goes on")


def test_rooms_are_listed_with_those_that_one_is_in(world, alice):
    listed = list_rooms(alice, "", ListedRoom("den", keyed=True), ListedRoom("Lobby"), more=True)
    assert listed.rooms == (answers.Room("den", True, False), answers.Room("Lobby", False, True))
    assert listed.more


def test_what_a_server_lists_is_shown_if_it_is_a_name_and_goes_on(alice):
    lies = ("b", "\x1b[2J", "a", "b", "B", "c d", "server", "", "c", "x" * 33)
    listed = list_rooms(alice, "a", *map(ListedRoom, lies))
    assert [room.name for room in listed.rooms] == ["b", "c"]
    nothing = list_rooms(alice, "z", *map(ListedRoom, lies), more=True)
    assert (nothing.rooms, nothing.more) == ((), False)


def test_a_room_is_found_by_its_name_in_any_case(alice):
    asked, info = play(doors.find("LOBBY"), LOBBY)
    assert (asked, info) == ([OpenRoom(id=0, name="LOBBY")], LOBBY)
    assert play(doors.find("lobby"), NO_ROOM)[1] is NO_ROOM


@pytest.mark.parametrize("fields", [{"name": "other"}, {"kind": Kind.GROUP, "founder": b"f" * 16}])
def test_something_else_that_is_opened_is_the_servers_fault(alice, fields):
    other = msgspec.structs.replace(LOBBY, **fields)
    for steps in (doors.find("lobby"), doors.make(alice.agent.context, "lobby")):
        assert isinstance(play(steps, other)[1], PeerError)


def test_the_first_room_is_found_or_made_and_another_one_is_not(alice):
    context = alice.agent.context
    assert play(doors.find_first(context, "lobby"), LOBBY)[1] == LOBBY
    asked, info = play(doors.find_first(context, "lobby"), NO_ROOM, LOBBY)
    assert ([type(each) for each in asked], info) == ([OpenRoom, CreateRoom], LOBBY)
    asked, error = play(doors.find_first(context, "den"), NO_ROOM)
    assert ([type(each) for each in asked], error) == ([OpenRoom], NO_ROOM)


def test_the_first_room_may_be_made_by_somebody_else_meanwhile(alice):
    steps = doors.find_first(alice.agent.context, "lobby")
    asked, info = play(steps, NO_ROOM, TAKEN, LOBBY)
    assert ([type(each) for each in asked], info) == ([OpenRoom, CreateRoom, OpenRoom], LOBBY)
    steps = doors.find_first(alice.agent.context, "lobby")
    assert play(steps, NO_ROOM, TAKEN, NO_ROOM)[1] is TAKEN


def test_two_creations_are_two_and_a_key_makes_a_gate(alice):
    context = alice.agent.context
    (one,), _ = play(doors.make(context, "den"), msgspec.structs.replace(LOBBY, name="den"))
    (two,), _ = play(
        doors.make(context, "den", bytes(64)), msgspec.structs.replace(LOBBY, name="den")
    )
    assert one.message_id != two.message_id
    assert one.gate is None
    assert two.gate is not None


def test_a_name_of_ones_own_is_not_free(alice):
    with pytest.raises(UserError) as caught:
        doors.check_free(alice.agent.context, "1obby")
    assert caught.value.code == "name_taken"
    doors.check_free(alice.agent.context, "den")
