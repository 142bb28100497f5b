"""The room in which a run takes place."""

from dataclasses import dataclass


@dataclass(slots=True)
class Room:
    """The room ``name``; what follows is known once it was founded.

    ``head`` is the commit that has let the last ones in. What comes after it is talk.
    """

    name: str
    id: bytes = b""
    incarnation: bytes = b""
    head: int = 0
