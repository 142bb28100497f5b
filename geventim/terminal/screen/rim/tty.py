"""The terminal as a device: its modes, its size, and bytes in and out."""

import os
import termios
import tty
from contextlib import suppress
from select import select
from typing import Any, Final

from gevent.socket import wait_read

from geventim.terminal.screen.rim import sequences

READ_SIZE: Final = 64 * 1024

SMALLEST: Final = (1, 1)


class Terminal:
    """The terminal at two descriptors; everything is as it was after :meth:`leave`.

    It is told ``entering`` and ``leaving``.
    """

    def __init__(
        self,
        source: int,
        target: int,
        entering: str = sequences.ENTER,
        leaving: str = sequences.LEAVE,
    ) -> None:
        self._entering = entering
        self._leaving = leaving
        self._source = source
        self._target = target
        self._attributes: list[Any] | None = None

    @property
    def is_entered(self) -> bool:
        """Whether it is ours."""
        return self._attributes is not None

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        try:
            size = os.get_terminal_size(self._target)
        except OSError:
            return 80, 24
        return max(size.columns, SMALLEST[0]), max(size.lines, SMALLEST[1])

    def enter(self) -> None:
        """Take it: every key comes as it is, and what was on it stays where it is."""
        if self._attributes is None:
            self._attributes = termios.tcgetattr(self._source)
            tty.setraw(self._source, termios.TCSADRAIN)
            self.write_now(self._entering)

    def leave(self) -> None:
        """Give it back; never fails, and may be called at any moment."""
        attributes, self._attributes = self._attributes, None
        if attributes is None:
            return
        with suppress(OSError):
            self.write_now(self._leaving)
        with suppress(termios.error):
            termios.tcsetattr(self._source, termios.TCSADRAIN, attributes)

    def read(self) -> bytes:
        """Wait for bytes; none when the terminal is gone."""
        data = None
        while data is None:
            wait_read(self._source)
            data = self.read_ready()
        return data

    def read_soon(self, seconds: float) -> bytes | None:
        """The bytes that come within so many seconds; None if there are none."""
        try:
            wait_read(self._source, timeout=seconds, timeout_exc=TimeoutError())
        except TimeoutError:
            return None
        return self.read_ready()

    def read_ready(self) -> bytes | None:
        """What can be read; None if somebody else has read it, none when the terminal is gone."""
        try:
            return os.read(self._source, READ_SIZE)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def write_now(self, text: str) -> None:
        """Show ``text`` and do nothing else meanwhile. Raises OSError."""
        data = text.encode(errors="replace")
        while data:
            try:
                data = data[os.write(self._target, data) :]
            except BlockingIOError:
                # Somebody who shares the descriptor has made it so.
                select([], [self._target], [])
