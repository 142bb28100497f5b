"""A list from which one is chosen by a few letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from geventim.terminal.screen.layers.picker import Picker
from geventim.terminal.screen.scene import Overlay
from geventim.terminal.screen.typed import fuzzy

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
        self._picker = Picker()

    def press(self, key: str) -> bool:
        """Choose, type, or close."""
        fitting = self._fitting()
        match key:
            case "enter":
                if fitting:
                    fitting[self._picker.chosen(len(fitting))].choose()
                return not fitting
            case "esc" | "ctrl c" | "ctrl g":
                return False
            case "up" | "shift tab" | "ctrl p":
                self._picker.step(-1, len(fitting))
            case "down" | "tab" | "ctrl n":
                self._picker.step(1, len(fitting))
            case _:
                self._picker.type(key)
        return True

    def paste(self, text: str) -> None:
        """Look for what was pasted."""
        self._picker.paste(text)

    def overlay(self) -> Overlay:
        """How it looks."""
        rows = [(each.name, each.detail) for each in self._fitting()]
        return self._picker.overlay(self._title, rows, self._foot)

    def _fitting(self) -> list[Candidate]:
        return fuzzy.best(self._picker.typed, self._candidates, lambda each: each.name)[:LISTED]
