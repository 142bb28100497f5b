"""Messages to people with whom there is no conversation yet, written while there is no connection.

The conversation is begun once there is one; until then a letter is kept.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from geventim.chat.names import fold
from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

LETTER: Final = "letter/"


class Letter(Struct, frozen=True):
    """A message to ``nick``: its ``content``, encoded, and the ``own_id`` of its front end.

    ``asker`` has wished for it with the id ``wish``, in the process that has written it.
    """

    nick: str
    content: bytes
    own_id: bytes
    asker: int
    wish: int | str

    def __repr__(self) -> str:
        return "<Letter>"


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Letter)


class Letters:
    """All of them, as they are in ``memory``. Raises :class:`StoreError` if one is damaged."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._letters: dict[int, Letter] = {}
        for number, kept in sorted(memory.under(LETTER)):
            try:
                self._letters[int(number)] = _decoder.decode(kept)
            except msgspec.MsgspecError:
                raise StoreError("a message that is kept is damaged") from None

    def __len__(self) -> int:
        return len(self._letters)

    def __iter__(self) -> Iterator[Letter]:
        """In the order in which they were put."""
        return iter(tuple(self._letters.values()))

    def find(self, asker: int, wish: int | str) -> Letter | None:
        """The one for which ``asker`` has wished with that id."""
        return next((each for each in self if (each.asker, each.wish) == (asker, wish)), None)

    def called(self, nick: str, own_id: bytes) -> Letter | None:
        """The one to ``nick`` that its front end has called so; none if that is empty."""
        found = (each for each in self if own_id and each.own_id == own_id)
        return next((each for each in found if fold(each.nick) == fold(nick)), None)

    def put(self, letter: Letter) -> None:
        """Keep one more."""
        number = next(reversed(self._letters), 0) + 1
        self._letters[number] = letter
        self._memory.put(_name(number), _encoder.encode(letter))

    def drop(self, letter: Letter) -> None:
        """It is on its way, or never will be."""
        number = next(number for number, each in self._letters.items() if each is letter)
        del self._letters[number]
        self._memory.drop(_name(number))


def _name(number: int) -> str:
    return f"{LETTER}{number:012}"
