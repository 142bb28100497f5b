"""What this program has failed with, kept so that it does not fail with it for ever.

=================== ====================================================================
``failed/ID``       an entry of a conversation that could not be taken
``failed/ID/due``   something else that had to be done there
=================== ====================================================================

An entry is taken again after the first failure, and passed over after the second. A new
version of the program may be able to do what this one is not: what another one has noted says
nothing.
"""

from typing import Final

import msgspec
from msgspec import Struct

import geventim
from geventim.client.kept.memory import Memory
from geventim.client.steps.attention import Subject
from geventim.errors import StoreError

FAILED: Final = "failed/"
DUE: Final = "/due"

TWICE: Final = 2
"""Failures after which something is not tried any more."""


class Failure(Struct, frozen=True):
    """The entry ``seq`` failed so many ``times`` in the program of ``version``, at ``place``."""

    seq: int
    version: str
    times: int
    place: str

    @property
    def is_final(self) -> bool:
        """Whether there is no sense in trying once more."""
        return self.times >= TWICE

    @property
    def is_hopeless(self) -> bool:
        """Whether even leaving it out has failed."""
        return self.times > TWICE + 1


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Failure)


class Failures:
    """Those that are kept. Raises :class:`StoreError` if what was kept is damaged."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        kept = {name: _load(value) for name, value in memory.under(FAILED)}
        version = geventim.__version__
        self._kept = {name: each for name, each in kept.items() if each.version == version}

    def find(self, subject: Subject) -> Failure | None:
        """How this program has failed with ``subject``, if it has."""
        failure = self._kept.get(_name(subject)) if self._kept else None
        return failure if failure is not None and failure.seq == subject.seq else None

    def note(self, subject: Subject, place: str) -> Failure:
        """It has failed with ``subject`` once more, at ``place``."""
        before = self.find(subject)
        times = 1 if before is None else before.times + 1
        failure = Failure(subject.seq, geventim.__version__, times, place)
        self._kept[_name(subject)] = failure
        self._memory.put(FAILED + _name(subject), _encoder.encode(failure))
        return failure

    def forget(self, subject: Subject) -> None:
        """It is done with ``subject``."""
        if self.find(subject) is not None:
            del self._kept[_name(subject)]
            self._memory.drop(FAILED + _name(subject))


def _name(subject: Subject) -> str:
    return subject.conversation.hex() + ("" if subject.seq else DUE)


def _load(kept: bytes) -> Failure:
    try:
        return _decoder.decode(kept)
    except msgspec.MsgspecError:
        raise StoreError("what is kept of a failure is damaged") from None
