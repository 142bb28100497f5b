"""What a client has at hand, so that it is known what was to blame when something fails.

What others send, what the server does and what a line says can go wrong in ways that are foreseen:
they raise a :class:`PeerError` or a :class:`UserError`, and somebody deals with that. Any other
exception is a fault of this program. It must not end the client, let alone at each start again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from traceback import extract_tb
from typing import Final

from geventim.errors import NetworkError, PeerError, StoreError, UserError

FORESEEN: Final = (PeerError, NetworkError, StoreError, UserError, MemoryError)
"""What is no fault of the program; storage and memory fail whatever is at hand."""

PACKAGE: Final = "geventim"


@dataclass(frozen=True, slots=True)
class Subject:
    """The entry ``seq`` of a conversation; with 0, whatever was due in it."""

    conversation: bytes
    seq: int = 0


class Attention:
    """What an agent is busy with. ``failed`` is with what it failed, if that is known."""

    def __init__(self) -> None:
        self.failed: Subject | None = None

    @contextmanager
    def on(self, subject: Subject | None) -> Iterator[None]:
        """Be busy with ``subject``."""
        try:
            yield
        except Exception as error:
            self.blame(error, subject)
            raise

    def blame(self, error: Exception, subject: Subject | None) -> None:
        """``error`` came from ``subject``; what is nearest to it says so first."""
        if self.failed is None and not isinstance(error, FORESEEN):
            self.failed = subject


def describe(error: Exception) -> str:
    """The kind of ``error`` and the place in the program that raised it.

    Nothing of what it says, which could be somebody's words.
    """
    frames = extract_tb(error.__traceback__)
    own = [frame for frame in frames if PACKAGE in PurePath(frame.filename).parts]
    kind = type(error).__name__
    if not own:
        return kind
    parts = PurePath(own[-1].filename).parts
    start = len(parts) - 1 - parts[::-1].index(PACKAGE)
    return f"{kind} in {'/'.join(parts[start:])}, line {own[-1].lineno}"
