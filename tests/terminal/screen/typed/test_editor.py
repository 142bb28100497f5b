import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.screen.typed.editor import Editor

MOVES = [
    Editor.left, Editor.right, Editor.word_left, Editor.word_right, Editor.home, Editor.end,
    Editor.up, Editor.down, Editor.to_start, Editor.to_end,
]  # fmt: skip
CHANGES = [
    Editor.backspace, Editor.delete, Editor.kill_word, Editor.kill_word_back, Editor.kill_line,
    Editor.kill_line_back, Editor.kill_chunk_back, Editor.yank, Editor.transpose, Editor.upcase,
    Editor.downcase, Editor.capitalize, Editor.undo,
]  # fmt: skip


def having(text):
    """An editor with ``text``, the cursor at the bar."""
    editor = Editor()
    editor.set(text.replace("|", ""), text.index("|"))
    return editor


def shown(editor):
    return f"{editor.before}|{editor.after}"


@pytest.mark.parametrize(
    ("call", "before", "after"),
    [
        (Editor.left, "ab|", "a|b"),
        (Editor.left, "|ab", "|ab"),
        (Editor.left, "x👩‍👩‍👧|y", "x|👩‍👩‍👧y"),
        (Editor.right, "|e\u0301x", "e\u0301|x"),
        (Editor.word_left, "one two|", "one |two"),
        (Editor.word_right, "|one two", "one| two"),
        (Editor.home, "one\ntw|o", "one\n|two"),
        (Editor.end, "o|ne\ntwo", "one|\ntwo"),
        (Editor.up, "one\ntw|o", "on|e\ntwo"),
        (Editor.up, "o\nthre|e", "o|\nthree"),
        (Editor.down, "thr|ee\no", "three\no|"),
        (Editor.backspace, "a👩‍👩‍👧|", "a|"),
        (Editor.delete, "|🇩🇪x", "|x"),
        (Editor.kill_word_back, "one two|", "one |"),
        (Editor.kill_chunk_back, "see /usr/bin |", "see |"),
        (Editor.kill_word, "|one two", "| two"),
        (Editor.kill_line, "a|bc\nd", "a|\nd"),
        (Editor.kill_line, "a|\nd", "a|d"),
        (Editor.kill_line_back, "a\nbc|", "a\n|"),
        (Editor.kill_line_back, "a\n|b", "a|b"),
        (Editor.transpose, "ab|", "ba|"),
        (Editor.transpose, "a|b", "ba|"),
        (Editor.upcase, "|one two", "ONE| two"),
        (Editor.capitalize, " |one", " One|"),
    ],
)
def test_editing_does_what_readline_does(call, before, after):
    editor = having(before)
    call(editor)
    assert shown(editor) == after


def test_what_was_cut_in_a_row_comes_back_as_one():
    editor = having("one two three|")
    editor.kill_word_back()
    editor.kill_word_back()
    editor.yank()
    assert shown(editor) == "one two three|"


def test_a_move_begins_another_cut():
    editor = having("one two|")
    editor.kill_word_back()
    editor.left()
    editor.kill_word_back()
    assert editor.killed == "one"


def test_undo_takes_back_a_word_that_was_typed():
    editor = Editor()
    for char in "one two":
        editor.insert(char)
    editor.undo()
    assert editor.text == "one "
    editor.undo()
    editor.undo()
    assert editor.text == ""


def test_undo_returns_what_was_cleared():
    editor = having("all of it|")
    assert editor.clear() == "all of it"
    editor.undo()
    assert shown(editor) == "all of it|"


def test_what_was_sent_is_not_undone():
    editor = having("sent|")
    editor.clear()
    editor.forget()
    editor.undo()
    assert editor.text == ""


def test_there_is_no_line_above_the_first_or_below_the_last():
    assert not having("o|ne").up()
    assert not having("o|ne").down()


def test_repr_shows_nothing_of_the_text():
    editor = having("a secret|")
    assert "secret" not in repr(editor._state)


@given(
    st.text(alphabet="ab \n\u0301👩\u200d🇩🇪é漢", max_size=30),
    st.lists(st.sampled_from(MOVES + CHANGES), max_size=40),
)
def test_the_cursor_stays_inside(text, calls):
    editor = Editor()
    editor.insert(text, as_one=True)
    for call in calls:
        before = editor.text
        call(editor)
        assert 0 <= editor.cursor <= len(editor.text)
        if call in MOVES:
            assert editor.text == before
