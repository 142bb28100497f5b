"""Telling others how far the user has read, when nothing has to be done for it."""

from typing import Final

from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.posting import tell_read
from geventim.client.conversation.read_marks import are_told
from geventim.client.following import amendment
from geventim.client.kept.stages import SENDING

PAUSE: Final = 3.0
"""Seconds from one time to the next: what is read meanwhile goes together."""


class ReadMarks:
    """Those of the user in ``conversation``.

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
        """Tell what has been read, once it is time."""
        conversation = self._conversation
        if not conversation.bookmark.owes_mark:
            return
        now, user = conversation.user.clock(), conversation.user
        # A clock that was set back must not keep anything waiting.
        if now < self._next <= now + PAUSE:
            return
        if user.preferences.values.receipts and self._may_tell():
            self._next = now + PAUSE
            tell_read(conversation)

    def _may_tell(self) -> bool:
        conversation = self._conversation
        return (
            conversation.stage in SENDING
            and are_told(conversation)
            and not conversation.parcels.is_quiet_on_its_way
            and not amendment.is_barred(conversation)
            and conversation.group.generation < conversation.user.measures.renewal_count
        )
