"""What operations and readers work with: the user's own state, and ways to speak and to draw."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from geventim.chat import names
from geventim.chat.values import ID_SIZE, Status
from geventim.client.events import Event
from geventim.client.strongbox import Strongbox

NAMES_CACHED = 4_096

is_name = functools.lru_cache(NAMES_CACHED)(names.is_name)
"""Whether what a server calls a name is one; asked for every entry, so the answer is kept."""


@dataclass(slots=True)
class Context:
    """The user's side of things.

    ``room`` is the id of the room where lines go that name nobody, called ``room_name``; ``random``
    returns so many unpredictable bytes, and ``emit`` tells the user.
    """

    nick: str
    room_name: str
    random: Callable[[int], bytes]
    emit: Callable[[Event], None]
    strongbox: Strongbox
    room: bytes = b""
    status: Status = Status.NORMAL

    def new_id(self) -> bytes:
        """An id for a message or a conversation that nobody else will draw."""
        return self.random(ID_SIZE)
