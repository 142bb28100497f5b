"""The eight bytes before the handshake: magic, version, pattern.

The initiator sends them first, and both sides take them into the Noise prologue, so a version or
pattern that somebody changed on the way fails the handshake. A responder that serves another
version or pattern answers with its own preamble and closes. The first byte is above every first
byte of a handshake message's length, so such an answer is told apart at once.
"""

from dataclasses import dataclass
from typing import Final

from geventim.channel.noise import Pattern
from geventim.errors import PeerError

MAGIC: Final = b"\xe1EIM\r\n"
"""The high bit keeps it out of text protocols; the line end shows a conversion of line ends."""

SIZE: Final = 8
"""Bytes in a preamble, of every version."""

VERSION: Final = 1
"""The version of the channel that this package speaks."""

_CODES: Final = {Pattern.XX: 1, Pattern.XXPSK3: 2}
_PATTERNS: Final = {code: pattern for pattern, code in _CODES.items()}


class PreambleError(PeerError):
    """The two sides do not speak the same version or pattern.

    ``version`` and ``pattern`` are what the other side asked for or serves; ``pattern`` is None
    where this version does not know it. Nobody has authenticated them.
    """

    def __init__(self, version: int, pattern: Pattern | None) -> None:
        super().__init__(version, pattern)
        self.version = version
        self.pattern = pattern

    def __str__(self) -> str:
        return f"the other side speaks version {self.version}, pattern {self.pattern or 'unknown'}"


@dataclass(frozen=True, slots=True)
class Preamble:
    """A version (0 to 255) and a pattern; None stands for one that this version does not know."""

    version: int
    pattern: Pattern | None


def encode_preamble(pattern: Pattern) -> bytes:
    """The 8 bytes of this version with ``pattern``."""
    return MAGIC + bytes([VERSION, _CODES[pattern]])


def decode_preamble(data: bytes) -> Preamble | None:
    """The preamble that ``data`` begins with, or None while bytes are missing.

    Raises :class:`PeerError` as soon as one byte of the magic is wrong.
    """
    if data[: len(MAGIC)] != MAGIC[: len(data)]:
        raise PeerError("this is not the messenger's protocol")
    if len(data) < SIZE:
        return None
    return Preamble(data[6], _PATTERNS.get(data[7]))
