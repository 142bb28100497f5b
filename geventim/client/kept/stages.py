"""Every stage of a conversation and every legal move, as data.

What is not in the table is a bug. A conversation is at one stage at a time, whatever else is on its
way; the stage outlives the process.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """Where we stand in a conversation.

    ========== =================================================================
    ABSENT     we have no part in the group, or know none yet
    INVITED    somebody else has founded it; a Welcome is awaited
    QUEUED     in line for the turn to get in
    PREPARING  it is our turn, and we work out how to get in
    FOUNDING   the commit that begins the group is on its way
    JOINING    the commit by which we get in is on its way
    ACTIVE     a member that sends and receives
    IN_LINE    a member in line for the turn to change the group
    STAGING    it is our turn, and we work out the change
    COMMITTING the change is on its way
    OUTSIDE    the group went on without us: we follow what is public and ask for
               help; or we have lost our seat, and look for a state of the group
    REQUEUED   in line for the turn to get in anew
    REPAIRING  it is our turn, and we work out how to get in anew
    RESYNCING  the commit by which we get in anew is on its way
    STOPPED    the server contradicts what we know, and a person has to decide;
               or what it gives out is not valid, and is asked for again
    ========== =================================================================
    """

    ABSENT = "absent"
    INVITED = "invited"
    QUEUED = "queued"
    PREPARING = "preparing"
    FOUNDING = "founding"
    JOINING = "joining"
    ACTIVE = "active"
    IN_LINE = "in line"
    STAGING = "staging"
    COMMITTING = "committing"
    OUTSIDE = "outside"
    REQUEUED = "requeued"
    REPAIRING = "repairing"
    RESYNCING = "resyncing"
    STOPPED = "stopped"


class Move(StrEnum):
    """What takes a conversation from one stage to the next."""

    ASK = "ask for the turn"
    TURN = "get the turn"
    YIELD = "give up the turn"
    FOUND = "send the first commit"
    JOIN = "send a commit to join"
    COMMIT = "send a commit"
    ACCEPT = "commit accepted"
    REFUSE = "commit refused"
    LOSE = "lose the connection"
    WELCOME = "read a Welcome"
    SHUT_OUT = "be shut out"
    HELP = "be helped"
    EXCLUDE = "leave or be removed"
    STOP = "be contradicted"
    REJOIN = "rejoin"
    RETRY = "try again from outside"


_Moves = Mapping[Move, Stage]


def _with_others(moves: _Moves) -> _Moves:
    """``moves``, and those that others can cause at any time."""
    return {
        Move.WELCOME: Stage.ACTIVE,
        Move.SHUT_OUT: Stage.OUTSIDE,
        Move.EXCLUDE: Stage.ABSENT,
        Move.STOP: Stage.STOPPED,
        **moves,
    }


MOVES: Final[Mapping[Stage, _Moves]] = {
    Stage.ABSENT: _with_others({Move.ASK: Stage.QUEUED}),
    Stage.INVITED: _with_others({Move.ASK: Stage.QUEUED}),
    Stage.QUEUED: _with_others(
        {Move.TURN: Stage.PREPARING, Move.REFUSE: Stage.ABSENT, Move.LOSE: Stage.ABSENT}
    ),
    Stage.PREPARING: _with_others(
        {
            Move.FOUND: Stage.FOUNDING,
            Move.JOIN: Stage.JOINING,
            Move.YIELD: Stage.INVITED,
            Move.REFUSE: Stage.ABSENT,
            Move.LOSE: Stage.ABSENT,
        }
    ),
    Stage.FOUNDING: _with_others({Move.ACCEPT: Stage.ACTIVE, Move.REFUSE: Stage.ABSENT}),
    Stage.JOINING: _with_others({Move.ACCEPT: Stage.ACTIVE, Move.REFUSE: Stage.ABSENT}),
    Stage.ACTIVE: _with_others({Move.ASK: Stage.IN_LINE}),
    Stage.IN_LINE: _with_others(
        {Move.TURN: Stage.STAGING, Move.REFUSE: Stage.ACTIVE, Move.LOSE: Stage.ACTIVE}
    ),
    Stage.STAGING: _with_others(
        {
            Move.COMMIT: Stage.COMMITTING,
            Move.YIELD: Stage.ACTIVE,
            Move.REFUSE: Stage.ACTIVE,
            Move.LOSE: Stage.ACTIVE,
        }
    ),
    Stage.COMMITTING: _with_others({Move.ACCEPT: Stage.ACTIVE, Move.REFUSE: Stage.ACTIVE}),
    Stage.OUTSIDE: _with_others({Move.ASK: Stage.REQUEUED, Move.HELP: Stage.ACTIVE}),
    Stage.REQUEUED: _with_others(
        {
            Move.TURN: Stage.REPAIRING,
            Move.HELP: Stage.ACTIVE,
            Move.SHUT_OUT: Stage.REQUEUED,
            Move.REFUSE: Stage.OUTSIDE,
            Move.LOSE: Stage.OUTSIDE,
        }
    ),
    Stage.REPAIRING: _with_others(
        {
            Move.JOIN: Stage.RESYNCING,
            Move.HELP: Stage.ACTIVE,
            Move.SHUT_OUT: Stage.REPAIRING,
            Move.YIELD: Stage.OUTSIDE,
            Move.REFUSE: Stage.OUTSIDE,
            Move.LOSE: Stage.OUTSIDE,
        }
    ),
    Stage.RESYNCING: _with_others({Move.ACCEPT: Stage.ACTIVE, Move.REFUSE: Stage.OUTSIDE}),
    Stage.STOPPED: {
        Move.REJOIN: Stage.OUTSIDE,
        Move.RETRY: Stage.ABSENT,
        Move.EXCLUDE: Stage.ABSENT,
    },
}
"""From each stage, the moves that are legal there and the stages they lead to.

