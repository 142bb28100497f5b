"""Telling the user's front ends what has changed about conversations, gathered for a moment."""

from typing import Final

import msgspec

from geventim.client.conversation import summary
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import ConversationChanged
from geventim.client.operations.context import Context
from geventim.client.phases import Phase

LAG: Final = 0.1
"""Seconds until a change is told: what goes with it is told with it."""

PAUSE: Final = 0.5
"""Seconds from one time to the next."""


class Overview:
    """Compares every conversation of ``context`` with what was told of it.

    While the user comes in, everything changes: nothing is told before they are in.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._user = user = context.user
        self._conversations = conversations = context.conversations
        self._marks = {each.id: summary.mark(each) for each in conversations}
        self._members = {each.id for each in conversations if each.record.member}
        self._told: dict[bytes, ConversationChanged] = {}
        self._next = 0.0
        self._due: float | None = None
        user.touched.clear()

    @property
    def wake_at(self) -> float | None:
        """When to call :meth:`tick`, in seconds since the epoch."""
        return None if self._context.phase is Phase.ENTERING else self._due

    def tick(self) -> None:
        """Tell what has changed, once it is time."""
        touched, now = self._user.touched, self._user.clock()
        if not touched or self._context.phase is Phase.ENTERING:
            return
        if self._due is None:
            self._due = max(now + LAG, self._next)
        # A clock that was set back must not keep anything waiting.
        if self._due > now and self._due - now <= PAUSE:
            return
        self._due, self._next = None, now + PAUSE
        changed = [self._conversations.get(each) for each in sorted(touched)]
        touched.clear()
        for conversation in changed:
            if conversation is not None:
                self._tell(conversation)

    def _tell(self, conversation: Conversation) -> None:
        mark = summary.mark(conversation)
        if self._marks.get(conversation.id) == mark:
            return
        self._marks[conversation.id] = mark
        is_member = conversation.record.member
        if not is_member and conversation.id not in self._members:
            return
        (self._members.add if is_member else self._members.discard)(conversation.id)
        listed = msgspec.structs.asdict(summary.describe(conversation))
        event = ConversationChanged(
            conversation=listed.pop("name"),
            conversation_id=listed.pop("id"),
            gone=not is_member,
            **listed,
        )
        if self._told.get(conversation.id) != event:
            self._told[conversation.id] = event
            self._user.emit(event)
