"""Lines that somebody types, and who takes them: whoever asks for one, or else whoever talks."""

from collections.abc import Callable, Iterator

from gevent.event import AsyncResult

from geventim.errors import UserError
from geventim.wire.lines import Item


class Reader:
    """Gives out ``lines``, each to one."""

    def __init__(self, lines: Iterator[Item]) -> None:
        self._lines = lines
        self._asked: AsyncResult[Item | None] | None = None
        self._is_reading = False
        self._has_ended = False

    def read(self, take: Callable[[Item], None]) -> None:
        """Give each line to ``take``, but for those that somebody asks for meanwhile."""
        self._is_reading = True
        for line in self._lines:
            if self._asked is None:
                take(line)
            else:
                asked, self._asked = self._asked, None
                asked.set(line)
        self._has_ended = True
        if self._asked is not None:
            self._asked.set(None)

    def answers(self) -> Iterator[Item]:
        """The lines that are typed from now on, each once it is asked for."""
        while (line := self._ask()) is not None:
            yield line

    def _ask(self) -> str | UserError | None:
        if not self._is_reading:
            return next(self._lines, None)
        if self._has_ended:
            return None
        self._asked = AsyncResult()
        return self._asked.get()
