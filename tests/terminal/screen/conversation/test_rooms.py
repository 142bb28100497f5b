from geventim.chat.values import Kind
from geventim.terminal.screen.conversation.items import Remark
from geventim.terminal.screen.conversation.rooms import Rooms


def filled():
    rooms = Rooms()
    for place, name, kind in [
        ("1", "bo", Kind.DM), ("2", "lobby", Kind.ROOM), ("3", "team", Kind.GROUP),
        ("4", "Lab", Kind.ROOM),
    ]:  # fmt: skip
        rooms.have(place, name, kind)
    rooms.current = rooms.get("2")
    return rooms


def test_rooms_stand_before_groups_and_people():
    assert [room.title for room in filled()] == ["#Lab", "#lobby", "#team", "@bo"]


def test_numbers_are_those_of_the_list():
    rooms = filled()
    assert rooms.number(1).name == "Lab"
    assert rooms.number(4).name == "bo"
    assert rooms.number(5) is None


def test_the_next_one_goes_round():
    rooms = filled()
    assert rooms.beside(1).name == "team"
    assert rooms.beside(-2).name == "bo"
    assert Rooms().beside(1) is None


def test_news_are_first_where_the_user_is_called():
    rooms = filled()
    assert rooms.with_news() is None
    rooms.get("3").unread = 4
    assert rooms.with_news().name == "team"
    rooms.get("4").unread = rooms.get("4").mentions = 1
    assert rooms.with_news().name == "Lab"


def test_what_is_muted_is_no_news_unless_it_calls():
    rooms = filled()
    rooms.get("3").muted, rooms.get("3").unread = True, 4
    assert rooms.with_news() is None
    rooms.get("3").mentions = 1
    assert rooms.with_news().name == "team"


def test_a_name_is_found_in_another_case_and_by_kind():
    rooms = filled()
    assert rooms.named("LOBBY").id == "2"
    assert rooms.named("bo", Kind.ROOM) is None


def test_who_is_gone_leaves_the_user_elsewhere():
    rooms = filled()
    rooms.keep_only({"1", "4"})
    assert [room.id for room in rooms] == ["4", "1"]
    assert rooms.current.id == "4"


def test_a_renamed_one_is_the_same():
    rooms = filled()
    before = rooms.get("3")
    assert rooms.have("3", "crew", Kind.GROUP) is before
    assert before.name == "crew"
    assert len(rooms) == 4


def test_an_empty_input_is_no_pasted_block():
    room = filled().get("2")
    room.is_pasted, room.hint = True, "no"
    room.editor.set("x")
    room.edited()
    assert room.is_pasted
    assert not room.hint
    room.editor.clear()
    room.edited()
    assert not room.is_pasted


def test_why_one_is_not_there_any_more_is_seen_where_one_goes():
    rooms = filled()
    why = Remark("1", 0.0, "bo has removed you from 'lobby'.")
    rooms.current.timeline.add(why)
    rooms.drop("2")
    assert rooms.current.name == "Lab"
    assert list(rooms.current.timeline.items) == [why]


def test_nothing_is_told_anew_where_another_conversation_goes():
    rooms = filled()
    rooms.get("3").timeline.add(Remark("1", 0.0, "bo has removed you from 'team'."))
    rooms.drop("3")
    assert rooms.current.name == "lobby"
    assert not rooms.current.timeline.items
