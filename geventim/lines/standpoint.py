"""Where somebody is who types lines, and what is known of it."""

from dataclasses import dataclass, field
from typing import Final

from geventim.chat.values import Kind

SIGNS: Final = {Kind.DM: "@", Kind.ROOM: "#", Kind.GROUP: "#"}
"""Before the name of a conversation of each kind."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that came with a message, and what a list says of it."""

    message_id: str
    index: int
    text: str


@dataclass(slots=True)
class Standpoint:
    """The user is called ``nick``; lines that name nobody go to ``place``, called ``name``.

    ``place`` has the sign of its kind before the name. Both are empty if they go nowhere. ``left``
    says whether the user has left it. Who types ``asks`` to be asked, if somebody can answer.
    ``files`` have come with messages; lines call them by their numbers, from 1.
    """

    nick: str = ""
    name: str = ""
    kind: Kind = Kind.ROOM
    left: bool = False
    asks: bool = False
    files: list[KnownFile] = field(default_factory=list)

    @property
    def place(self) -> str:
        """What a wish calls the conversation."""
        return SIGNS[self.kind] + self.name if self.name else ""

    def go(self, kind: Kind, name: str) -> None:
        """Have lines go there from now on."""
        self.kind, self.name, self.left = kind, name, False

    def add_file(self, message_id: str, index: int, text: str) -> int:
        """Note a file, once; its number."""
        for number, known in enumerate(self.files, 1):
            if (known.message_id, known.index) == (message_id, index):
                return number
        self.files.append(KnownFile(message_id, index, text))
        return len(self.files)
