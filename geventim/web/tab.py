"""One page: what it wishes, and what it is told over its stream of events.

A stream may break at any time, and its page come back: it names the last event that it has, and
goes on from there. What it was told before and may not have is said again: answers have ids.
"""

import secrets
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final

import gevent

from geventim.app.front import Front
from geventim.app.note import Note, to_line
from geventim.client import wishes
from geventim.client.answers import Answer, Done, Refused
from geventim.client.events import Behind, Event
from geventim.client.told import OWN
from geventim.client.wishes import BadWishError, Id, Wish
from geventim.web import translation
from geventim.web.tenancy import Attach, Tenancy

MOST: Final = 2_048
"""Events that may wait here for a page; more wait where they come from."""

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of these."""

HEARTBEAT: Final = 15.0
"""Seconds after which something is sent, so that both ends notice when nobody is there."""

PATIENCE: Final = 10.0
"""Seconds for a wish to be taken."""

REPEATED: Final = 1024 * 1024
"""Bytes of answers that are kept for a page that comes back; the last is kept in any case."""

Describe = Callable[[Event | Answer], Event | Answer]


class _SupersededError(Exception):
    """Another stream has begun."""


class _SilenceError(Exception):
    """There was nothing to be told."""


class Tab:
    """A page whose front end is attached by ``attach``; ``describe`` makes sentences."""

    def __init__(self, attach: Attach, describe: Describe) -> None:
        self._describe = describe
        self._front = Front(OWN, MOST, LARGEST)
        self._tenancy = Tenancy(attach, self._front, self._fall_behind)
        self._names = map(f"door-{secrets.token_hex(8)}-{{}}".format, count(1))
        self._asked: dict[Id | None, bool] = {}
        self._repeated: deque[tuple[str, bytes]] = deque()
        self._last = ""
        self._streaming: Any = None

    @property
    def is_there(self) -> bool:
        """Whether somebody reads what it is told."""
        return self._streaming is not None

    def wish(self, line: str, find: Callable[[str], str | None], *, unlocked: bool) -> bool:
        """Take what should be a wish; whether there was anybody to take it."""
        try:
            wish = translation.understand(line, find, unlocked=unlocked)
        except BadWishError as error:
            self._front.put(Note(self._describe(Refused.by(error, error.id))))
            return True
        return self._tenancy.grant(wish, PATIENCE)

    def stream(self, after: str) -> Iterator[bytes]:
        """What a page is told that has the event with the number ``after``, or nothing yet."""
        if self._streaming is not None:
            gevent.kill(self._streaming, _SupersededError())
        self._streaming = here = gevent.getcurrent()
        try:
            yield b":\n\n"
            yield from self._repeat(after)
            self._begin(after)
            while True:
                notes = self._take()
                if notes is None:
                    return
                yield b"".join(map(self._record, notes)) if notes else b":\n\n"
        except _SupersededError:
            return
        finally:
            if self._streaming is here:
                self._streaming = None

    def close(self) -> None:
        """It is over."""
        self._tenancy.close()

    def _take(self) -> list[Note] | None:
        """What there is to be told; nothing if that takes long, None when it is over."""
        silence = _SilenceError()
        try:
            with gevent.Timeout(HEARTBEAT, silence):
                return self._front.take()
        except _SilenceError as error:
            if error is not silence:
                raise
        return []

    def _begin(self, after: str) -> None:
        """Ask for what the stream begins with; events before that are not part of it."""
        self._front.drop_events()
        self._asked.clear()
        name = next(self._names)
        wish: Wish = wishes.Resume(id=name, after=after) if after else wishes.Snapshot(id=name)
        self._ask(wish)

    def _ask(self, wish: Wish) -> None:
        self._asked[wish.id] = isinstance(wish, wishes.Resume)
        self._tenancy.grant(wish, PATIENCE)

    def _record(self, note: Note) -> bytes:
        if isinstance(note.item, Answer):
            if note.item.answer in self._asked:
                return self._take_own(note.item)
            return self._keep(_data(translation.without_paths(note)))
        if self._asked and (note.n is not None or not any(self._asked.values())):
            return b""
        if note.n is not None:
            self._last = note.n
        return _data(translation.without_paths(note), note.n)

    def _take_own(self, answer: Answer) -> bytes:
        was_resuming = self._asked.pop(answer.answer)
        if isinstance(answer, Done):
            if was_resuming:
                return b""
            fields = translation.as_event(answer)
            self._last = str(fields["n"])
            return _record(fields, self._last)
        if was_resuming:
            self._ask(wishes.Snapshot(id=next(self._names)))
        return b""

    def _keep(self, record: bytes) -> bytes:
        self._repeated.append((self._last, record))
        size = sum(len(each) for _, each in self._repeated)
        while size > REPEATED and len(self._repeated) > 1:
            size -= len(self._repeated.popleft()[1])
        return record

    def _repeat(self, after: str) -> list[bytes]:
        """Answers that a page may not have which has the event ``after``; none if it is new."""
        if not after:
            self._repeated.clear()
        while self._repeated and _is_before(self._repeated[0][0], after):
            self._repeated.popleft()
        return [record for _, record in self._repeated]

    def _fall_behind(self) -> None:
        """Another process holds the session now; nothing leads there from what was told."""
        self._front.drop_events()
        self._front.put(Note(Behind()))


def _is_before(one: str, other: str) -> bool:
    """Whether an event came before another one of the same run."""
    run, _, number = one.rpartition("-")
    other_run, _, other_number = other.rpartition("-")
    if not (number.isdecimal() and other_number.isdecimal() and len(other_number) < 20):
        return False
    return run == other_run and int(number) < int(other_number)


def _data(note: Note, number: str | None = None) -> bytes:
    return _record(note.to_object(), number)


def _record(fields: dict[str, object], number: str | None = None) -> bytes:
    begin = f"id: {number}\n" if number is not None else ""
    return f"{begin}data: {to_line(fields)}\n".encode()
