"""What the user has settled for this program to do."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from geventim.chat import limits
from geventim.client.kept.memory import Memory
from geventim.errors import DeniedError, StoreError

SETTINGS: Final = "settings"


class Values(Struct, frozen=True):
    """Every setting.

    ``highlights`` are words that count as a mention of the user. In ``place`` they were last, with
    the sign of its kind before the name. ``receipts``: others are told how far the user has read.
    ``pictures``: small ones are fetched without being asked for.
    """

    highlights: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...], Meta(max_length=64)
    ] = ()
    place: Annotated[str, Meta(max_length=4 * limits.NAME_LENGTH)] = ""
    receipts: bool = True
    pictures: bool = True


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Values)


class Preferences:
    """The settings of the user, as they are in ``memory``.

    Raises :class:`StoreError` if what is kept is damaged.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        kept = memory.get(SETTINGS)
        try:
            self.values = Values() if kept is None else _decoder.decode(kept)
        except msgspec.MsgspecError:
            raise StoreError("what is kept of your settings is damaged") from None

    def change(self, name: str, value: object) -> None:
        """Settle what is called ``name``.

        Raises :class:`UserError` with code ``unknown_setting`` or ``bad_value``.
        """
        names = Values.__struct_fields__
        if name not in names:
            raise DeniedError("unknown_setting", name=name, known=", ".join(names))
        settled = msgspec.to_builtins(self.values) | {name: value}
        try:
            self.values = msgspec.convert(settled, Values)
        except msgspec.ValidationError as error:
            raise DeniedError("bad_value", name=name, why=str(error)) from None
        self._memory.put(SETTINGS, _encoder.encode(self.values))
