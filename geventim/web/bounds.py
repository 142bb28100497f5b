"""What a door is patient with."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one door, in seconds.

    :ivar head: For a head to come, from its first byte on.
    :ivar body: For a body to come that is read as a whole.
    :ivar silence: In which something has to come, or be taken, on a connection.
    :ivar heartbeat: After which a page is sent something, so that both ends notice when nobody is
        there.
    :ivar patience: For a wish to be taken.
    :ivar absence: After which a page that is not there does not come back.
    :ivar sweep: After which pages are looked for that were seen long ago.
    """

    head: float = 10.0
    body: float = 30.0
    silence: float = 30.0
    heartbeat: float = 15.0
    patience: float = 10.0
    absence: float = 12 * 3600.0
    sweep: float = 60.0


USUAL: Final = Bounds()
"""Those of every door."""
