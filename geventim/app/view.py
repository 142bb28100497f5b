"""What a session needs from whoever shows it."""

from collections.abc import Sequence
from typing import Protocol

from geventim.app.note import Note


class View(Protocol):
    """Where events go. A call may block its greenlet, and nothing more."""

    def show(self, notes: Sequence[Note]) -> None:
        """Tell the user, and who wished for something; when this returns, they have been told."""

    def remark(self, text: str) -> None:
        """Tell a person, not a program, something about the session itself."""
