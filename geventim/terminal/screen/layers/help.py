"""The page of keys and commands."""

from collections.abc import Sequence

from geventim.terminal.screen import keys
from geventim.terminal.screen.scene import Overlay


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
