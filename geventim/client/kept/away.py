"""Why the user is away, and why others are, in their own words.

It is ``away``, and written with whatever else the same entry changes.
"""

from typing import Final

import msgspec
from msgspec import Struct

from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

NAME: Final = "away"

MOST: Final = 256
"""Others whose words are kept; those go first who said it longest ago."""


class _Kept(Struct, array_like=True):
    text: str = ""
    turn: int = 0
    others: dict[bytes, tuple[str, str]] = {}


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Kept)


class Away:
    """All of it, as it is in ``memory``. Raises :class:`StoreError` if that is damaged."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        kept = memory.get(NAME)
        try:
            self._kept = _Kept() if kept is None else _decoder.decode(kept)
        except msgspec.MsgspecError:
            raise StoreError("what is kept of who is away is damaged") from None

    @property
    def text(self) -> str:
        """What the user says to those who write meanwhile; nothing if that is empty."""
        return self._kept.text

    @property
    def turn(self) -> int:
        """How often the user has said something else."""
        return self._kept.turn

    def change(self, text: str) -> None:
        """Say ``text`` from now on, also to those who were told the same before."""
        if text or self._kept.text:
            self._kept.text, self._kept.turn = text, self._kept.turn + 1
            self._keep()

    def of(self, account: bytes) -> str:
        """What somebody else says, or nothing."""
        return self._kept.others.get(account, ("", ""))[1]

    def called(self, nick: str) -> str:
        """The same, by their nick."""
        return next((text for name, text in self._kept.others.values() if name == nick), "")

    def note(self, account: bytes, nick: str, text: str) -> bool:
        """Somebody else says so, or is back if ``text`` is empty; whether that is news."""
        others = self._kept.others
        if text == self.of(account):
            return False
        others.pop(account, None)
        if text:
            others[account] = (nick, text)
        while len(others) > MOST:
            del others[next(iter(others))]
        self._keep()
        return True

    def forget(self, nick: str) -> None:
        """Somebody is not away any more."""
        others = self._kept.others
        for account in [each for each, (name, _) in others.items() if name == nick]:
            del others[account]
            self._keep()

    def _keep(self) -> None:
        self._memory.put_later(NAME, lambda: _encoder.encode(self._kept))
