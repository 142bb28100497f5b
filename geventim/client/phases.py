"""Where an agent stands: offline, entering, ready, or at its end."""

import enum
from dataclasses import dataclass
from typing import Final

from geventim.errors import UserError


class Phase(enum.Enum):
    """Where an agent stands."""

    OFFLINE = "offline"
    ENTERING = "entering"
    READY = "ready"
    ENDED = "ended"


MOVES: Final = {
    Phase.OFFLINE: frozenset({Phase.ENTERING, Phase.ENDED}),
    Phase.ENTERING: frozenset({Phase.READY, Phase.OFFLINE, Phase.ENDED}),
    Phase.READY: frozenset({Phase.OFFLINE, Phase.ENDED}),
    Phase.ENDED: frozenset[Phase](),
}
"""From each phase, those that may follow. An agent that has ended stays so."""


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over: the user left, or ``reason`` says why the server wants no more of this."""

    reason: UserError | None = None
