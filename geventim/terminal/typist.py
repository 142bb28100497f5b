"""Between somebody who writes lines, and a session."""

from collections.abc import Callable, Sequence
from operator import methodcaller
from typing import Final

import gevent
from gevent.event import Event as Bell
from gevent.lock import BoundedSemaphore
from gevent.queue import JoinableQueue

from geventim.app import ending
from geventim.app.ending import Ending
from geventim.app.note import Note
from geventim.app.stay import Stay
from geventim.app.view import View
from geventim.client.answers import Answer
from geventim.client.events import Event
from geventim.client.wishes import BadWishError, Wish
from geventim.errors import UserError
from geventim.lines.line_mode import LineMode, Turn
from geventim.terminal.echo import Echo
from geventim.terminal.paths import with_whole_paths

HELD: Final = 1_000
"""Lines that may wait for the outcome of one before them; more are left where they come from."""


class Typist:
    """Shows in ``view`` what a session tells, as it looks where lines are typed.

    What is said to the session leaves in a greenlet of its own, since the session may wait, and
    also wait for what is shown. With ``echo`` a key that is typed is not to be seen. ``ask`` shows
    where the next line goes. Somebody ``reads`` what is shown, if it is shown on a terminal.
    """

    def __init__(
        self,
        view: View,
        echo: Echo,
        lines: LineMode,
        ask: Callable[[], None] = lambda: None,
        *,
        reads: bool = False,
        held: int = HELD,
    ) -> None:
        self._reads = reads
        self._most_held = held
        self.browse: Callable[[], None] = lambda: None
        """Shows a link for a browser; may wait."""
        self._ask = ask
        self._view = view
        self._echo = echo
        self._lines = lines
        self._showing = BoundedSemaphore()
        self._said: JoinableQueue[Callable[[Stay], None]] = JoinableQueue()
        self._space = Bell()
        self._space.set()

    def attend(self, session: Stay) -> None:
        """Tell ``session`` what is typed; does not return."""
        for say in self._said:
            say(session)
            self._said.task_done()

    def resume(self) -> None:
        """Have lines go where they went last time, once there is somebody to say that."""
        with self._showing:
            self._take(self._lines.resume())

    def show(self, notes: Sequence[Note]) -> None:
        """Tell what has happened."""
        with self._showing:
            shown: list[Note] = []
            for note in notes:
                told = self._take(self._lines.take(note.item))
                request = None if self._lines.owns(note.request) else note.request
                shown += (
                    Note(item, note.n, request) if type(item) is type(note.item) else Note(item)
                    for item in told
                )
            if shown:
                self._view.show(shown)
            if self._reads:
                self._take(self._lines.read())

    def remark(self, text: str) -> None:
        """Tell a person something about the session itself."""
        self._view.remark(text)

    def type(self, line: str) -> None:
        """Take a line; waits while too many are under way."""
        self._do(lambda: self._lines.type(line))

    def reject(self, error: UserError) -> None:
        """Take, in its turn, a line that cannot be read."""
        self._do(lambda: self._lines.reject(error))

    def wish(self, wish: Wish) -> None:
        """Take a wish; waits while too many are under way."""
        self._said.put(methodcaller("grant", wish))
        self._said.join()

    def refuse(self, error: BadWishError) -> None:
        """Have answered, in its turn, what should have been a wish."""
        self._said.put(methodcaller("reject", error))
        self._said.join()

    def end_input(self) -> None:
        """There are no more lines: leave when all of them have taken effect."""
        self._do(self._lines.leave)

    def ending(self, how: Ending) -> Ending:
        """``how`` it ended, with lines that the session has not heard of."""
        undelivered = how.undelivered + self._lines.held
        refused = how.refused + self._lines.refused
        return ending.leaving(how, undelivered, refused, how.queued)

    def _do(self, call: Callable[[], Turn]) -> None:
        with self._showing:
            told = self._take(call())
            if told:
                self._view.show([*map(Note, told)])
            else:
                self._ask()
        self._said.join()
        self._space.wait()

    def _take(self, turn: Turn) -> Sequence[Event | Answer]:
        for wish in turn.wishes:
            self._said.put(methodcaller("grant", with_whole_paths(wish)))
        if turn.leaves:
            self._said.put(methodcaller("end_input"))
        if turn.browses:
            gevent.spawn(self.browse)
        self._echo.hide(self._lines.hides_input)
        if self._lines.held < self._most_held:
            self._space.set()
        else:
            self._space.clear()
        return turn.told
