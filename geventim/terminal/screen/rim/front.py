"""The full screen at a session: keys to the model, what is told to the model, the model to see."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol

import gevent
from gevent.event import AsyncResult
from gevent.event import Event as Flag
from gevent.queue import Queue
from gevent.threadpool import ThreadPool

from geventim.app.files.pictures import sample
from geventim.app.files.raster import Raster
from geventim.app.note import Note
from geventim.app.turns import TURN, let_others_go
from geventim.client.wishes import Wish
from geventim.errors import UserError
from geventim.terminal.paths import with_whole_paths
from geventim.terminal.screen.drawing.bubbles import Look, rows_of
from geventim.terminal.screen.drawing.picture import arrange
from geventim.terminal.screen.model import Model
from geventim.terminal.screen.orders import (
    Alert,
    Browse,
    Copy,
    Edit,
    Leave,
    Open,
    Order,
    Redraw,
    Sample,
    Save,
    Suspend,
)
from geventim.terminal.screen.rim import external, sequences
from geventim.terminal.screen.rim.decoder import Decoder, Pasted
from geventim.terminal.screen.rim.tty import Terminal
from geventim.terminal.screen.scene import Scene

FRAME: Final = 0.01
"""Seconds between two frames, however fast somebody types."""

REST: Final = 0.08
"""Seconds that a frame waits longer in which nobody types, however much happens."""

ESCAPE: Final = 0.05
"""Seconds after which an escape is a key of its own."""


class Host(Protocol):
    """The session that the screen is a front end of."""

    def await_entry(self) -> None:
        """Wait until wishes can be taken."""

    def grant(self, wish: Wish) -> None:
        """Take a wish; may wait."""

    def leave(self) -> None:
        """Leave soon."""


class Canvas(Protocol):
    """Knows what a terminal shows."""

    def show(self, scene: Scene, columns: int, rows: int) -> str:
        """What the terminal, which has so many columns and rows, is told to show ``scene``."""

    def forget(self) -> None:
        """Nothing is known of what it shows."""


class FullScreen:
    """Shows ``model`` on ``terminal`` by ``canvas``; ``write`` gives text to it, and may wait.

    Nothing is written while ``alone`` is held. Notices ring the ``bell``, and are told to the
    terminal in some ``ways``. Small pictures look as ``sample`` finds.
    """

    def __init__(
        self,
        model: Model,
        terminal: Terminal,
        canvas: Canvas,
        write: Callable[[str], None],
        *,
        alone: AbstractContextManager[object],
        bell: bool = True,
        ways: Sequence[str] = sequences.WAYS,
        sample: Callable[[bytes], Raster | None] = sample,
    ) -> None:
        self._model = model
        self._terminal = terminal
        self._canvas = canvas
        self._write = write
        self._alone = alone
        self._bell = bell
        self._ways = ways
        self._look_at = sample
        self._changed = Flag()
        self._typed = Flag()
        self._said: Queue[Callable[[Host], None]] = Queue()
        self._sampler = ThreadPool(1)
        self._is_away = False
        self._title: str | None = None
        self._in_tmux = bool(os.environ.get("TMUX"))
        self._leave: Callable[[], None] = lambda: None
        self.browse: Callable[[], None] = lambda: None
        """Shows a link for a browser."""

    def show(self, notes: Sequence[Note]) -> None:
        """Tell what has happened."""
        since = time.monotonic()
        for note in notes:
            self._model.take(note.item, note.request)
            if time.monotonic() - since > TURN:
                self._follow()
                let_others_go()
                since = time.monotonic()
        self._follow()

    def remark(self, text: str) -> None:
        """Tell something about the session itself."""
        self._model.remark(text)
        self._follow()

    def hide_input(self, hidden: bool) -> None:
        """What is typed is never shown by the terminal itself."""

    def ask_passphrase(self) -> str | None:
        """What opens the user's data; None if they do not want to say it."""
        answer: AsyncResult[str | None] = AsyncResult()
        self._model.ask("Passphrase", answer.set)
        self._changed.set()
        return answer.get()

    def attend(self, host: Host) -> None:
        """Be a front end of ``host`` until it is over; does not return."""
        self._leave = host.leave
        signals = [
            gevent.signal_handler(signal.SIGWINCH, self.redraw),
            gevent.signal_handler(signal.SIGTSTP, self._suspend),
            gevent.signal_handler(signal.SIGCONT, self._resume),
        ]
        parts = [gevent.spawn(part) for part in (self._type, self._draw, lambda: self._say(host))]
        try:
            # Whatever ends one of them ends all; then the terminal is given back.
            done = gevent.joinall(parts, count=1)
            for part in done:
                part.get()
        finally:
            for watcher in signals:
                watcher.cancel()
            gevent.killall(parts)

    def redraw(self) -> None:
        """Draw everything anew."""
        self._canvas.forget()
        self._changed.set()

    def _say(self, host: Host) -> None:
        host.await_entry()
        self._model.begin()
        self._follow()
        for say in self._said:
            say(host)

    def _type(self) -> None:
        decoder = Decoder()
        while data := self._terminal.read():
            self._take(decoder.feed(data))
            while decoder.is_waiting:
                rest = self._terminal.read_soon(ESCAPE)
                self._take(decoder.feed(rest or b"", more=bool(rest)))
        self._leave()

    def _take(self, keys: Sequence[str | Pasted]) -> None:
        for key in keys:
            if isinstance(key, Pasted):
                paths = external.dropped(key.text)
                if paths:
                    self._model.drop(paths, key.text)
                else:
                    self._model.paste(key.text)
            elif key in {"focus in", "focus out"}:
                self._model.focus(key == "focus in")
            else:
                # What a page is depends on what was typed before.
                self._measure()
                self._model.press(key)
            self._typed.set()
            self._follow()

    def _follow(self) -> None:
        """Do what the model wants, and show what it is now."""
        self._obey()
        self._changed.set()

    def _obey(self) -> None:
        for order in self._model.drain():
            self._do(order)

    def _do(self, order: Order) -> None:
        match order:
            case Wish():
                wish = with_whole_paths(order)
                self._said.put(lambda host: host.grant(wish))
            case Leave():
                self._leave()
            case Browse():
                gevent.spawn(self.browse)
            case Suspend():
                self._suspend()
            case Redraw():
                self.redraw()
            case Edit():
                self._edit(order.text)
            case Open():
                self._show_file(order.path)
            case Copy():
                self._write(sequences.copy(order.text, tmux=self._in_tmux))
            case Save():
                self._save(order)
            case Sample():
                gevent.spawn(self._sample, order.thumbnail)
            case Alert():
                # Never waits for the terminal: this may be called while others wait for it.
                notice = sequences.notice(
                    order.title,
                    order.text,
                    tmux=self._in_tmux,
                    bell=self._bell,
                    ways=self._ways,
                )
                gevent.spawn(self._write, notice)

    def _measure(self) -> tuple[int, int]:
        """Tell the model how much room there is; the size of the terminal."""
        columns, rows = self._terminal.size
        scene = self._model.scene()
        layout = arrange(scene.input, columns, rows, shows_people=scene.shows_people)
        look = Look(layout.message_columns, scene.nick)
        self._model.measure(layout.message_rows, lambda line: len(rows_of(line, look)))
        return columns, rows

    def _draw(self) -> None:
        while True:
            wake_at = self._model.wake_at
            self._changed.wait(None if wake_at is None else max(0.0, wake_at - time.time()))
            self._changed.clear()
            if not self._is_away:
                self._draw_once()
            gevent.sleep(FRAME)
            self._typed.wait(REST)
            self._typed.clear()

    def _draw_once(self) -> None:
        columns, rows = self._measure()
        # What is seen may want more of what is before or behind it.
        self._obey()
        scene = self._model.scene()
        text = self._canvas.show(scene, columns, rows)
        if scene.title != self._title:
            self._title = scene.title
            text += sequences.title(scene.title)
        if text:
            self._write(text)

    @contextmanager
    def _away(self) -> Iterator[None]:
        """Let somebody else have the terminal meanwhile, and no part of a frame with it."""
        self._is_away = True
        with self._alone:
            self._terminal.leave()
        try:
            yield
        finally:
            with self._alone:
                self._terminal.enter()
            self._is_away = False
            # The window had its own title again meanwhile.
            self._title = None
            self.redraw()

    def _suspend(self) -> None:
        """Let the shell have the terminal until it lets us go on."""
        with self._away():
            os.kill(os.getpid(), signal.SIGSTOP)

    def _resume(self) -> None:
        """Take the terminal again that somebody else may have changed meanwhile."""
        if not self._is_away:
            with self._away():
                pass

    def _show_file(self, path: str) -> None:
        try:
            external.show(path)
        except UserError as error:
            self._model.remark(str(error))

    def _save(self, order: Save) -> None:
        try:
            self._model.saved(external.save(order.name, order.content))
        except UserError as error:
            self._model.remark(str(error))

    def _sample(self, thumbnail: bytes) -> None:
        # In a thread, since it takes its time; one at a time, since it takes much of it.
        self._model.sampled(thumbnail, self._sampler.apply(self._look_at, (thumbnail,)))
        self._follow()

    def _edit(self, text: str) -> None:
        with self._away():
            try:
                self._model.written(external.edit(text, dict(os.environ)))
            except UserError as error:
                self._model.remark(str(error))
