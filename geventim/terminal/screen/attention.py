"""What calls the user, and how much of it others may see who look at the screen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from geventim.chat.values import Kind
from geventim.terminal.screen.orders import Alert


class Preview(StrEnum):
    """What a notice shows of a message."""

    FULL = "full"
    SENDER = "sender"
    NONE = "none"


class Level(StrEnum):
    """For what somebody is called: for all, for what is meant for them, or for nothing."""

    ALL = "all"
    MENTIONS = "mentions"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Attention:
    """How the user wants to be called; who is ``quiet`` is not called at all.

    ``levels`` are those of conversations, by their folded titles, ``level`` that of all others.
    ``words`` call them as their nick does; None if that is settled elsewhere.
    """

    preview: Preview = Preview.FULL
    quiet: bool = False
    level: Level = Level.MENTIONS
    levels: Mapping[str, Level] = field(default_factory=dict)
    words: tuple[str, ...] | None = None

    def calls(self, room: str, *, is_for_user: bool) -> bool:
        """Whether a message in ``room`` calls the user."""
        level = self.levels.get(room.casefold(), self.level)
        return not self.quiet and (level is Level.ALL or (level is Level.MENTIONS and is_for_user))

    def alert(self, room: str, kind: Kind, author: str, text: str) -> Alert:
        """What is said of a message in ``room``."""
        where = author if kind is Kind.DM else f"{author} in {room}"
        return self._alert(where, "New message", text)

    def invitation(self, author: str, text: str) -> Alert:
        """What is said of groups to which ``author`` has added the user."""
        return self._alert(author, "New group", text)

    def _alert(self, who: str, what: str, text: str) -> Alert:
        match self.preview:
            case Preview.FULL:
                return Alert(who, text)
            case Preview.SENDER:
                return Alert(who, what)
            case Preview.NONE:
                return Alert("geventim", what)


def unread_title(name: str, unread: Iterable[int]) -> str:
    """The title of a window, with the count of what calls for the user."""
    count = sum(unread)
    return f"({count}) {name}" if count else name
