"""The server's words for refusals that a client deals with by itself."""

from typing import Final

from geventim.chat.replies import Error
from geventim.client.steps.effects import RefusedError

UNKNOWN_ACCOUNT: Final = "unknown_account"
"""Nobody has claimed that nick."""
STALE_HEAD: Final = "stale_head"
"""There is a commit that we have not applied."""
NO_TURN: Final = "no_turn"
"""The turn is over, or was given up."""
STORAGE_FAILED: Final = "storage_failed"
"""The server has trouble of its own."""
BUSY: Final = "busy"
"""The server asks for some time, and says how much."""
NOT_A_MEMBER: Final = "not_a_member"
NO_ROOM: Final = "no_room"
"""There is no room of that name."""
NAME_TAKEN: Final = "name_taken"
"""There is a room or somebody of that name, or of one that looks like it."""
BAD_GATE: Final = "bad_gate"
"""That is not the key of the room."""
OTHER_HISTORY: Final = "other_history"
"""The log is another one than we have read."""
NO_KEY_PACKAGE: Final = "no_key_package"
"""Somebody has left nothing to be added with, perhaps because they are just coming."""

PASSING: Final = frozenset({STALE_HEAD, NO_TURN, STORAGE_FAILED, BUSY})
"""What may be different at the next attempt."""


def refusal(error: Error) -> RefusedError:
    """What ``error`` says, to be raised."""
    return RefusedError(error.code, error.text, error.advice)
