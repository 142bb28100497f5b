"""One page: a front end with a stream of events, and files of its own."""

import secrets
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import gevent
from gevent.event import Event as Flag

from geventim.app.front import Front
from geventim.app.note import Note
from geventim.client.answers import Answer, Refused
from geventim.client.events import Event
from geventim.client.stream import Behind
from geventim.client.told import OWN
from geventim.client.wishes import BadWishError, Cancel, Id, Wish
from geventim.web import translation
from geventim.web.bounds import USUAL, Bounds
from geventim.web.guard import Guard
from geventim.web.portrayal import prepare
from geventim.web.shelf import Box
from geventim.web.telling import Telling
from geventim.web.tenancy import Attach, Tenancy

MOST: Final = 2_048
"""Events that may wait here for a page; more wait where they come from."""

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of these."""

SILENCE: Final = b":\n\n"
SUPERSEDED: Final = b'data: {"event": "superseded"}\n\n'
"""The last that a page is told whose session goes on in a tab that was made from it."""

Describe = Callable[[Event | Answer], Event | Answer]


class _SupersededError(Exception):
    """Another stream of the same page has begun."""


class Tab:
    """A page whose front end is attached by ``attach``; ``describe`` makes sentences.

    Its files are in ``box``, and ``guard`` asks for the passphrase; ``bounds`` are its door's.
    """

    def __init__(
        self,
        attach: Attach,
        describe: Describe,
        box: Box,
        guard: Guard,
        bounds: Bounds = USUAL,
    ) -> None:
        self.attach = attach
        self.box = box
        self.guard = guard
        self._describe = describe
        self._bounds = bounds
        self._front = Front(OWN, MOST, LARGEST)
        self._tenancy = Tenancy(attach, self._front, self._fall_behind)
        self._mark = f"door-{secrets.token_hex(8)}"
        self._telling = Telling(self._mark)
        self._sending: dict[Id, list[str]] = {}
        self._taken: deque[Note] = deque()
        self._streaming: Any = None
        self._is_free = Flag()

    @property
    def is_there(self) -> bool:
        """Whether somebody reads what it is told."""
        return self._streaming is not None

    def wish(self, line: str) -> bool:
        """Take what should be a wish; whether there was anybody to take it."""
        used: list[str] = []

        def find(key: str) -> str | None:
            used.append(key)
            return self.box.find(key)

        try:
            wish = translation.understand(line, find, unlocked=self.guard.is_open)
        except BadWishError as error:
            self._front.put(Note(self._describe(Refused.by(error, error.id))))
            return True
        if used:
            self._sending[wish.id] = used
        return self._tenancy.grant(wish, self._bounds.patience)

    def stream(self, after: str) -> Iterator[bytes]:
        """What a page is told that has the event with the number ``after``, or nothing yet."""
        while self._streaming is not None:
            # It may have taken what is not told yet, and has to say so first.
            gevent.kill(self._streaming, _SupersededError())
            self._is_free.wait(self._bounds.patience)
        self._streaming = reader = gevent.getcurrent()
        self._is_free.clear()
        try:
            self._front.drop_events()
            self._taken = deque(each for each in self._taken if isinstance(each.item, Answer))
            records, wish = self._telling.begin(after)
            yield records or SILENCE
            if not self._tenancy.grant(wish, self._bounds.patience):
                return
            while (notes := self._front.take(self._bounds.heartbeat)) is not None:
                self._taken.extend(notes)
                yield b"".join(self._records()) if notes else SILENCE
        except _SupersededError:
            self._free(reader)
            yield SUPERSEDED
        finally:
            self._free(reader)

    def _free(self, reader: Any) -> None:
        """Let another stream begin, if ``reader`` has the present one."""
        if self._streaming is reader:
            self._streaming = None
            self._is_free.set()

    def close(self) -> None:
        """It is over: what it was about to send is given up."""
        self._tenancy.close(Cancel(id=self._mark, request=wish) for wish in self._sending)
        self.box.close()

    def _records(self) -> Iterator[bytes]:
        """Those of what was taken; others have their turn, and a stream may end, between two."""
        while self._taken:
            prepare(self._taken[0], partial(gevent.sleep, 0))
            yield self._record(self._taken.popleft())

    def _record(self, note: Note) -> bytes:
        if isinstance(note.item, Answer) and note.item.answer in self._sending:
            # Refused or not, it was taken: a page that tries again sends it again.
            self.box.drop(self._sending.pop(note.item.answer))
        told = self._telling.take(note)
        if isinstance(told, Wish):
            self._tenancy.grant(told, self._bounds.patience)
            return b""
        return told

    def _fall_behind(self) -> None:
        """Another process holds the session now; nothing leads there from what was told."""
        self._front.drop_events()
        self._front.put(Note(Behind()))
