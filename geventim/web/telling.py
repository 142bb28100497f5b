"""What one page is told, as records of its stream of events; bytes out, nothing waits.

A stream may break at any time, and its page come back: it names the last event that it has, and
goes on from there. What it was told before and may not have is said again: answers have ids.
"""

from collections import deque
from collections.abc import Iterator
from itertools import count
from typing import Final

from geventim.app.note import Note, to_line
from geventim.client import wishes
from geventim.client.answers import Answer, Done, Snapshot
from geventim.client.wishes import Id, Wish
from geventim.web import translation
from geventim.web.portrayal import portray

REPEATED: Final = 1024 * 1024
"""Bytes of answers that are kept for a page that comes back; the last is kept in any case."""


class Telling:
    """Makes records of notes. Wishes of its own have ids that begin with ``mark``."""

    def __init__(self, mark: str, repeated: int = REPEATED) -> None:
        self._repeated = repeated
        self._mark = mark
        self._names: Iterator[str] = map(f"{mark}-{{}}".format, count(1))
        self._asked: Wish | None = None
        self._last = ""
        self._answers: deque[tuple[str, bytes]] = deque()

    def begin(self, after: str) -> tuple[bytes, Wish]:
        """Begin a stream for a page that has the event with the number ``after``, or nothing.

        It is told the records at once; what is wished for then says how it goes on, and no event
        before that belongs to it.
        """
        if not after:
            self._answers.clear()
        while self._answers and _is_before(self._answers[0][0], after):
            self._answers.popleft()
        name = next(self._names)
        self._asked = wishes.Resume(id=name, after=after) if after else wishes.Snapshot(id=name)
        return b"".join(record for _, record in self._answers), self._asked

    def take(self, note: Note) -> bytes | Wish:
        """The records for ``note``; or another wish of our own that has come of it."""
        if isinstance(note.item, Answer):
            if self._owns(note.item.answer):
                return self._take_own(note.item)
            return self._keep(_data(translation.without_paths(note)))
        if self._asked is not None and (note.n or isinstance(self._asked, wishes.Snapshot)):
            return b""
        if note.n is not None:
            self._last = note.n
        return _data(translation.without_paths(note), note.n)

    def _owns(self, wish: Id | None) -> bool:
        return isinstance(wish, str) and wish.startswith(self._mark)

    def _take_own(self, answer: Answer) -> bytes | Wish:
        asked = self._asked
        if asked is None or answer.answer != asked.id:
            return b""  # of a stream that is over
        self._asked = None
        if isinstance(answer, Done) and isinstance(answer.done, Snapshot):
            self._last = answer.done.n
            return _record(translation.as_event(answer.done), self._last)
        if not isinstance(answer, Done) and isinstance(asked, wishes.Resume):
            self._asked = wishes.Snapshot(id=next(self._names))
            return self._asked
        return b""

    def _keep(self, record: bytes) -> bytes:
        self._answers.append((self._last, record))
        size = sum(len(each) for _, each in self._answers)
        while size > self._repeated and len(self._answers) > 1:
            size -= len(self._answers.popleft()[1])
        return record


def _is_before(one: str, other: str) -> bool:
    """Whether an event came before another one of the same run."""
    run, _, number = one.rpartition("-")
    other_run, _, other_number = other.rpartition("-")
    if run != other_run or not (number.isdecimal() and other_number.isdecimal()):
        return False
    return len(other_number) < 20 and int(number) < int(other_number)


def _data(note: Note, number: str | None = None) -> bytes:
    return _record(portray(note), number)


def _record(fields: dict[str, object], number: str | None = None) -> bytes:
    begin = "" if number is None else f"id: {number}\n"
    return f"{begin}data: {to_line(fields)}\n".encode()
