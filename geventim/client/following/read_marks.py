"""Telling others how far the user has read, or why they are away: nothing has to be done for it."""

from typing import Final

from geventim.client.conversation import away
from geventim.client.conversation.acquaintance import distrust
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.posting import tell_away, tell_read
from geventim.client.conversation.read_marks import are_told
from geventim.client.following import amendment
from geventim.client.kept.stages import SENDING

PAUSE: Final = 3.0
"""Seconds from one time to the next: what is read meanwhile goes together."""


class ReadMarks:
    """Those of the user in ``conversation``, and what they say there while they are away.

    None causes a commit, and each is sealed for the members of now: while the group has to change
    before anything is sent, and when little of what may be sealed in an epoch is left, they wait.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._next = 0.0

    @property
    def wake_at(self) -> float:
        """When to call :meth:`poll`, in seconds since the epoch."""
        return self._next

    def poll(self) -> None:
        """Tell what is to be told, once it is time."""
        conversation = self._conversation
        is_away_owed = away.is_owed(conversation)
        if not is_away_owed and not self._owes_mark():
            return
        now = conversation.user.clock()
        # A clock that was set back must not keep anything waiting.
        if now < self._next <= now + PAUSE or not self._may_tell():
            return
        self._next = now + PAUSE
        if is_away_owed:
            tell_away(conversation)
        else:
            tell_read(conversation)

    def _owes_mark(self) -> bool:
        conversation = self._conversation
        is_wanted = conversation.user.preferences.values.receipts
        return conversation.bookmark.owes_mark and is_wanted and are_told(conversation)

    def _may_tell(self) -> bool:
        conversation = self._conversation
        return (
            conversation.stage in SENDING
            and not conversation.parcels.is_quiet_on_its_way
            and not amendment.is_barred(conversation)
            and conversation.group.generation < conversation.user.measures.renewal_count
            and self._is_trusted()
        )

    def _is_trusted(self) -> bool:
        """Whether nobody is there whose key has changed: what would be refused is not begun."""
        conversation = self._conversation
        tree = conversation.seat_of().tree
        return distrust(conversation.user, conversation.record.kind, tree) is None
