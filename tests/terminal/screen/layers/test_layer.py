from geventim.terminal.screen.layers.layer import is_text, type_into
from geventim.terminal.screen.typed.editor import Editor


def test_only_characters_are_text():
    assert all(map(is_text, ["a", "é", "漢", " "]))
    assert not any(map(is_text, ["up", "ctrl a", "\x1b", "\u202e", ""]))


def test_a_line_of_its_own_is_edited():
    editor = Editor()
    for key in ["a", "b", "left", "c", "end", "backspace"]:
        assert type_into(editor, key)
    assert editor.text == "ac"
    assert not type_into(editor, "f5")
