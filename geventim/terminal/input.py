"""Bytes to lines, from a terminal, a pipe or a file.

File descriptors are read when there is something to read and otherwise left as they are: making
them non-blocking would do so for every program that shares them, and for standard output.
"""

import os
import stat
import termios
from collections.abc import Callable, Iterator
from typing import Final

from gevent.socket import wait_read

from geventim.chat import limits
from geventim.client.sealing.content import too_large
from geventim.errors import UserError
from geventim.terminal.echo import LOCAL_MODES

READ_SIZE = 64 * 1024

TERMINAL_LINE: Final = 4095
"""Bytes of a line that a terminal of Linux holds until it ends; it drops the rest silently.

A line of that length may therefore be the beginning of a longer one.
"""

Item = str | UserError
"""A line without its end, or why there is none."""


class LineSplitter:
    """Splits bytes that come in pieces into lines of at most ``limit`` bytes.

    ``refusal`` makes what stands for a line that is longer.
    """

    def __init__(
        self,
        limit: int = limits.PAYLOAD_SIZE,
        refusal: Callable[[], UserError] = too_large,
    ) -> None:
        self._limit = limit
        self._refusal = refusal
        # None while the rest of a line that is too long is thrown away.
        self._held: bytearray | None = bytearray()

    def feed(self, data: bytes) -> list[Item]:
        """The lines that ``data`` completes."""
        *ended, rest = data.split(b"\n")
        items: list[Item] = []
        for piece in ended:
            self._take(piece, items)
            if self._held is not None:
                items.append(_decode(bytes(self._held)))
            self._held = bytearray()
        self._take(rest, items)
        return items

    def end(self) -> list[Item]:
        """The last line, if it has no end of its own."""
        held, self._held = self._held, bytearray()
        return [_decode(bytes(held))] if held else []

    def _take(self, piece: bytes, items: list[Item]) -> None:
        if self._held is None:
            return
        self._held += piece
        if len(self._held) > self._limit:
            self._held = None
            items.append(self._refusal())


class Input:
    """The lines that can be read from ``descriptor``."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._items = self._read_items()

    def __iter__(self) -> Iterator[Item]:
        return self._items

    def _read_items(self) -> Iterator[Item]:
        splitter = LineSplitter()
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


def _decode(line: bytes) -> Item:
    try:
        return line.removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        return UserError("not_text", "That line is not UTF-8 text and was not sent.")


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
