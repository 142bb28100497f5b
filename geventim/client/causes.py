"""Why something could not be read, or is doubtful: every case there is."""

from enum import StrEnum
from typing import Final

from geventim.errors import PeerError


class Cause(StrEnum):
    """Everything that can keep an entry from being read, or make it doubtful; a word for each."""

    UNREADABLE = "unreadable"
    ANOTHER_EPOCH = "another_epoch"
    NO_CONTENT = "no_content"
    IMPOSTOR = "impostor"
    NO_NAME = "no_name"
    OWN_COPY = "own_copy"
    REPEATED = "repeated"
    VOID = "void"
    OTHER_STATE = "other_state"
    SHUT_OUT = "shut_out"
    LOST_WELCOME = "lost_welcome"
    BAD_WELCOME = "bad_welcome"
    MISSED = "missed"
    EXPIRED = "expired"
    OTHER_CHANGE = "other_change"
    FALSE_NICK = "false_nick"
    OTHER_HISTORY = "other_history"
    GAP = "gap"
    BACKWARDS = "backwards"
    UNVOUCHED = "unvouched"
    REPLACED_HISTORY = "replaced_history"
    LOST = "lost"
    NO_KEY = "no_key"
    PASSED_OVER = "passed_over"
    FAILED_HERE = "failed_here"
    BAD_GROUP = "bad_group"
    NO_STATE = "no_state"

    @property
    def code(self) -> str:
        """A word for programs."""
        return self.value


HOLDING_UP: Final = frozenset(
    cause.name
    for cause in (Cause.BAD_GROUP, Cause.NO_STATE, Cause.BACKWARDS, Cause.UNVOUCHED, Cause.NO_KEY)
)
"""Why we may not get in for a while."""

GONE_BACK: Final = frozenset({Cause.REPLACED_HISTORY, Cause.LOST, Cause.BACKWARDS, Cause.UNVOUCHED})
"""What comes of it, too, if the operator has put back a backup, or lost what there was."""

MOVING: Final = frozenset({Cause.OWN_COPY, Cause.LOST_WELCOME})
"""What is to be expected where the user was with another client only."""


class ContradictionError(PeerError):
    """The server gives out what contradicts what we know; ``cause`` says how."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.code)
        self.cause = cause
