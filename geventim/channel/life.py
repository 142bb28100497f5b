"""Signs of life: a PING, and the PONG that answers it.

They belong to the connection, not to what is said over it. Either side may ask; it is up to the
protocol above who does, and when.
"""

from typing import Final

from geventim.channel.records import PING, PONG
from geventim.errors import PeerError

LIFE: Final = frozenset({PING, PONG})
"""The types of their records."""


class LifeSigns:
    """What is under way on one connection.

    ``asked`` counts our PINGs that no PONG has answered by itself; ``owed`` is whether a PING of
    the peer waits for its answer. One PONG answers all PINGs before it, so who asks much is not
    answered much.
    """

    __slots__ = ("asked", "owed")

    def __init__(self) -> None:
        self.asked = 0
        self.owed = False

    def take(self, kind: int) -> None:
        """A record of type ``kind`` has arrived.

        Raises :class:`PeerError` for an answer to nothing.
        """
        if kind == PING:
            self.owed = True
        elif self.asked:
            self.asked -= 1
        else:
            raise PeerError("a PONG that nobody asked for")
