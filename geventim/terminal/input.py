"""Bytes to lines, from a terminal, a pipe or a file.

File descriptors are read when there is something to read and otherwise left as they are: making
them non-blocking would do so for every program that shares them, and for standard output.
"""

import os
import stat
import termios
from collections.abc import Iterator
from typing import Final

from gevent.socket import wait_read

from geventim.chat import limits
from geventim.client.sealing.content import too_large
from geventim.errors import UserError
from geventim.terminal.echo import LOCAL_MODES
from geventim.wire.lines import Item, LineSplitter

READ_SIZE = 64 * 1024

TERMINAL_LINE: Final = 4095
"""Bytes of a line that a terminal of Linux holds until it ends; it drops the rest silently.

A line of that length may therefore be the beginning of a longer one.
"""


class Input:
    """The lines that can be read from ``descriptor``; of at most ``limit`` bytes."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.limit = limits.PAYLOAD_SIZE
        self._items = self._read_items()

    def __iter__(self) -> Iterator[Item]:
        return self._items

    def _read_items(self) -> Iterator[Item]:
        splitter = LineSplitter(self.limit, too_large)
        if _gathers_lines(self._descriptor):
            splitter = LineSplitter(TERMINAL_LINE - 1, _cut_off)
        pollable = _is_pollable(self._descriptor)
        while data := self._read(pollable):
            yield from splitter.feed(data)
        yield from splitter.end()

    def _read(self, pollable: bool) -> bytes:
        """Some bytes; none at the end, or where a terminal has gone away."""
        while True:
            if pollable:
                wait_read(self._descriptor)
            try:
                return os.read(self._descriptor, READ_SIZE)
            except BlockingIOError:
                pollable = True
            except OSError:
                return b""


def _gathers_lines(descriptor: int) -> bool:
    """Whether ``descriptor`` is a terminal that hands out whole lines."""
    try:
        return bool(termios.tcgetattr(descriptor)[LOCAL_MODES] & termios.ICANON)
    except termios.error:
        return False


def _cut_off() -> UserError:
    return UserError(
        "too_large",
        f"The terminal has cut that line off after {TERMINAL_LINE:,} bytes. It was not sent.",
        "Send it in parts, or from a file: eim-client --nick NICK < FILE",
    )


def _is_pollable(descriptor: int) -> bool:
    """Whether one can wait for ``descriptor``; files are always ready, and cannot be waited for."""
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)