A stage without ``LOSE`` is the same whether there is a connection or not.
"""

SENDING: Final = frozenset({Stage.ACTIVE, Stage.IN_LINE, Stage.STAGING})
"""Where messages are sealed and sent."""

INSIDE: Final = SENDING | {Stage.COMMITTING}
"""Where we follow the group, and can read what its members write."""

SUBMITTED: Final = frozenset({Stage.FOUNDING, Stage.JOINING, Stage.COMMITTING, Stage.RESYNCING})
"""Where a commit of ours is on its way: what it leads to is kept beside the group."""

LACKING: Final = frozenset({Stage.OUTSIDE, Stage.REQUEUED, Stage.REPAIRING, Stage.RESYNCING})
"""Where we are a member without the secrets of the group as it is now."""

HELPABLE: Final = LACKING - SUBMITTED
"""Where help brings us back."""

WORKING: Final = frozenset({Stage.PREPARING, Stage.STAGING, Stage.REPAIRING})
"""Where it is our turn, and a commit of ours is about to leave."""

HOLDING: Final = frozenset(
    {Stage.QUEUED, Stage.PREPARING, Stage.IN_LINE, Stage.STAGING, Stage.REQUEUED, Stage.REPAIRING}
)
"""Where we have a turn, or a place in the line for it."""


def draw_diagram() -> str:
    """The table as a Mermaid state diagram, without the four moves that are possible everywhere.

    Those are ``EXCLUDE`` to ABSENT, ``STOP`` to STOPPED, ``SHUT_OUT`` to OUTSIDE (who waits for a
    turn to get in anew keeps it), and ``WELCOME`` to ACTIVE.
    """
    everywhere = {Move.EXCLUDE, Move.STOP, Move.SHUT_OUT, Move.WELCOME}
    lines = ["stateDiagram-v2", f"    [*] --> {Stage.ABSENT.name}"]
    for stage, moves in MOVES.items():
        lines += [
            f"    {stage.name} --> {target.name}: {move}"
            for move, target in moves.items()
            if move not in everywhere
        ]
    return "\n".join(lines) + "\n"
