import pytest

from geventim.client.events import Connected, Entered, Error, Notice, Speaker
from geventim.lines.commands import rooms
from geventim.service.bounds import Bounds


def type_in(world, person, *lines):
    """Type lines, and let them take effect; what came of them."""
    person.news()
    person.say(*lines)
    world.run()
    return person.news()


def said(text, code=""):
    return Notice(text, code, Speaker.CLIENT)


def test_lines_go_where_one_has_gone_last(world, alice, bob):
    entered, here = type_in(world, alice, "@create room den")
    assert (entered, here) == (
        Entered("den", alice.room("den").hex),
        said("You are in room 'den'."),
    )
    assert alice.lines.here.place == "#den"
    type_in(world, bob, "@join den")
    type_in(world, alice, "here", "@join lobby", "there")
    assert (bob.texts("den"), bob.texts("lobby")) == (["here"], ["there"])


def test_lines_behind_one_that_goes_nowhere_stay(world, alice, bob):
    error, _ = type_in(world, alice, "@join nowhere", "still here")
    assert error.code == "no_room"
    assert bob.texts("lobby") == ["still here"]


def test_rooms_are_listed_with_what_is_to_be_known(world, alice):
    type_in(world, alice, "@create room vault a long enough key")
    assert type_in(world, alice, "@rooms", "@groups") == [
        said("Rooms: lobby, vault (keyed, here)"),
        said("Groups: none"),
    ]


@pytest.mark.parametrize("bounds", [Bounds(rooms_listed=1)])
def test_rooms_that_one_can_join_are_listed_by_pages(world, alice, bob):
    assert type_in(world, alice, "@rooms all") == [said("Rooms that you can join: none")]
    type_in(world, bob, "@create room den", "@create room attic", "@create room vault abc def ghi")
    text = "Rooms that you can join: attic, den, vault (keyed)"
    assert type_in(world, alice, "@rooms all") == [said(text)]
    more = [f"room{number}" for number in range(rooms.PAGES - 3)]
    type_in(world, bob, *(f"@create room {name}" for name in more))
    text = "Rooms that you can join: " + ", ".join(["attic", "den", *more])
    assert type_in(world, alice, "@rooms ALL") == [said(text), said("There are more.")]
    (error,) = type_in(world, alice, "@rooms of bob")
    assert error.code == "usage"


@pytest.mark.parametrize("last", ["#den", "#team", "@bob"])
def test_who_comes_back_is_where_they_were(world, alice, bob, last):
    alice.resume()
    type_in(world, alice, "@create room den", "@group set team bob", f"@go {last}")
    world.advance()
    alice.start()
    alice.resume()
    alice.say("back again")
    world.advance()
    assert alice.lines.here.place == last
    assert said(f"You are in {last}, as last time.") in alice.news()
    assert alice.seen(Connected)[-1].room == last[1:]
    assert bob.texts("lobby") == []
    type_in(world, alice, "@go lobby")
    alice.start()
    alice.resume()
    world.advance()
    assert alice.lines.here.place == "#lobby"


def test_who_is_not_in_the_room_of_last_time_any_more_is_in_the_first_one(world, alice):
    alice.resume()
    type_in(world, alice, "@create room den")
    type_in(world, alice, "@leave den")
    alice.start()
    alice.resume()
    world.advance()
    assert alice.lines.here.place == "#lobby"
    assert alice.seen(Connected)[-1].room == "lobby"


def test_scripts_leave_it_as_it_was_and_are_in_the_first_room(world, alice):
    alice.resume()
    type_in(world, alice, "@create room den")
    alice.start()
    world.advance()
    assert alice.lines.here.place == "#lobby"
    type_in(world, alice, "@create room attic")
    alice.start()
    alice.resume()
    world.advance()
    assert alice.lines.here.place == "#den"


def test_who_leaves_where_lines_go_says_nothing_more_there(world, alice, bob):
    assert type_in(world, alice, "@leave") == [said("You left room 'lobby'.")]
    text = "You are not in room 'lobby'. Enter it with '@join lobby'."
    assert type_in(world, alice, "anybody?") == [Error("not_a_member", text)]
    alice.drop()
    alice.connect()
    world.advance()
    assert alice.seen(Connected)[-1].room == ""


def test_where_lines_go_is_the_same_after_a_break(world, alice, bob):
    type_in(world, alice, "@create room den")
    alice.drop()
    alice.connect()
    world.advance()
    assert alice.seen(Connected)[-1].room == "den"
    type_in(world, alice, "to nobody")
    assert bob.texts() == []


def test_a_new_key_makes_a_room_where_there_is_none(world, alice):
    entered, here, key = type_in(world, alice, "@newkey vault")
    assert (entered, here) == (Entered("vault"), said("You are in room 'vault'."))
    (other,) = type_in(world, alice, "@newkey")
    assert key.code == other.code == "new_key"
    assert key.text != other.text


def test_what_does_not_fit(world, alice):
    for line in ("@join", "@create", "@create group g", "@create room"):
        (error,) = type_in(world, alice, line)
        assert (type(error), error.code) == (Error, "usage"), line


def test_what_is_typed_goes_to_another_room_group_or_person(world, alice, bob):
    type_in(world, alice, "@group set team bob", "@go team", "to the team", "@go @bob", "to bob")
    world.advance()
    assert alice.lines.here.place == "@bob"
    type_in(world, alice, "@go #lobby", "to all")
    world.advance()
    assert (bob.texts("team"), bob.texts("alice"), bob.texts("lobby")) == (
        ["to the team"],
        ["to bob"],
        ["to all"],
    )


def test_nobody_goes_where_there_is_nothing(world, alice):
    told = type_in(world, alice, "@go nobody", "@go #den", "@go", "@go a b")
    assert [each.code for each in told] == ["user_not_found", "not_a_member", "usage", "usage"]
    assert alice.lines.here.place == "#lobby"


def test_who_can_be_asked_is_before_a_room_is_made(world, alice):
    alice.lines.here.asks = True
    (question,) = type_in(world, alice, "@join den")
    assert question.text == "There is no room 'den'. Make it? [y/N]"
    assert alice.lines.prompt == "> "
    assert [each.text for each in type_in(world, alice, "")] == ["No room 'den' was made."]
    assert world.store.room_named("den") is None
    assert type_in(world, alice, "@join den", "y")[-1] == said("You are in room 'den'.")
    assert alice.lines.prompt == "[den] "


def test_a_key_that_is_none_makes_no_room(world, alice):
    alice.lines.here.asks = True
    (error,) = type_in(world, alice, "@join my room")
    assert error.code == "no_room"


def texts_of(world, person, *lines):
    """What is said of typed lines."""
    return [each.text for each in type_in(world, person, *lines)]


def test_a_conversation_is_muted_and_calls_again(world, alice):
    assert texts_of(world, alice, "@mute") == [
        "What is written in 'lobby' does not call you any more."
    ]
    assert alice.room().bookmark.is_muted
    assert texts_of(world, alice, "@unmute #lobby") == [
        "What is written in 'lobby' calls you again."
    ]
    assert not alice.room().bookmark.is_muted
    (text,) = texts_of(world, alice, "@mute nowhere")
    assert text == "You are in no conversation called 'nowhere'."
