"""Conversations into which others have put us, taken up a few at a time.

Strangers can put us into a thousand at once; what people say is not to wait for all of them.
"""

from collections.abc import Callable, Iterator
from typing import Final

from geventim.chat.replies import ConversationInfo
from geventim.client.steps.spacing import Spacing

SPACE: Final = 0.0625
"""Seconds from one to the next."""

FREE: Final = 8
"""So many in a row need not wait."""


class Introductions:
    """What the server has said about such conversations; ``clock`` gives seconds since the epoch.

    ``wake_at`` is when the next one is due that has to wait.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._spacing = Spacing(clock, SPACE, FREE)
        self._waiting: dict[bytes, ConversationInfo] = {}
        self.wake_at: float | None = None

    def add(self, info: ConversationInfo) -> None:
        """Let one wait; what was said about it before counts no longer."""
        self._waiting[info.id] = info

    def drop(self, conversation: bytes) -> None:
        """Let it wait no longer: it is known."""
        self._waiting.pop(conversation, None)

    def due(self) -> Iterator[ConversationInfo]:
        """Those whose turn it is."""
        while self._waiting:
            if self.wake_at is None:
                self.wake_at = self._spacing.reserve()
            if 0 < self.wake_at - self._clock() <= SPACE:
                return  # otherwise it is time, or the clock was set back
            self.wake_at = None
            yield self._waiting.pop(next(iter(self._waiting)))
        self.wake_at = None

    def reset(self) -> None:
        """The connection is gone, and whoever connects again is told of all."""
        self._waiting.clear()
        self._spacing.reset()
        self.wake_at = None
