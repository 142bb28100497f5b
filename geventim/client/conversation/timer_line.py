"""The line that says who has set the timer of a conversation.

Whoever sets it counts at once, and may do so without end. Of what others set in quick succession
the user is told the last.
"""

from typing import Final

from geventim.client.events import TimerSet
from geventim.client.kept.record import Record, keep_record
from geventim.client.steps.spacing import Spacing
from geventim.client.user import User

SPACE: Final = 60.0
"""Seconds from one line to the next, where there are many."""

FREE: Final = 4
"""So many in a row are told at once."""


class TimerLine:
    """The one that waits in a conversation, whose ``record`` says what it is."""

    def __init__(self, user: User, record: Record) -> None:
        self._user = user
        self._record = record
        self._spacing = Spacing(user.clock, SPACE, FREE)
        self._due: float | None = 0.0 if record.timer_by else None

    @property
    def is_waiting(self) -> bool:
        """Whether the user was not told what holds now."""
        return self._due is not None

    @property
    def wake_at(self) -> float | None:
        """When to call :meth:`poll`, in seconds since the epoch."""
        return self._due

    def put(self, nick: str, date: float, *, is_own: bool) -> None:
        """``nick`` has set the timer, by their clock at ``date``."""
        self._record.timer_by, self._record.timer_date = nick, date
        if is_own:
            self._due = 0.0
        elif self._due is None:
            self._due = self._spacing.reserve()
        self.poll()

    def drop(self) -> None:
        """Somebody has set it of whom the user wants to hear nothing."""
        self._record.timer_by, self._due = "", None

    def poll(self) -> None:
        """Tell what is due."""
        if self._due is None or self._user.clock() < self._due:
            return
        record = self._record
        name, place, nick = record.label, record.id.hex(), record.timer_by
        self.drop()
        keep_record(self._user.memory, record)
        date, seq = record.timer_date, record.timer_set
        self._user.emit(TimerSet(name, nick, record.timer, date, seq, place))
