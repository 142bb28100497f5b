import pytest
from urwid.display.escape import input_sequences

from geventim.client import wishes
from geventim.client.said.aside import Attachment
from geventim.terminal.screen import orders
from geventim.terminal.screen.keys import BINDINGS, DEFAULT, Action, Binding, Where, spell

MODIFIED = {"ctrl home", "ctrl end", "shift enter", "ctrl left", "ctrl right", "meta left"}


def test_a_key_means_one_thing():
    for where in Where:
        bound = [key for each in BINDINGS if each.where is where for key in each.keys]
        assert len(bound) == len(set(bound))


def test_a_place_wins_over_everywhere():
    assert DEFAULT.action(Where.INPUT, "up") is Action.UP
    assert DEFAULT.action(Where.SEARCH, "ctrl p") is Action.NEXT_FIND
    assert DEFAULT.action(Where.INPUT, "ctrl p") is Action.PALETTE
    assert DEFAULT.action(Where.INPUT, "x") is None


def test_every_action_has_a_key():
    bound = {each.action for each in BINDINGS}
    assert set(Action) - bound == set()


def test_chords_have_their_prefix():
    assert DEFAULT.prefixes == {"ctrl x"}


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ctrl p", "Ctrl-P"),
        ("meta a", "Alt-a"),
        ("ctrl x ctrl e", "Ctrl-X Ctrl-E"),
        ("page up", "Page Up"),
        ("shift tab", "Shift-Tab"),
        ("f1", "F1"),
        ("meta backspace", "Alt-Backspace"),
        ("q", "q"),
    ],
)
def test_keys_are_spelled_as_people_know_them(key, name):
    assert spell(key) == name


def test_help_has_every_binding_below_its_place():
    rows = list(DEFAULT.help_rows())
    assert len(rows) == len(BINDINGS) + len(Where)
    assert rows[0] == ("everywhere", "")
    assert ("Ctrl-P", "go to a conversation or a person, or find a command") in rows
    assert ("Alt-1 … Alt-9", "go to that conversation") in rows


def test_names_are_those_of_the_decoder():
    known = {name for _, name in input_sequences} | {
        "tab", "enter", "esc", "backspace", "meta enter", "meta backspace", "shift enter",
    }  # fmt: skip
    for binding in BINDINGS:
        for key in binding.keys:
            for part in key.replace("ctrl x ", "").split("  "):
                is_letter = len(part.split()[-1]) == 1
                assert is_letter or part in known, part


def test_keys_can_be_others():
    changed = DEFAULT.with_binding(Binding(Where.EVERYWHERE, ("ctrl o",), Action.HELP, ""))
    assert changed.action(Where.INPUT, "ctrl o") is Action.HELP
    assert changed.action(Where.INPUT, "f1") is None
    assert ("Ctrl-O", "this page") in DEFAULT.with_binding(
        Binding(Where.EVERYWHERE, ("ctrl o",), Action.HELP, "")
    ).help_rows()


def test_what_had_no_key_there_can_have_one():
    more = DEFAULT.with_binding(Binding(Where.SELECTED, ("g",), Action.TO_TOP, "to the top"))
    assert more.bound(Where.SELECTED, "g") is Action.TO_TOP
    assert DEFAULT.bound(Where.SELECTED, "ctrl p") is None
    assert ("g", "to the top") in more.help_rows()


