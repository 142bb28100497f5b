"""Something to look at, such as a QR code, with a line that says the same."""

from collections.abc import Callable, Sequence
from typing import Final

from geventim.terminal import qr
from geventim.terminal.screen.scene import Overlay

MARGIN: Final = 2
"""Light modules around a QR code, which is wide enough where all is dark around it."""


def code_of(text: str) -> Sequence[str]:
    """The rows of the QR code of ``text``; none if there is no code for that."""
    try:
        return qr.draw(text, colour=False, quiet=MARGIN).splitlines()
    except ValueError:
        return ()


class Figure:
    """Shows ``rows`` of characters below ``text``; Enter does ``choose``."""

    def __init__(
        self, title: str, text: str, rows: Sequence[str], choose: Callable[[], object], foot: str
    ) -> None:
        self._overlay = Overlay(title, ((text, ""),), foot=foot, figure=tuple(rows), wraps=True)
        self._choose = choose

    def press(self, key: str) -> bool:
        """Enter chooses; it and Esc close."""
        if key == "enter":
            self._choose()
        return key not in {"enter", "esc", "q", "ctrl c"}

    def paste(self, text: str) -> None:
        """Nothing can be written here."""

    def overlay(self) -> Overlay:
        """How it looks."""
        return self._overlay
