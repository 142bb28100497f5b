"""Questions: about a large paste, and those that are answered with a line."""

from collections.abc import Callable, Sequence
from typing import Final

from geventim.terminal.screen.layers.layer import type_into
from geventim.terminal.screen.scene import Overlay
from geventim.terminal.screen.typed.editor import Editor

PREVIEW: Final = 12
"""Lines of a large paste that are shown."""

WIDE: Final = 400
"""Characters of one of these lines."""


class Question:
    """Asks ``title`` about ``lines``: ``accept`` does it, ``decline`` is done instead."""

    def __init__(
        self,
        title: str,
        lines: Sequence[str],
        accept: Callable[[], object],
        decline: Callable[[], object] = lambda: None,
        *,
        foot: str = "Enter takes it · Esc drops it",
    ) -> None:
        self._title = title
        self._lines = lines
        self._accept = accept
        self._decline = decline
        self._foot = foot

    @classmethod
    def about_paste(cls, text: str, accept: Callable[[], object]) -> "Question":
        """What is to become of a large paste; ``accept`` puts it into the input."""
        lines = text.split("\n")
        size = len(text.encode(errors="replace"))
        many = "s" if len(lines) > 1 else ""
        return cls(f"Paste {len(lines):,} line{many}, {size:,} bytes?", lines, accept)

    def press(self, key: str) -> bool:
        """Enter or y accepts, n declines, Esc does neither."""
        if key in {"enter", "y", "Y"}:
            self._accept()
            return False
        if key in {"n", "N"}:
            self._decline()
        return key not in {"esc", "n", "N", "ctrl c"}

    def paste(self, text: str) -> None:
        """One at a time."""

    def overlay(self) -> Overlay:
        """How it looks."""
        count = len(self._lines)
        rows = [(line[:WIDE], "") for line in self._lines[:PREVIEW]]
        if count > PREVIEW:
            rows.append((f"… and {count - PREVIEW:,} more lines", ""))
        return Overlay(self._title, tuple(rows), foot=self._foot)


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