# What each action has done where bo has said three things with a file each, and "one two"
# is typed; or where the second last of them is selected.
TYPED = {
    Action.HELP: lambda play: play.scene().overlay.title == "Keys and commands",
    Action.PALETTE: lambda play: play.scene().overlay.title == "Go to",
    Action.PEOPLE: lambda play: play.scene().overlay.title == "#lobby: 3 here",
    Action.GUIDE: lambda play: play.scene().overlay.title == "First steps",
    Action.SEARCH: lambda play: play.scene().overlay.title == "Search in #lobby",
    Action.NEXT_NEWS: lambda play: play.scene().status.place.name == "lab",
    Action.NEXT_PLACE: lambda play: play.scene().status.place.name == "bo",
    Action.PREVIOUS_PLACE: lambda play: play.scene().status.place.name == "lab",
    Action.GO: lambda play: play.scene().status.place.name in {"lab", "lobby", "bo"},
    Action.PAGE_UP: lambda play: not play.scene().view.at_end,
    Action.ROW_UP: lambda play: not play.scene().view.at_end,
    Action.TO_TOP: lambda play: not play.scene().view.at_end,
    Action.PAGE_DOWN: lambda play: play.scene().view.at_end,
    Action.ROW_DOWN: lambda play: play.scene().view.at_end,
    Action.TO_BOTTOM: lambda play: play.scene().view.at_end,
    Action.MEMBERS: lambda play: not play.scene().shows_people,
    Action.REDRAW: lambda play: play.of(orders.Redraw),
    Action.SUSPEND: lambda play: play.of(orders.Suspend),
    Action.CANCEL: lambda play: play.scene().guide == (),
    Action.STOP: lambda play: play.input == "",
    Action.SEND: lambda play: play.said()[0].text == "one two",
    Action.NEWLINE: lambda play: play.input == "one two\n",
    Action.COMPLETE: lambda play: play.input == "one two",
    Action.COMPLETE_BACK: lambda play: play.input == "one two",
    Action.UP: lambda play: play.input == "earlier",
    Action.DOWN: lambda play: play.input == "one two",
    Action.EARLIER: lambda play: play.input == "earlier",
    Action.LATER: lambda play: play.input == "one two",
    Action.LEFT: lambda play: cursor(play) == 6,
    Action.RIGHT: lambda play: cursor(play) == 7,
    Action.WORD_LEFT: lambda play: cursor(play) == 4,
    Action.WORD_RIGHT: lambda play: cursor(play) == 7,
    Action.LINE_START: lambda play: cursor(play) == 0,
    Action.LINE_END: lambda play: cursor(play) == 7,
    Action.BACKSPACE: lambda play: play.input == "one tw",
    Action.DELETE: lambda play: play.input == "one two",
    Action.KILL_WORD_BACK: lambda play: play.input == "one ",
    Action.KILL_CHUNK_BACK: lambda play: play.input == "one ",
    Action.KILL_WORD: lambda play: play.input == "one two",
    Action.KILL_LINE: lambda play: play.input == "one two",
    Action.KILL_LINE_BACK: lambda play: play.input == "",
    Action.YANK: lambda play: play.input == "one two",
    Action.TRANSPOSE: lambda play: play.input == "one tow",
    Action.UPCASE: lambda play: play.input == "one two",
    Action.DOWNCASE: lambda play: play.input == "one two",
    Action.CAPITALIZE: lambda play: play.input == "one two",
    Action.UNDO: lambda play: play.input != "one two",
    Action.EDIT: lambda play: play.of(orders.Edit)[0].text == "one two",
}
SELECTED = {
    Action.UP: lambda play: selected(play) == "said 0",
    Action.DOWN: lambda play: selected(play) == "said 2",
    Action.REPLY: lambda play: play.scene().input.goes_to == "to bo in #lobby",
    Action.AMEND: lambda play: play.scene().input.hint.startswith("Only your own"),
    Action.RETRACT: lambda play: play.scene().overlay.title.startswith("Delete this"),
    Action.REACT: lambda play: play.scene().overlay.title.startswith("React"),
    Action.COPY: lambda play: play.of(orders.Copy)[0].text == "said 1",
    Action.QUOTE: lambda play: play.input.startswith("> said 1\n"),
    Action.WHO: lambda play: play.of(wishes.Whois)[0].nick == "bo",
    Action.ACT: lambda play: play.scene().overlay.title == "Files",
    Action.SAVE: lambda play: play.scene().overlay.title.startswith("Save a.pdf where?"),
    Action.OPEN: lambda play: play.scene().overlay.title.startswith("Open a.pdf, from bo?"),
    Action.NEXT_FIND: lambda play: play.scene().input.hint == "Nothing was searched here.",
    Action.PREVIOUS_FIND: lambda play: play.scene().input.hint == "Nothing was searched here.",
    Action.CONTEXT: lambda play: selected(play) == "said 1",
}
FOUND = {
    Action.NEXT_FIND: lambda play: play.scene().overlay.chosen == 1,
    Action.PREVIOUS_FIND: lambda play: play.scene().overlay.chosen == 0,
    Action.CONTEXT: lambda play: selected(play) == "said 2",
}
DONE = {
    Where.EVERYWHERE: TYPED, Where.INPUT: TYPED, Where.SELECTED: SELECTED, Where.SEARCH: FOUND
}  # fmt: skip


def cursor(play):
    return play.scene().input.cursor


def selected(play):
    scene = play.scene()
    return next((line.text for line in scene.view.lines if line.key == scene.selected), "")


@pytest.mark.parametrize(
    ("binding", "key"),
    [(binding, key) for binding in BINDINGS for key in binding.keys],
    ids=lambda each: each if isinstance(each, str) else each.action,
)
def test_every_key_does_what_help_says(play, binding, key):
    play.type("earlier")
    play.press("enter")
    play.orders.clear()
    for number in range(3):
        play.hear(f"said {number}", files=(Attachment("a.pdf", "", 5),))
    play.hear("more", room="lab")
    if binding.where is Where.SELECTED:
        play.resize(100, 24)
        play.press("up", "up")
    elif binding.where is Where.SEARCH:
        play.press("ctrl f", *"said")
    else:
        play.resize(100, 6)
        play.type("one two")
    play.press(*chord(key))
    assert DONE[binding.where][binding.action](play)


def chord(key):
    words = key.split()
    return (" ".join(words[:2]), " ".join(words[2:])) if len(words) == 4 else (key,)
