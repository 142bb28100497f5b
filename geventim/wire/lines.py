"""Bytes to lines of text."""

from collections.abc import Callable

from geventim.errors import UserError

Item = str | UserError
"""A line without its end, or why there is none."""


class LineSplitter:
    """Splits bytes that come in pieces into lines of at most ``limit`` bytes.

    ``refusal`` makes what stands for a line that is longer.
    """

    def __init__(
        self,
        limit: int,
        refusal: Callable[[], UserError],
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


def _decode(line: bytes) -> Item:
    try:
        return line.removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        return UserError("not_text", "That line is not UTF-8 text and was not sent.")
