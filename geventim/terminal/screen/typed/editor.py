"""The text that is being typed: of any number of lines, edited as readline does.

The cursor stands between grapheme clusters, so that what looks like one character is one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from wcwidth import iter_graphemes

UNDOS: Final = 200
"""States that can be returned to."""

_WORD: Final = re.compile(r"\w+")
_CHUNK: Final = re.compile(r"\S+\s*$")


@dataclass(frozen=True, slots=True)
class State:
    """A text, and how many of its characters stand before the cursor."""

    text: str = ""
    cursor: int = 0

    def __repr__(self) -> str:
        return f"<{len(self.text)} characters, cursor at {self.cursor}>"


class Editor:
    """One input with its own undo; ``killed`` is what was cut last."""

    def __init__(self) -> None:
        self._state = State()
        self._undo: list[State] = []
        self._typing = False
        self._killing = False
        self.killed = ""

    @property
    def text(self) -> str:
        """All of it."""
        return self._state.text

    @property
    def cursor(self) -> int:
        """How many characters stand before the cursor."""
        return self._state.cursor

    @property
    def before(self) -> str:
        """What stands before the cursor."""
        return self._state.text[: self._state.cursor]

    @property
    def after(self) -> str:
        """What stands behind it."""
        return self._state.text[self._state.cursor :]

    def insert(self, text: str, *, as_one: bool = False) -> None:
        """Put ``text`` where the cursor is; undone with what was typed before it, or ``as_one``."""
        typed = not as_one and len(text) == 1 and text not in {" ", "\n"}
        self._set(self.before + text, self.after, typing=typed)

    def set(self, text: str, cursor: int | None = None) -> None:
        """Have another text; the cursor is at its end if it is not said where."""
        place = len(text) if cursor is None else cursor
        self._set(text[:place], text[place:])

    def clear(self) -> str:
        """Empty it; what was there."""
        text = self.text
        self._set("", "")
        return text

    def undo(self) -> None:
        """Go back to what it was."""
        if self._undo:
            self._state = self._undo.pop()
        self._typing = self._killing = False

    def forget(self) -> None:
        """What was there before cannot be returned to: it was sent."""
        self._undo.clear()

    def left(self) -> None:
        """One character back."""
        self._move(_last(self.before))

    def right(self) -> None:
        """One character on."""
        self._move(self.cursor + _first(self.after))

    def word_left(self) -> None:
        """To the beginning of a word."""
        self._move(_word_start(self.before))

    def word_right(self) -> None:
        """To the end of a word."""
        self._move(self.cursor + _word_end(self.after))

    def home(self) -> None:
        """To the beginning of the line."""
        self._move(self.before.rfind("\n") + 1)

    def end(self) -> None:
        """To the end of the line."""
        end = self.after.find("\n")
        self._move(len(self.text) if end < 0 else self.cursor + end)

    def to_start(self) -> None:
        """Before everything."""
        self._move(0)

    def to_end(self) -> None:
        """Behind everything."""
        self._move(len(self.text))

    def up(self) -> bool:
        """One line up; whether there is one."""
        start = self.before.rfind("\n") + 1
        if not start:
            return False
        above = self.text.rfind("\n", 0, start - 1) + 1
        self._move(min(above + self.cursor - start, start - 1))
        return True

    def down(self) -> bool:
        """One line down; whether there is one."""
        end = self.text.find("\n", self.cursor)
        if end < 0:
            return False
        column = self.cursor - (self.before.rfind("\n") + 1)
        below = self.text.find("\n", end + 1)
        self._move(min(end + 1 + column, len(self.text) if below < 0 else below))
        return True

    def backspace(self) -> None:
        """Take away the character before the cursor."""
        self._set(self.before[: _last(self.before)], self.after)

    def delete(self) -> None:
        """Take away the character behind the cursor."""
        self._set(self.before, self.after[_first(self.after) :])

    def kill_word_back(self) -> None:
        """Cut back to the beginning of a word."""
        self._cut(_word_start(self.before), self.cursor)

    def kill_chunk_back(self) -> None:
        """Cut back to white space."""
        found = _CHUNK.search(self.before)
        self._cut(found.start() if found else 0, self.cursor)

    def kill_word(self) -> None:
        """Cut to the end of a word."""
        self._cut(self.cursor, self.cursor + _word_end(self.after))

    def kill_line(self) -> None:
        """Cut to the end of the line; or what ends it, if the cursor is there."""
        end = self.after.find("\n")
        length = len(self.after) if end < 0 else max(end, 1)
        self._cut(self.cursor, self.cursor + length)

    def kill_line_back(self) -> None:
        """Cut back to the beginning of the line; or what ends the one before."""
        start = self.before.rfind("\n") + 1
        self._cut(max(start - 1, 0) if start == self.cursor else start, self.cursor)

    def yank(self) -> None:
        """Put there what was cut last."""
        if self.killed:
            self.insert(self.killed, as_one=True)

    def transpose(self) -> None:
        """Let the characters around the cursor change places."""
        before, after = self.before, self.after
        if before and not after:
            place = _last(before)
            before, after = before[:place], before[place:]
        if before and after:
            place, length = _last(before), _first(after)
            moved = before[:place] + after[:length] + before[place:]
            self._set(moved, after[length:])

    def upcase(self) -> None:
        """Write the word behind the cursor in capitals."""
        self._change_word(str.upper)

    def downcase(self) -> None:
        """Write it in small letters."""
        self._change_word(str.lower)

    def capitalize(self) -> None:
        """Begin it with a capital."""
        self._change_word(str.capitalize)

    def _change_word(self, change: Callable[[str], str]) -> None:
        length = _word_end(self.after)
        word, rest = self.after[:length], self.after[length:]
        self._set(self.before + _WORD.sub(lambda found: change(found[0]), word, count=1), rest)

    def _cut(self, start: int, end: int) -> None:
        cut = self.text[start:end]
        if not cut:
            return
        if not self._killing:
            self.killed = cut
        elif end == self.cursor:
            self.killed = cut + self.killed
        else:
            self.killed += cut
        self._set(self.text[:start], self.text[end:])
        self._killing = True

    def _move(self, cursor: int) -> None:
        self._state = State(self.text, cursor)
        self._typing = self._killing = False

    def _set(self, before: str, after: str, *, typing: bool = False) -> None:
        state = State(before + after, len(before))
        if state.text != self.text and not (typing and self._typing):
            self._undo.append(self._state)
            del self._undo[:-UNDOS]
        self._state = state
        self._typing, self._killing = typing, False


def _last(text: str) -> int:
    """Where the last grapheme cluster of ``text`` begins."""
    # A cluster is never longer than what is looked at: longer ones are towers, which are cut.
    tail = text[-64:]
    clusters = list(iter_graphemes(tail))
    return len(text) - len(clusters[-1]) if clusters else 0


def _first(text: str) -> int:
    """How long the first grapheme cluster of ``text`` is."""
    return len(next(iter_graphemes(text[:64]), ""))


def _word_start(text: str) -> int:
    words = list(_WORD.finditer(text))
    return words[-1].start() if words else 0


def _word_end(text: str) -> int:
    word = _WORD.search(text)
    return word.end() if word else len(text)
