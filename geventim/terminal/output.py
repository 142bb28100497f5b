"""The views: lines for people, JSON for programs."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from gevent.lock import BoundedSemaphore
from gevent.socket import wait_write
from gevent.threadpool import ThreadPool

from geventim.app.note import Note
from geventim.client.answers import Answer
from geventim.client.events import Event, SafetyNumber
from geventim.terminal.folding import fold
from geventim.terminal.qr import draw, width
from geventim.terminal.rendering import DIAGNOSTIC, Line, Renderer, Tone, remark

STDIN: Final = 0
STDOUT: Final = 1
STDERR: Final = 2

BOLD: Final = "1"

BELL: Final = "\a"

ERASE: Final = "\r\x1b[K"
"""Begins a row anew: what somebody has typed so far would stand in it, and break its folding."""


def can_be_drawn_on(
    environment: Mapping[str, str], ends: tuple[int, int] = (STDIN, STDOUT)
) -> bool:
    """Whether both ends are a terminal that has a whole screen."""
    is_simple = environment.get("TERM", "dumb") in {"dumb", "unknown", ""}
    return not is_simple and all(map(os.isatty, ends))


class Writer:
    """Writes text to file descriptors, in order.

    Writing waits for a reader that is slow. A real thread does that, so that everything else goes
    on. ``gone`` is called, once, when nobody can read any more; from then on text is dropped. Who
    holds ``alone`` writes past it, and before or after each text.
    """

    def __init__(self, gone: Callable[[OSError], None]) -> None:
        self._gone: Callable[[OSError], None] | None = gone
        self._pool = ThreadPool(1)
        self.alone = BoundedSemaphore()

    def write(self, descriptor: int, text: str) -> None:
        """Write all of ``text``; waits without holding up other greenlets."""
        # What is taken in parts is not mixed with what others write meanwhile.
        with self.alone:
            error = self._write_all(descriptor, text) if self._gone else None
        gone = self._gone
        if gone is not None and error is not None:
            self._gone = None
            gone(error)

    def _write_all(self, descriptor: int, text: str) -> OSError | None:
        data = memoryview(text.encode())
        while data:
            written = self._pool.apply(_write, (descriptor, data))
            if isinstance(written, int):
                data = data[written:]
            elif isinstance(written, BlockingIOError):
                # Somebody who shares the descriptor has made it so.
                wait_write(descriptor)
            else:
                return written
        return None


def terminal_columns() -> int:
    """How wide the terminal is now; what the environment says of that may be from another one."""
    with suppress(OSError):
        columns = os.get_terminal_size(STDOUT).columns
        if columns:
            return columns
    return shutil.get_terminal_size().columns


class People:
    """Shows events as lines: data on standard output, diagnostics on standard error.

    On a ``terminal`` lines are folded, and coloured if ``colour``. Where somebody types in the same
    place, ``fresh`` has each row begin at its beginning. With ``bell`` it rings for what is meant
    for whoever reads it above others.
    """

    def __init__(
        self,
        writer: Writer,
        renderer: Renderer,
        *,
        terminal: bool,
        colour: bool,
        fresh: bool = False,
        bell: bool = False,
    ) -> None:
        self.prompt: Callable[[], str] = str
        """What stands before the line that is typed next; it is shown again after each text."""
        self._bell = bell
        self._writer = writer
        self._renderer = renderer
        self._terminal = terminal
        self._colour = colour
        self._fresh = fresh

    def show(self, notes: Sequence[Note]) -> None:
        """Tell the user."""
        gathered: list[tuple[int, str]] = []
        for event in (note.item for note in notes):
            line = None if isinstance(event, Answer) else self._renderer.render(event)
            if line is None:
                continue
            descriptor = STDERR if line.tone in DIAGNOSTIC else STDOUT
            text = self._dress(line) + self._picture(event)
            if line.calls and self._bell:
                text = BELL + text
            if gathered and gathered[-1][0] == descriptor:
                descriptor, before = gathered.pop()
                gathered.append((descriptor, before + text))
            else:
                gathered.append((descriptor, text))
        for descriptor, text in gathered:
            self._write(descriptor, text)

    def remark(self, text: str) -> None:
        """Tell something about the session itself."""
        self._write(STDERR, self._dress(remark(text)))

    def ask(self) -> None:
        """Show where the next line goes."""
        if self._fresh:
            self._writer.write(STDOUT, ERASE + self.prompt())

    def _write(self, descriptor: int, text: str) -> None:
        begins_anew = self._fresh and (descriptor == STDOUT or os.isatty(descriptor))
        self._writer.write(descriptor, ERASE + text if begins_anew else text)
        if begins_anew and (prompt := self.prompt()):
            self._writer.write(STDOUT, prompt)

    def _picture(self, event: Event | Answer) -> str:
        """What a camera can read of ``event``, on a terminal that is wide enough."""
        if not self._terminal or not isinstance(event, SafetyNumber):
            return ""
        columns = terminal_columns()
        return draw(event.number, colour=self._colour) if columns >= width(event.number) else ""

    def _dress(self, line: Line) -> str:
        text = line.when + line.prefix + line.text
        if self._terminal:
            columns = terminal_columns()
            text = "\n".join(fold(row, columns) for row in text.split("\n"))
        if not self._colour:
            return f"{text}\n"
        if line.tone is Tone.SPEECH:
            end = len(line.when + line.prefix)
            return f"{_coloured(text[:end], BOLD)}{text[end:]}\n"
        return f"{_coloured(text, line.tone.value)}\n"


class Program:
    """Shows events as JSON objects, one a line, in nothing but printable ASCII."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def show(self, notes: Sequence[Note]) -> None:
        """Tell the program."""
        self._writer.write(STDOUT, "".join(map(Note.to_json, notes)))

    def remark(self, text: str) -> None:
        """Remarks are for people."""


def _write(descriptor: int, data: memoryview) -> int | OSError:
    """How many bytes were written, or why none were; the pool would print what is raised."""
    try:
        return os.write(descriptor, data)
    except OSError as error:
        return error


def _coloured(text: str, parameter: str) -> str:
    return f"\x1b[{parameter}m{text}\x1b[0m"
