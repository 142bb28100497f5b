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
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import gevent
import msgspec
from gevent.monkey import is_module_patched
from gevent.queue import Queue

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
from geventim.client.wishes import Id, Wish
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
    :class:`UserError` and :class:`StoreError` if it cannot go on; at the end of ``with``, when all
    is delivered, it leaves.
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
        self._events: deque[Event] = deque()
        self._news = threading.Condition()
        self._entered: Future[None] = Future()
        self._thread: threading.Thread | None = None
        self._how: Ending | Exception | None = None
        self._loop: Any
        self._calls: Queue[Call | None]
        self._stay: Stay

    def __enter__(self) -> Self:
        if self._thread is not None:
            raise MisuseError("a client is entered once")
        self._thread = threading.Thread(target=self._run, name="geventim", daemon=True)
        self._thread.start()
        try:
            self._entered.result(self._patience)
        except TimeoutError:
            self._leave()
            text = f"{self._settings.link.address} has not answered."
            raise UserError("no_server", text, "Is the server running?") from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leave()

    def __iter__(self) -> Iterator[Event]:
        """Everything that happens, as it does; ends when the client does.

        Raises what has ended it.
        """
        while (event := self.next_event()) is not None:
            yield event

    def next_event(self, timeout: float | None = None) -> Event | None:
        """What happens next; None if nothing does within so many seconds, or any more.

        Raises what has ended the client.
        """
        with self._news:
            self._news.wait_for(lambda: self._events or self._how, timeout)
            if self._events:
                return self._events.popleft()
            error = self._how.error if isinstance(self._how, Ending) else self._how
            if error is not None:
                raise error
            return None

    def wish(self, wish: Wish) -> Result:
        """What comes of ``wish``; its id is replaced. See :class:`.Requests` for what is raised."""
        number = next(self._numbers)
        future: Future[Result] = Future()
        call = msgspec.structs.replace(wish, id=number), future
        with self._news:
            if self._thread is None or self._how is not None:
                raise MisuseError("a client can be used inside of 'with'")
            self._in_loop(partial(self._calls.put, call))
        try:
            return future.result(self._patience)
        except TimeoutError:
            text = "Nothing has answered in time; it may still be done."
            raise UserError("no_answer", text) from None

    def _leave(self) -> None:
        """Deliver everything, and end."""
        assert self._thread is not None  # noqa: S101 - only those who entered leave
        with self._news:
            if self._how is None and self._entered.done():
                self._in_loop(partial(self._calls.put, None))
            elif self._how is None:
                self._in_loop(self._stay.leave)
        self._thread.join()

    def _in_loop(self, call: Callable[[], object]) -> None:
        self._loop.run_callback_threadsafe(call)

    def _run(self) -> None:
        """The thread of the client."""
        hub = gevent.get_hub()
        self._loop = hub.loop
        self._calls = Queue()
        self._stay = Stay(self._settings, _Ear(self._show))
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
        while (call := self._calls.get()) is not None:
            wish, future = call
            self._futures[wish.id] = future
            self._stay.grant(wish)
        self._stay.end_input()

    def _end(self, how: Ending | Exception) -> None:
        error = how.error if isinstance(how, Ending) else how
        if isinstance(error, DeniedError):
            error = UserError(error.code, explain(error))
            how = Ending(ending.FAILED, error)
        with self._news:
            self._how = how
            self._news.notify_all()
        interrupted = error or UserError("interrupted", "The client ended before it was answered.")
        while not self._calls.empty():
            call = self._calls.get()
            if call is not None:
                call[1].set_exception(interrupted)
        for future in self._futures.values():
            future.set_exception(interrupted)
        if not self._entered.done():
            self._entered.set_exception(interrupted)

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
            future.set_exception(UserError(item.refused.code, item.refused.text))


@dataclass(frozen=True, slots=True)
class _Ear:
    """A view that tells a program."""

    show: Callable[[Sequence[Note]], None]

    def remark(self, text: str) -> None:
        """Remarks are for people."""
