"""How much a node does at a time, and how long it waits for others."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one node.

    :ivar remembered: Conversations of which it keeps in mind how they were at last.
    :ivar attempts: How often it tries again when others were faster.
    :ivar chunk: Entries that are read together.
    :ivar wait: Milliseconds that a reader waits for the next item; less than Redis has to answer.
    :ivar replica_wait: Milliseconds in which replicas have to say that they have something; less
        than Redis has.
    :ivar wanted: Milliseconds for which a turn is kept for the node that has asked in vain.
    """

    remembered: int = 4_096
    attempts: int = 100
    chunk: int = 64
    wait: int = 2_000
    replica_wait: int = 2_000
    wanted: int = 250


USUAL: Final = Bounds()
"""Those of every node."""
