"""What lies over the screen and takes the keys meanwhile: help, the palette, a question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from geventim.terminal.screen import keys
from geventim.terminal.screen.scene import Overlay
from geventim.terminal.screen.typed import fuzzy
from geventim.terminal.screen.typed.editor import Editor

PREVIEW: Final = 12
"""Lines of a large paste that are shown."""

LISTED: Final = 200
"""Candidates that are listed at most."""

WIDE: Final = 400
"""Characters of one of these lines."""


class Layer(Protocol):
    """Something over the screen."""

    def press(self, key: str) -> bool:
        """Take a key; whether the layer stays."""

    def paste(self, text: str) -> None:
        """Take what was pasted."""

    def overlay(self) -> Overlay:
        """How it looks."""


class Help:
    """The keys, from the table that gives them their meaning, and the commands."""

    def __init__(self, commands: Sequence[tuple[str, str]]) -> None:
        rows = list(keys.help_rows())
        if commands:
            rows += [("commands", ""), *commands]
        self._rows = tuple(rows)
        self._top = 0

    def press(self, key: str) -> bool:
        """Scroll; any other key closes."""
        steps = {"up": -1, "down": 1, "page up": -10, "page down": 10, "k": -1, "j": 1, " ": 10}
        if key not in steps:
            return key not in {"esc", "f1", "q", "enter", "ctrl c"}
        self._top = max(0, min(self._top + steps[key], len(self._rows) - 1))
        return True

    def paste(self, text: str) -> None:
        """Nothing can be written here."""

    def overlay(self) -> Overlay:
        """How it looks."""
        return Overlay("Keys", self._rows, top=self._top, foot="Esc closes", has_titles=True)


class Card:
    """A line to be read or copied, whole; it stays until it is closed."""

    def __init__(self, title: str, line: str) -> None:
        self._title = title
        self._line = line

    def press(self, key: str) -> bool:
        """Close."""
        return key not in {"esc", "enter", "q", "ctrl c"}

    def paste(self, text: str) -> None:
        """Nothing can be written here."""

    def overlay(self) -> Overlay:
        """How it looks."""
        return Overlay(self._title, ((self._line, ""),), foot="Esc closes")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What can be chosen: its name and what it is; ``choose`` does it."""

    name: str
    detail: str
    choose: Callable[[], None]


