from geventim.chat.values import Kind
from geventim.terminal.screen.keys import Action
from geventim.terminal.screen.pen import Pen
from geventim.terminal.screen.world import World
from tests.terminal.screen.play import NOON, identify


def writing():
    world = World("ana", "lobby", lambda: NOON)
    room = world.rooms.have(identify("lobby"), "lobby", Kind.ROOM)
    world.begin()
    return Pen(world), room


def test_what_comes_stands_in_the_input():
    pen, room = writing()
    pen.type("a")
    pen.paste("b c")
    pen.begin("/me ")
    assert room.editor.text == "/me ab c"
    pen.replace("new")
    assert room.editor.text == "new"
    pen.edit(Action.BACKSPACE)
    pen.edit(Action.HELP)
    assert room.editor.text == "ne"


def test_several_lines_that_are_pasted_into_nothing_are_a_paste():
    pen, room = writing()
    pen.type("x")
    pen.paste("one\ntwo")
    assert not room.is_pasted
    pen.replace("")
    pen.paste("one\ntwo")
    assert room.is_pasted


def test_whatever_was_refused_before_is_said_no_more():
    for write in (
        lambda pen: pen.type("a"),
        lambda pen: pen.paste("a"),
        lambda pen: pen.replace("a"),
        lambda pen: pen.edit(Action.NEWLINE),
    ):
        pen, room = writing()
        room.hint = "no"
        write(pen)
        assert not room.hint


def test_nowhere_nothing_happens():
    pen = Pen(World("ana", "lobby", lambda: NOON))
    pen.type("a")
    pen.paste("a")
    pen.begin("a")
    pen.replace("a")
    pen.edit(Action.NEWLINE)
