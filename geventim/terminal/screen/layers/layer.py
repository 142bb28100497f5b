"""What every layer can do, and typing in a line of its own."""

from collections.abc import Callable
from typing import Final, Protocol

from geventim.terminal.screen.scene import Overlay
from geventim.terminal.screen.typed.editor import Editor


class Layer(Protocol):
    """Something over the screen."""

    def press(self, key: str) -> bool:
        """Take a key; whether the layer stays."""

    def paste(self, text: str) -> None:
        """Take what was pasted."""

    def overlay(self) -> Overlay:
        """How it looks."""


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
