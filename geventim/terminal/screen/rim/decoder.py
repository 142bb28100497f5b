"""Bytes from a terminal into keys, as urwid names them, and blocks that were pasted."""

from dataclasses import dataclass
from typing import Final

from urwid import set_encoding
from urwid.display.escape import MoreInputRequired, process_keyqueue

BEGIN_PASTE: Final = b"\x1b[200~"
END_PASTE: Final = b"\x1b[201~"

LONGEST_PASTE: Final = 8 * 1024 * 1024
"""Bytes of a paste; what comes after that is thrown away."""

set_encoding("utf8")


@dataclass(frozen=True, slots=True)
class Pasted:
    """A block that was pasted."""

    text: str

    def __repr__(self) -> str:
        return f"<pasted {len(self.text)} characters>"


class Decoder:
    """Takes bytes as they come."""

    def __init__(self) -> None:
        self._held = b""
        self._paste: bytearray | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether bytes are held that may be the beginning of something, or a key of their own."""
        return bool(self._held) and self._paste is None

    def feed(self, data: bytes, *, more: bool = True) -> list[str | Pasted]:
        """The keys in ``data``; without ``more`` to come soon, also what could be a beginning."""
        taken: list[str | Pasted] = []
        data, self._held = self._held + data, b""
        while data:
            if self._paste is not None:
                data = self._end_paste(data, taken)
                continue
            typed, begun, data = data.partition(BEGIN_PASTE)
            rest = self._keys(typed, taken, more=more and not begun)
            if begun:
                self._paste = bytearray()
            else:
                self._held = rest
        return taken

    def _end_paste(self, data: bytes, taken: list[str | Pasted]) -> bytes:
        """Take what belongs to the paste; what comes behind it."""
        assert self._paste is not None  # noqa: S101 - for the type
        # The end may come in pieces.
        before = len(self._paste)
        self._paste += data
        end = self._paste.find(END_PASTE, max(0, before - len(END_PASTE)))
        if end < 0:
            if len(self._paste) > LONGEST_PASTE:
                del self._paste[LONGEST_PASTE : -len(END_PASTE)]
            return b""
        pasted, rest = bytes(self._paste[:end]), bytes(self._paste[end + len(END_PASTE) :])
        self._paste = None
        taken.append(Pasted(pasted.decode(errors="replace")))
        return rest

    def _keys(self, data: bytes, taken: list[str | Pasted], *, more: bool) -> bytes:
        """Take the keys in ``data``; the beginning of one that is left."""
        # A few at a time: the decoder copies what is left for every key.
        place = 0
        while place < len(data):
            piece = data[place : place + 128]
            is_last = place + len(piece) == len(data)
            codes = list(piece)
            while codes:
                try:
                    keys, codes = process_keyqueue(codes, more or not is_last)
                except MoreInputRequired:
                    if is_last or len(codes) > 64:
                        return data[place + len(piece) - len(codes) :]
                    break
                taken += [key for key in keys if isinstance(key, str) and not key.startswith("<")]
            if len(codes) == len(piece):
                return data[place:]
            place += len(piece) - len(codes)
        return b""
