"""Requests that the server was too busy for, and when they are made again.

While one waits, others of its type line up behind it: nothing overtakes what was asked before.
"""

from collections.abc import Callable
from typing import Final

from geventim.chat.replies import Error, Reply
from geventim.chat.requests import GiveUpTurn, Request, TakeTurn
from geventim.client.steps.effects import Ask
from geventim.client.steps.refusals import BUSY, NO_TURN

PATIENCE: Final = 2.0
"""Seconds for which requests wait without a word to the user."""

LONGEST: Final = 60.0
"""Seconds for which a server is waited for at most, whatever it says."""

Then = Callable[[Reply, bytes], None]
Asked = tuple[Ask, Then]


class Deferrals:
    """``clock`` gives seconds since the epoch.

    ``tell`` is called with the seconds that are left, once for each time that takes long.
    """

    def __init__(self, clock: Callable[[], float], tell: Callable[[float], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._waiting: dict[type[Request], list[Asked]] = {}
        self._due: dict[type[Request], float] = {}
        self._since: float | None = None
        self._told = False

    @property
    def wake_at(self) -> float | None:
        """When something is due, in seconds since the epoch."""
        return min(self._due.values(), default=None)

    def take(self, ask: Ask, then: Then) -> bool:
        """Have a new request wait, if others of its type do."""
        if isinstance(ask.request, GiveUpTurn):
            self._withdraw(ask.request.conversation)
        waiting = self._waiting.get(type(ask.request))
        if waiting is None:
            return False
        waiting.append((ask, then))
        return True

    def defer(self, ask: Ask, then: Then, error: Error) -> bool:
        """Have a request wait that was answered with ``error``, if all it takes is time."""
        if error.code != BUSY or error.wait <= 0:
            return False
        now, kind = self._clock(), type(ask.request)
        self._waiting.setdefault(kind, []).append((ask, then))
        self._due[kind] = max(self._due.get(kind, now), now + min(error.wait, LONGEST))
        if self._since is None:
            self._since = now
        if not self._told and self._due[kind] - self._since > PATIENCE:
            self._told = True
            self._tell(self._due[kind] - now)
        return True

    def take_due(self) -> list[Asked]:
        """The requests to be made now, in order; each is handed out once."""
        now, due = self._clock(), list[Asked]()
        for kind in [kind for kind, time in self._due.items() if time <= now]:
            del self._due[kind]
            due += self._waiting.pop(kind)
        return due

    def settle(self) -> None:
        """Something was answered: nothing takes long any more, unless something waits."""
        if not self._waiting:
            self._since, self._told = None, False

    def clear(self) -> None:
        """The connection is gone."""
        self._waiting.clear()
        self._due.clear()
        self.settle()

    def _withdraw(self, conversation: bytes) -> None:
        """Ask no more for a turn that is not wanted."""
        waiting = self._waiting.get(TakeTurn, [])
        for asked in list(waiting):
            request, then = asked[0].request, asked[1]
            if isinstance(request, TakeTurn) and request.conversation == conversation:
                waiting.remove(asked)
                then(Error(id=0, code=NO_TURN, text="The turn was given up."), b"")
