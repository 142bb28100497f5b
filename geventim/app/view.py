"""What a session needs from whoever shows it."""

from collections.abc import Sequence
from typing import Protocol

from geventim.client.answers import Answer
from geventim.client.events import Event


class View(Protocol):
    """Where events go. A call may block its greenlet, and nothing more."""

    def show(self, events: Sequence[Event | Answer]) -> None:
        """Tell the user, and who wished for something; when this returns, they have been told."""

    def remark(self, text: str) -> None:
        """Tell a person, not a program, something about the session itself."""
