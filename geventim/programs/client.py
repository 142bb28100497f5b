"""A client for programs: a context manager whose methods are wishes, and which iterates events.

It holds the session of its user, or is attached to a client of theirs that runs already. All of
that happens in a thread of its own, on an event loop of its own: the program need not know of
gevent, and may do something else between two calls for as long as it likes.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import gevent
import msgspec
from gevent.event import Event as Flag
from gevent.monkey import is_module_patched

from geventim.app import ending
from geventim.app.ending import Ending
from geventim.app.note import Note
from geventim.app.settings import Settings, data_directory
from geventim.app.stay import Stay
from geventim.chat.links import parse_links
from geventim.chat.names import check_name
from geventim.client.answers import Answer, Done, Refused, Result
from geventim.client.events import Event
from geventim.client.stream import Behind
from geventim.client.wish_lines import check
from geventim.client.wishes import BadWishError, Id, Wish
from geventim.errors import DeniedError, MisuseError, UserError
from geventim.lines.refusals import explain
from geventim.lines.sentences import describe
from geventim.net.key_files import read_access_key
from geventim.programs.requests import Requests

MOST: Final = 8_192
"""Events that wait for a program; one that takes none of them is told ``behind`` instead."""

PATIENCE: Final = 60.0
"""Seconds in which a wish is answered, unless it is said otherwise."""

Call = tuple[Wish, "Future[Result]"]


class Client(Requests):
    """The user ``nick`` at the server with this ``address``: HOST, HOST:PORT or an invite link.

    ``room`` is where they are. ``data`` is the directory of all state, as that of ``eim-client``
    is; ``passphrase`` opens what is there. ``access_key_file`` holds the access key of the server,
    if it has one. A wish is answered within ``patience`` seconds.

    Inside ``with`` it is connected. It may be used from several threads. Raises
    :class:`UserError` and :class:`StoreError` if it cannot go on. At the end of ``with`` it leaves
    when all is delivered, or when ``patience`` is at its end; after an exception, in a few seconds.
    """

    def __init__(
        self,
        address: str = "127.0.0.1",
        *,
        nick: str,
        room: str = "lobby",
        data: str | os.PathLike[str] | None = None,
        passphrase: str | None = None,
        access_key_file: str | os.PathLike[str] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        link, *others = parse_links(address)
        self._settings = Settings(
            link,
            check_name(nick),
            check_name(room),
            data_directory(None if data is None else os.fspath(data)),
            None if access_key_file is None else read_access_key(Path(access_key_file)),
            passphrase=passphrase,
            describe=describe,
            others=tuple(others),
        )
        self._patience = patience
        self._numbers = count(1)
        self._futures: dict[Id | None, Future[Result]] = {}
        self._calls: deque[Call] = deque()
        self._events: deque[Event] = deque()
        self._news = threading.Condition()
        self._begun = threading.Event()
        self._entered: Future[None] = Future()
        self._thread: threading.Thread | None = None
        self._is_left = False
        self._how: Ending | Exception | None = None
        self._loop: Any
        self._called: Flag
        self._stay: Stay

    def __enter__(self) -> Self:
        thread = self._claim()
        try:
            thread.start()
            self._begun.wait()
            self._entered.result(self._patience)
        except TimeoutError:
            self._leave(soon=True)
            text = f"{self._settings.link.address} has not answered."
            raise UserError("no_server", text, "Is the server running?") from None
        except BaseException:
            self._leave(soon=True)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leave(soon=error is not None)

    def __iter__(self) -> Iterator[Event]:
        """Everything that happens, as it does; ends when the client does.

        Raises what has ended it.
        """
        while (event := self.next_event()) is not None:
            yield event

    def next_event(self, timeout: float | None = None) -> Event | None:
        """What happens next; None if nothing does within so many seconds, or any more.

        Raises what has ended the client, and :class:`MisuseError` before ``with``.
        """
        with self._news:
            if self._thread is None:
                raise _outside()
            self._news.wait_for(lambda: self._events or self._how, timeout)
            if self._events:
                return self._events.popleft()
            if self._error is not None:
                raise self._error
            return None

    def wish(self, wish: Wish) -> Result:
        """What comes of ``wish``; its id is replaced. See :class:`.Requests` for what is raised."""
        if not isinstance(wish, Wish):
            raise MisuseError("what is wished for is no wish")
        number = next(self._numbers)
        try:
            checked = check(msgspec.structs.replace(wish, id=number))
        except BadWishError as error:
            raise _refusal(Refused.by(error, number)) from None
        future: Future[Result] = Future()
        with self._news:
            if not self._begun.is_set() or self._is_left:
                raise _outside()
            if self._how is not None:
                raise self._error or _interrupted()
            self._calls.append((checked, future))
        self._in_loop(self._called.set)
        try:
            return future.result(self._patience)
        except TimeoutError:
            text = "Nothing has answered in time; it may still be done."
            raise UserError("no_answer", text) from None

    @property
    def _error(self) -> Exception | None:
        """What has ended the client, if that was an error."""
        return self._how.error if isinstance(self._how, Ending) else self._how

    def _claim(self) -> threading.Thread:
        """The thread of the client, which has not begun. Raises :class:`MisuseError`."""
        with self._news:
            if self._thread is not None:
                raise MisuseError("a client is entered once")
            self._thread = threading.Thread(target=self._run, name="geventim", daemon=True)
            return self._thread

    def _leave(self, *, soon: bool) -> None:
        """End when everything is delivered; or ``soon``, as it is after ``patience``."""
        assert self._thread is not None  # noqa: S101 - only those who entered leave
        with self._news:
            self._is_left = True
        if not self._begun.wait(self._patience):
            return  # it could not
        if not soon:
            self._in_loop(self._called.set)
            self._thread.join(self._patience)
        self._in_loop(self._stay.leave)
        self._thread.join()

    def _in_loop(self, call: Callable[[], object]) -> None:
        """Have the thread of the client make that ``call``, if it goes on."""
        with self._news:
            if self._how is None:
                self._loop.run_callback_threadsafe(call)

    def _run(self) -> None:
        """The thread of the client."""
        hub = gevent.get_hub()
        self._loop = hub.loop
        self._called = Flag()
        self._stay = Stay(self._settings, _Ear(self._show))
        self._begun.set()
        feeding = gevent.spawn(self._feed)
        how: Ending | Exception = Ending(ending.FAILED)
        try:
            how = self._stay.run()
        except Exception as error:
            how = error
        finally:
            feeding.kill()
            self._end(how)
            if not is_module_patched("threading"):
                hub.destroy()

    def _feed(self) -> None:
        """Pass on what is wished."""
        self._stay.await_entry()
        self._entered.set_result(None)
        while self._calls or not self._is_left:
            self._called.clear()
            while self._calls:
                wish, future = self._calls.popleft()
                self._futures[wish.id] = future
                self._stay.grant(wish)
            if not self._is_left:
                self._called.wait()
        self._stay.end_input()

    def _end(self, how: Ending | Exception) -> None:
        error = how.error if isinstance(how, Ending) else how
        if isinstance(error, DeniedError):
            error = UserError(error.code, explain(error))
            how = Ending(ending.FAILED, error)
        with self._news:
            self._how = how
            self._news.notify_all()
        unanswered = [*self._futures.values(), *(future for _, future in self._calls)]
        for future in unanswered:
            future.set_exception(error or _interrupted())
        if not self._entered.done():
            self._entered.set_exception(error or _interrupted())

    def _show(self, notes: Sequence[Note]) -> None:
        """Take what the client is told."""
        with self._news:
            for note in notes:
                self._take(note.item)
            self._news.notify_all()

    def _take(self, item: Event | Answer) -> None:
        if isinstance(item, Event):
            if len(self._events) >= MOST:
                self._events.clear()
                item = Behind()
            self._events.append(item)
            return
        future = self._futures.pop(item.answer, None)
        if future is None:
            return
        if isinstance(item, Done):
            future.set_result(item.done)
        elif isinstance(item, Refused):
            future.set_exception(_refusal(item))


@dataclass(frozen=True, slots=True)
class _Ear:
    """A view that tells a program."""

    show: Callable[[Sequence[Note]], None]

    def remark(self, text: str) -> None:
        """Remarks are for people."""


def _refusal(refused: Refused) -> UserError:
    refusal = describe(refused).refused
    return UserError(refusal.code, refusal.text)


def _outside() -> MisuseError:
    return MisuseError("a client can be used inside of 'with'")


def _interrupted() -> UserError:
    return UserError("interrupted", "The client ended before it was answered.")
