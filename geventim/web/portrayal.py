"""What a page is told beyond a text: its parts as they are drawn, and a number as a picture.

There is one reader of light markup, and one maker of QR codes; a page draws what they have found.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
import segno

from geventim.app.note import Note
from geventim.client.answers import Done, Messages, Number, Written
from geventim.client.events import Edited, Message
from geventim.client.said.markup import parse

HELD: Final = 256
"""Texts that are not read again while they are told."""

_Saying = Message | Edited | Written


def prepare(note: Note, rest: Callable[[], object]) -> None:
    """Read all texts of ``note``; ``rest`` is called after each, for one may take long."""
    for said in _saying(note):
        _parts(said.message, said.plain is True)
        rest()


def portray(note: Note) -> dict[str, object]:
    """The JSON object of ``note``.

    A text with markup has its ``parts`` beside it, and a safety number its ``code``: the rows of a
    QR code without a margin, with a ``1`` for what is dark.
    """
    fields: dict[str, Any] = note.to_object()
    if isinstance(note.item, Done) and isinstance(note.item.done, Number):
        code = segno.make_qr(note.item.done.number, error="m")
        fields["done"]["code"] = ["".join(map(str, row)) for row in code.matrix]
    found = [_parts(said.message, said.plain is True) for said in _saying(note)]
    if found:
        objects = fields["done"]["messages"] if isinstance(note.item, Done) else [fields]
        for each, parts in zip(objects, found, strict=True):
            if parts is not None:
                each["parts"] = parts
    return fields


def _saying(note: Note) -> Sequence[_Saying]:
    """What has a text of somebody."""
    match note.item:
        case Message() | Edited():
            return (note.item,)
        case Done(done=Messages(messages=messages)):
            return messages
    return ()


@lru_cache(HELD)
def _parts(text: str, is_plain: bool) -> Any:
    """The parts of ``text``; None if it is as it was written."""
    parts = parse(text, is_plain=is_plain)
    return None if parts == parse(text, is_plain=True) else msgspec.to_builtins(parts)
