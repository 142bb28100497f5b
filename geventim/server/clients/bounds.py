"""What a server is patient with, and how much of it goes on at the same time."""

from dataclasses import dataclass
from typing import Final

from geventim.chat import limits


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one listener.

    :ivar rest: Seconds in which a connection was idle when it rests; and from one look after all to
        the next.
    :ivar pages: Clients that read a page of a log at the same time: sealing one takes a while.
    :ivar records: Clients that say much at once at the same time, a megabyte each at most.
    :ivar soon: Seconds in which a client is sent what it missed, before what it says next is taken.
    :ivar longest: Seconds for which one of those may come and be answered.
    :ivar pause: Seconds in which nobody is accepted after that has failed.
    :ivar drain: Seconds in which clients may take what is on its way to them when the server stops.
    :ivar in_flight: Appends of one session that may wait for the disk when its next turn begins.
    :ivar crowd: Changes of all sessions that wait for the disk, from which on each has few there.
    :ivar in_flight_in_a_crowd: Appends of one session that may wait for the disk then.
    """

    rest: float = 2.0
    pages: int = 4
    records: int = 8
    soon: float = 0.005
    longest: float = 20.0
    pause: float = 1.0
    drain: float = 5.0
    in_flight: int = limits.IN_FLIGHT
    crowd: int = limits.CROWD
    in_flight_in_a_crowd: int = limits.IN_FLIGHT_IN_A_CROWD


USUAL: Final = Bounds()
"""Those of every server."""
