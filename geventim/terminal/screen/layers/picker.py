"""A line that one types, and which of what fits it is chosen."""

from collections.abc import Sequence

from geventim.terminal.screen.layers.layer import type_into
from geventim.terminal.screen.scene import Overlay
from geventim.terminal.screen.typed.editor import Editor


class Picker:
    """The first one is chosen until somebody steps to another, and again after each letter."""

    def __init__(self) -> None:
        self._editor = Editor()
        self._chosen = 0

    @property
    def typed(self) -> str:
        """What is typed."""
        return self._editor.text

    def chosen(self, count: int) -> int:
        """The index of the chosen one of so many; -1 if there is none."""
        return min(self._chosen, count - 1)

    def step(self, steps: int, count: int) -> None:
        """Choose another one of so many."""
        self._chosen = max(0, min(self._chosen + steps, count - 1))

    def type(self, key: str) -> None:
        """Take a key that means nothing else."""
        if type_into(self._editor, key):
            self._chosen = 0

    def paste(self, text: str) -> None:
        """Type what was pasted."""
        self._editor.insert(" ".join(text.split()), as_one=True)
        self._chosen = 0

    def overlay(self, title: str, rows: Sequence[tuple[str, str]], foot: str) -> Overlay:
        """How it looks, with what fits as ``rows``."""
        chosen, place = self.chosen(len(rows)), self._editor.cursor
        return Overlay(title, tuple(rows), chosen, typed=self.typed, cursor=place, foot=foot)
