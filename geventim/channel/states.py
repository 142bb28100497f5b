"""Every state of a connection and every legal move, as data.

The table does not know which side it serves; an initiator and a responder merely start in
different places. What is not in the table is an error: the caller's or the peer's.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a connection stands.

    An initiator that has sent message 3 is ``UNCONFIRMED`` until the first record shows that the
    responder could read it.
    """

    AWAITING_PREAMBLE = "awaiting preamble"
    AWAITING_FIRST = "awaiting message 1"
    AWAITING_SECOND = "awaiting message 2"
    AWAITING_CONSENT = "awaiting consent"
    AWAITING_THIRD = "awaiting message 3"
    UNCONFIRMED = "unconfirmed"
    OPEN = "open"
    ENDED_HERE = "ended here"
    ENDED_THERE = "ended there"
    CLOSED = "closed"
    DEAD = "dead"


class Move(StrEnum):
    """What takes a connection from one state to the next."""

    READ_PREAMBLE = "read preamble"
    READ_FIRST = "read message 1"
    READ_SECOND = "read message 2"
    ACCEPT = "accept"
    READ_THIRD = "read message 3"
    SEAL = "seal"
    READ_FRAMES = "read frames"
    CLOSE = "close"
    READ_CLOSE = "read close"
    READ_END = "read end of stream"
    FAIL = "fail"


_Moves = Mapping[Move, State]


def _handshake(move: Move, state: State) -> _Moves:
    """A handshake state knows one way on; closing it leaves nothing that could be ended well."""
    return {move: state, Move.CLOSE: State.DEAD, Move.FAIL: State.DEAD}


MOVES: Final[Mapping[State, _Moves]] = {
    State.AWAITING_PREAMBLE: _handshake(Move.READ_PREAMBLE, State.AWAITING_FIRST),
    State.AWAITING_FIRST: _handshake(Move.READ_FIRST, State.AWAITING_THIRD),
    State.AWAITING_SECOND: _handshake(Move.READ_SECOND, State.AWAITING_CONSENT),
    State.AWAITING_CONSENT: _handshake(Move.ACCEPT, State.UNCONFIRMED),
    State.AWAITING_THIRD: _handshake(Move.READ_THIRD, State.OPEN),
    State.UNCONFIRMED: {
        Move.SEAL: State.UNCONFIRMED,
        Move.READ_FRAMES: State.OPEN,
        Move.CLOSE: State.ENDED_HERE,
        Move.READ_CLOSE: State.ENDED_THERE,
        Move.FAIL: State.DEAD,
    },
    State.OPEN: {
        Move.SEAL: State.OPEN,
        Move.READ_FRAMES: State.OPEN,
        Move.CLOSE: State.ENDED_HERE,
        Move.READ_CLOSE: State.ENDED_THERE,
        Move.FAIL: State.DEAD,
    },
    State.ENDED_HERE: {
        Move.READ_FRAMES: State.ENDED_HERE,
        Move.CLOSE: State.ENDED_HERE,
        Move.READ_CLOSE: State.CLOSED,
        Move.FAIL: State.DEAD,
    },
    State.ENDED_THERE: {
        Move.SEAL: State.ENDED_THERE,
        Move.CLOSE: State.CLOSED,
        Move.READ_END: State.ENDED_THERE,
        Move.FAIL: State.DEAD,
    },
    State.CLOSED: {
        Move.CLOSE: State.CLOSED,
        Move.READ_END: State.CLOSED,
        Move.FAIL: State.DEAD,
    },
    State.DEAD: {
        Move.CLOSE: State.DEAD,
        Move.FAIL: State.DEAD,
    },
}
"""From each state, the moves that are legal there and the states they lead to."""


def draw_diagram() -> str:
    """The table as a Mermaid state diagram, without moves that stay and without failing.

    From every state, failing leads to ``DEAD``.
    """
    lines = ["stateDiagram-v2"]
    lines += [f"    [*] --> {state.name}" for state in _starts()]
    for state, moves in MOVES.items():
        for move, target in moves.items():
            if target is not state and move is not Move.FAIL:
                lines.append(f"    {state.name} --> {target.name}: {move}")
    lines += [f"    {state.name} --> [*]" for state in (State.CLOSED, State.DEAD)]
    return "\n".join(lines) + "\n"


def _starts() -> list[State]:
    reached = {target for moves in MOVES.values() for target in moves.values()}
    return [state for state in MOVES if state not in reached]
