"""Follows one conversation: subscribes to its log, takes what comes, and does what is due.

At most one procedure is under way, and only while there is a connection: to get in, to change the
group, to repair our copy. Messages are sent whenever the stage allows it.
"""

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Final

from geventim.chat.replies import (
    Appended,
    ConversationInfo,
    EntryEvent,
    Error,
    Ok,
    Reply,
    Subscribed,
)
from geventim.chat.requests import Contest, GiveUpTurn, Subscribe
from geventim.chat.values import Kind
from geventim.client import admission, amendment, entries, submission
from geventim.client.causes import Cause
from geventim.client.context import Context
from geventim.client.conversation import Contradiction, Conversation
from geventim.client.effects import Ask, Operation, RefusedError
from geventim.client.entries import Verdict
from geventim.client.parcels import Fate, Parcel
from geventim.client.procedure import Procedure
from geventim.client.stages import HOLDING, MOVES, SENDING, SUBMITTED, Move, Stage
from geventim.errors import PeerError, UserError

STALE: Final = "stale_head"
CONTESTED: Final = "contested"
NOT_A_MEMBER: Final = "not_a_member"
NO_KEY_PACKAGE: Final = "no_key_package"
STORAGE_FAILED: Final = "storage_failed"
NO_TURN: Final = "no_turn"
"""The server's words for refusals that we deal with ourselves."""

PASSING: Final = frozenset({STALE, CONTESTED, NO_TURN, STORAGE_FAILED})
"""Refusals of a commit that may be different at the next attempt."""

PATIENCE: Final = 10.0
"""Seconds for others to decide which of two heads counts, before we get in anew."""

ATTEMPTS: Final = 5
"""Attempts to get a key package of somebody who may just be coming."""

LONGEST: Final = 60.0
"""Seconds between two attempts to commit, at most."""


class Link(Enum):
    """Whether the log is delivered to us."""

    OFFLINE = "offline"
    ONLINE = "online"
    ASKED = "asked"
    FOLLOWING = "following"
