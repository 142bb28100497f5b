"""What a transfer can be doing, and what it can do after that."""

import enum
from typing import Final


class State(enum.StrEnum):
    """Where a transfer stands."""

    WAITING = "waiting"
    OPENING = "opening"
    BEGINNING = "beginning"
    SKIPPING = "skipping"
    MOVING = "moving"
    FINISHING = "finishing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER: Final = frozenset({State.DONE, State.FAILED, State.CANCELLED})

_ENDS: Final = frozenset({State.FAILED, State.CANCELLED})

MOVES: Final = {
    State.WAITING: _ENDS | {State.OPENING, State.BEGINNING, State.MOVING},
    State.OPENING: _ENDS
    | {State.WAITING, State.OPENING, State.BEGINNING, State.SKIPPING, State.DONE},
    State.BEGINNING: _ENDS | {State.WAITING, State.OPENING, State.SKIPPING, State.MOVING},
    State.SKIPPING: _ENDS | {State.WAITING, State.OPENING, State.SKIPPING, State.MOVING},
    State.MOVING: _ENDS | {State.WAITING, State.OPENING, State.BEGINNING, State.FINISHING},
    State.FINISHING: _ENDS | {State.WAITING, State.OPENING, State.DONE},
    State.DONE: frozenset[State](),
    State.FAILED: frozenset[State](),
    State.CANCELLED: frozenset[State](),
}
"""A transfer that waits has no connection, or no turn; what was begun is begun again then."""
