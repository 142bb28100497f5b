"""A list from which one is chosen by a few letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from geventim.terminal.screen.layers.layer import type_into
from geventim.terminal.screen.scene import Overlay
from geventim.terminal.screen.typed import fuzzy
from geventim.terminal.screen.typed.editor import Editor

LISTED: Final = 200
"""Candidates that are listed at most."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What can be chosen: its name and what it is; ``choose`` does it."""

    name: str
    detail: str
    choose: Callable[[], object]


class Palette:
    """Candidates among which one is found by a few letters."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        title: str = "Go to",
        foot: str = "Enter goes there · Esc closes",
    ) -> None:
        self._candidates = candidates
        self._title = title
        self._foot = foot
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
            self._title, rows, min(self._chosen, len(rows) - 1),
            typed=self._editor.text, cursor=self._editor.cursor,
            foot=self._foot,
        )  # fmt: skip

    def _fitting(self) -> list[Candidate]:
        return fuzzy.best(self._editor.text, self._candidates, lambda each: each.name)[:LISTED]
