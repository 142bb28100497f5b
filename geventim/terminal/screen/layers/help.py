"""The page of keys and commands."""

from collections.abc import Mapping

from geventim.lines.commands.catalog import SECTIONS, WAYS
from geventim.terminal.screen.keys import DEFAULT, Keymap
from geventim.terminal.screen.scene import Overlay

Commands = Mapping[str, tuple[str, str]]
"""The usage and the help of commands, by name."""


class Help:
    """The keys, from the table that gives them their meaning, and the commands."""

    def __init__(self, commands: Commands, keymap: Keymap = DEFAULT) -> None:
        rows = list(keymap.help_rows())
        rows.append(("what you can type", ""))
        rows += (_split(way) for way in WAYS)
        for title, names in SECTIONS.items():
            listed = [commands[name] for name in names.split() if name in commands]
            if listed:
                rows.append((title.rstrip(":").lower(), ""))
                rows += ((usage.replace("@", "/", 1), text) for usage, text in listed)
        self._rows = tuple(rows)
        self._top = 0

    def press(self, key: str) -> bool:
        """Scroll; any other key closes."""
        steps = {"up": -1, "down": 1, "page up": -10, "page down": 10, "k": -1, "j": 1, " ": 10}
        steps |= {"home": -len(self._rows), "end": len(self._rows)}
        if key not in steps:
            return key not in {"esc", "f1", "q", "enter", "ctrl c"}
        self._top = max(0, min(self._top + steps[key], len(self._rows) - 1))
        return True

    def paste(self, text: str) -> None:
        """Nothing can be written here."""

    def overlay(self) -> Overlay:
        """How it looks."""
        return Overlay(
            "Keys and commands", self._rows, top=self._top, foot="↑ ↓ scroll · Esc closes",
            has_titles=True,
        )  # fmt: skip


def _split(way: str) -> tuple[str, str]:
    usage, _, text = way.partition(": ")
    return usage, text
