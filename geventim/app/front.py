"""One front end of a client: what it is to be told, in a queue of its own.

Telling it something never waits. Whoever does not take what they are told loses the events that
wait for them, and is told ``behind`` instead; answers are kept.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from gevent.event import Event as Flag

from geventim.app.note import Note
from geventim.client.answers import Answer
from geventim.client.stream import Behind
from geventim.client.wishes import Id

MOST: Final = 8_192
"""Events that may wait: more than are kept for who comes back."""

LARGEST: Final = 16 * 1024 * 1024
"""Bytes that these may have together."""

PIECE: Final = 256 * 1024
"""Bytes that are handed out at a time, or a single note that has more."""

PROMPT: Final = 0.25
"""Seconds for what is told to be shown, before somebody counts as slow."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    note: Note
    size: int


class Front:
    """A front end, and the number by which the agent knows it (``asker``).

    It holds ``most`` events, of ``largest`` bytes together, and hands out a ``piece`` of them.
    """

    def __init__(
        self, asker: int, most: int = MOST, largest: int = LARGEST, piece: int = PIECE
    ) -> None:
        self.asker = asker
        self.space = Flag()
        """Set while it may wish for more."""
        self.space.set()
        self._most = most
        self._largest = largest
        self._piece = piece
        self._waiting: deque[_Waiting] = deque()
        self._size = 0
        self._unanswered = 0
        self._answerable = Flag()
        self._answerable.set()
        self._news = Flag()
        self._roomy = Flag()
        self._roomy.set()
        self._shown = Flag()
        self._shown.set()
        self._is_slow = False
        self._is_closed = False
        self._is_ending = False
        self._granting: dict[Id | None, int] = {}

    @property
    def granting(self) -> list[Id]:
        """The ids of wishes that were taken, and are not answered yet."""
        return [wish for wish in self._granting if wish is not None]

    def put(self, note: Note, size: int = 0) -> None:
        """Tell it ``note``, of so many bytes; never waits."""
        if self._is_closed:
            return
        if isinstance(note.item, Answer):
            self._answered(note.item.answer)
        elif len(self._waiting) >= self._most or self._size + size > self._largest:
            self.drop_events()
            note, size = Note(Behind()), 0
        self._waiting.append(_Waiting(note, size))
        self._resize(size)
        self._shown.clear()
        self._news.set()
        self._end_if_answered()

    def drop_events(self) -> None:
        """Tell it nothing of what has happened, and was not taken yet."""
        answers = [each for each in self._waiting if isinstance(each.note.item, Answer)]
        dropped = sum(each.size for each in self._waiting) - sum(each.size for each in answers)
        self._waiting = deque(answers)
        self._resize(-dropped)

    def wished(self, wish: Id | None) -> None:
        """A wish with this id was taken, or something instead of one."""
        self._granting[wish] = self._granting.get(wish, 0) + 1
        self._unanswered += 1
        if self._unanswered >= self._most:
            self._answerable.clear()

    def take(self, seconds: float | None = None) -> list[Note] | None:
        """Wait for what it is told; None when there is nothing any more.

        It is an empty list if nothing is told within so many ``seconds``.
        """
        if not self._waiting:
            self._shown.set()
            self._is_slow = False
        while not self._waiting:
            if self._is_closed:
                return None
            self._news.clear()
            if not self._news.wait(seconds):
                return []
        taken: list[Note] = []
        size = 0
        while self._waiting and (not taken or size + self._waiting[0].size <= self._piece):
            each = self._waiting.popleft()
            taken.append(each.note)
            size += each.size
        self._resize(-size)
        return taken

    def await_shown(self, seconds: float = PROMPT) -> None:
        """Wait until everything was shown that it was told, but not for one who is slow."""
        if not self._is_slow and not self._shown.wait(seconds):
            self._is_slow = True

    def await_room(self, seconds: float | None = None) -> bool:
        """Wait until it has taken so much that there is room for as much again; whether it has."""
        return bool(self._roomy.wait(seconds))

    def await_turn(self) -> None:
        """Wait until it may wish for more: it has to take what it is told, and be answered."""
        self._roomy.wait()
        self._answerable.wait()

    def end_when_answered(self) -> None:
        """It wishes for nothing more: close when everything is answered."""
        self._is_ending = True
        self._end_if_answered()

    def close(self) -> None:
        """There is nothing more to tell it."""
        self._is_closed = True
        self._news.set()
        self._roomy.set()
        self._answerable.set()
        self._shown.set()

    def _answered(self, wish: Id | None) -> None:
        if wish in self._granting:
            self._unanswered -= 1
            self._answerable.set()
            self._granting[wish] -= 1
            if not self._granting[wish]:
                del self._granting[wish]

    def _end_if_answered(self) -> None:
        if self._is_ending and not self._granting:
            self.close()

    def _resize(self, size: int) -> None:
        self._size += size
        if self._size * 2 > self._largest or len(self._waiting) * 2 > self._most:
            if not self._is_closed:
                self._roomy.clear()
        else:
            self._roomy.set()
