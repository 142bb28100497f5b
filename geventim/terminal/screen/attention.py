"""What calls the user, and how much of it others may see who look at the screen."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from geventim.chat.values import Kind
from geventim.terminal.screen.orders import Alert


class Preview(StrEnum):
    """What a notice shows of a message."""

    FULL = "full"
    SENDER = "sender"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Attention:
    """How the user wants to be called; who is ``quiet`` is not called at all."""

    preview: Preview = Preview.FULL
    quiet: bool = False

    def alert(self, room: str, kind: Kind, author: str, text: str) -> Alert:
        """What is said of a message in ``room``."""
        where = author if kind is Kind.DM else f"{author} in {room}"
        match self.preview:
            case Preview.FULL:
                return Alert(where, text)
            case Preview.SENDER:
                return Alert(where, "New message")
            case Preview.NONE:
                return Alert("geventim", "New message")


def unread_title(name: str, unread: Iterable[int]) -> str:
    """The title of a window, with the count of what calls for the user."""
    count = sum(unread)
    return f"({count}) {name}" if count else name
