"""Coming in on a fresh connection, and what the user is told if it takes long."""

from collections.abc import Callable
from typing import Final

from geventim.client.operations.context import Context
from geventim.client.operations.entrance import enter
from geventim.client.outcomes import entering
from geventim.client.steps.procedure import Procedure
from geventim.errors import PeerError, UserError

SLOW: Final = 5.0
"""Seconds after which somebody who is still not in is told so."""


class Threshold:
    """What is before being in; ``entered`` is told how that ended: with an error, or with None."""

    def __init__(
        self, context: Context, entered: Callable[[UserError | PeerError | None], None]
    ) -> None:
        self._context = context
        self._entered = entered
        self._entrance: Procedure | None = None
        self.wake_at: float | None = None

    def begin(self) -> None:
        """There is a connection."""
        user = self._context.user
        self._entrance = Procedure(user.ways, enter(self._context), self._done)
        self.wake_at = user.clock() + SLOW
        self._entrance.begin()

    def close(self) -> None:
        """The connection is gone."""
        self.wake_at = None
        if self._entrance is not None:
            self._entrance.close()
            self._entrance = None

    def poll(self) -> bool:
        """Go on if what is waited for has happened, and tell whether it has."""
        return self._entrance is not None and self._entrance.poll()

    def tick(self) -> None:
        """Some time has passed."""
        user = self._context.user
        if self.wake_at is not None and self.wake_at <= user.clock():
            self.wake_at = None
            user.emit(entering(self._context.room_name or user.profile.room))

    def _done(self, error: UserError | PeerError | None) -> None:
        self._entrance = self.wake_at = None
        self._entered(error)