class Palette:
    """Candidates among which one is found by a few letters."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self._editor = Editor()
        self._chosen = 0

    def press(self, key: str) -> bool:
        """Choose, type, or close."""
        fitting = self._fitting()
        match key:
            case "enter":
                if fitting:
                    fitting[min(self._chosen, len(fitting) - 1)].choose()
                return not fitting
            case "esc" | "ctrl c" | "ctrl g":
                return False
            case "up" | "shift tab" | "ctrl p":
                self._chosen = max(self._chosen - 1, 0)
            case "down" | "tab" | "ctrl n":
                self._chosen = max(0, min(self._chosen + 1, len(fitting) - 1))
            case _:
                if type_into(self._editor, key):
                    self._chosen = 0
        return True

    def paste(self, text: str) -> None:
        """Look for what was pasted."""
        self._editor.insert(" ".join(text.split()), as_one=True)
        self._chosen = 0

    def overlay(self) -> Overlay:
        """How it looks."""
        rows = tuple((each.name, each.detail) for each in self._fitting())
        return Overlay(
            "Go to", rows, min(self._chosen, len(rows) - 1),
            typed=self._editor.text, cursor=self._editor.cursor,
            foot="Enter goes there · Esc closes",
        )  # fmt: skip

    def _fitting(self) -> list[Candidate]:
        return fuzzy.best(self._editor.text, self._candidates, lambda each: each.name)[:LISTED]


class Question:
    """What is to become of a large paste; ``accept`` puts it into the input."""

    def __init__(self, text: str, accept: Callable[[], None]) -> None:
        self._lines = text.split("\n")
        self._size = len(text.encode(errors="replace"))
        self._accept = accept

    def press(self, key: str) -> bool:
        """Enter or y accepts, Esc or n does not."""
        if key in {"enter", "y", "Y"}:
            self._accept()
            return False
        return key not in {"esc", "n", "N", "ctrl c"}

    def paste(self, text: str) -> None:
        """One at a time."""

    def overlay(self) -> Overlay:
        """How it looks."""
        count = len(self._lines)
        rows = [(line[:WIDE], "") for line in self._lines[:PREVIEW]]
        if count > PREVIEW:
            rows.append((f"… and {count - PREVIEW:,} more lines", ""))
        title = f"Paste {count:,} line{'s' if count > 1 else ''}, {self._size:,} bytes?"
        return Overlay(title, tuple(rows), foot="Enter takes it · Esc drops it")


class Finder:
    """A search: ``search`` gives what is found, newest first, for what is typed.

    What is found is a key with what stands left and right; ``show`` goes where it was said.
    """

    def __init__(
        self,
        where: str,
        search: Callable[[str], Sequence[tuple[str, str, str]]],
        show: Callable[[str], None],
    ) -> None:
        self._where = where
        self._search = search
        self._show = show
        self._editor = Editor()
        self._chosen = 0

    def press(self, key: str) -> bool:
        """Type, choose, or close."""
        found = self._found()
        match keys.action(keys.Where.SEARCH, key):
            case keys.Action.CONTEXT:
                if found:
                    self._show(found[min(self._chosen, len(found) - 1)][0])
                return not found
            case keys.Action.NEXT_FIND:
                self._chosen = max(0, min(self._chosen + 1, len(found) - 1))
            case keys.Action.PREVIOUS_FIND:
                self._chosen = max(0, self._chosen - 1)
            case keys.Action.CANCEL | keys.Action.STOP | keys.Action.SEARCH:
                return False
            case _:
                if type_into(self._editor, key):
                    self._chosen = 0
        return True

    def paste(self, text: str) -> None:
        """Search for what was pasted."""
        self._editor.insert(" ".join(text.split()), as_one=True)
        self._chosen = 0

    def overlay(self) -> Overlay:
        """How it looks."""
        found = self._found()
        rows = tuple((left, right) for _, left, right in found)
        foot = f"{len(found):,} found · Enter shows it where it was said · Esc closes"
        return Overlay(
            f"Search in {self._where}", rows, min(self._chosen, len(rows) - 1),
            typed=self._editor.text, cursor=self._editor.cursor, foot=foot,
        )  # fmt: skip

    def _found(self) -> Sequence[tuple[str, str, str]]:
        return self._search(self._editor.text) if self._editor.text.strip() else ()


class Prompt:
    """A question; ``answer`` takes what is typed, or None. With ``hidden`` that is not seen."""

    def __init__(
        self, question: str, answer: Callable[[str | None], object], *, hidden: bool = False
    ) -> None:
        self._question = question
        self._answer = answer
        self._hidden = hidden
        self._editor = Editor()

    def press(self, key: str) -> bool:
        """Type, answer, or give up."""
        if key in {"enter", "esc", "ctrl c"}:
            self._answer(self._editor.text if key == "enter" else None)
            return False
        type_into(self._editor, key)
        return True

    def paste(self, text: str) -> None:
        """Type what was pasted."""
        self._editor.insert(" ".join(text.splitlines()), as_one=True)

    def overlay(self) -> Overlay:
        """How it looks."""
        text = "•" * len(self._editor.text) if self._hidden else self._editor.text
        foot = "Enter answers · Esc gives up"
        return Overlay(self._question, (), typed=text, cursor=self._editor.cursor, foot=foot)


EDITING: Final[dict[str, Callable[[Editor], object]]] = {
    "left": Editor.left,
    "right": Editor.right,
    "home": Editor.home,
    "end": Editor.end,
    "ctrl a": Editor.home,
    "ctrl e": Editor.end,
    "backspace": Editor.backspace,
    "delete": Editor.delete,
    "ctrl d": Editor.delete,
    "ctrl w": Editor.kill_chunk_back,
    "ctrl u": Editor.kill_line_back,
    "ctrl k": Editor.kill_line,
    "ctrl y": Editor.yank,
}


def type_into(editor: Editor, key: str) -> bool:
    """Take a key in a line of its own; whether it was for that."""
    if key in EDITING:
        EDITING[key](editor)
        return True
    if is_text(key):
        editor.insert(key)
        return True
    return False


def is_text(key: str) -> bool:
    """Whether ``key`` is a character that was typed, and no name of a key."""
    return len(key) == 1 and (key.isprintable() or key in "\u200d\u200c")
