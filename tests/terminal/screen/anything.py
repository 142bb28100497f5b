"""Any event that there is, with anything in it."""

import enum
import types
import typing

import msgspec
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from geventim.client import stream
from tests.terminal.screen.hostile import NASTY
from tests.terminal.screen.play import identify

TEXTS = st.text(max_size=20) | st.sampled_from([text[:200] for text in NASTY])
PLACES = ["lobby", "lab", "bo", "new"]
NAMED = {
    "conversation_id": st.sampled_from([*map(identify, PLACES), ""]),
    "message_id": st.sampled_from([*(identify(f"message {n}") for n in range(5)), ""]),
    "conversation": st.sampled_from(PLACES) | TEXTS,
    "nick": st.sampled_from(["ana", "bo", "cy", "eve"]) | TEXTS,
    "date": st.floats(allow_nan=False) | st.just(1_796_040_000.0),
    "text": TEXTS.map(lambda text: text or "x"),
    "code": st.just("usage"),
    "delay": st.floats(0, 1e6),
}
"""What is more likely to mean something, by the name of its field."""

PLAIN = {
    str: TEXTS,
    int: st.integers(0, 400),
    float: st.floats(0, 1e9),
    bool: st.booleans(),
    bytes: st.binary(max_size=8),
    type(None): st.none(),
    UnsetType: st.just(UNSET),
    typing.Any: st.just("x"),
}


def of_type(hint):
    """Values of a type."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return of_type(inside[0])
    if origin in {typing.Union, types.UnionType}:
        return st.one_of([of_type(each) for each in inside])
    if origin is tuple:
        return st.lists(of_type(inside[0]), max_size=4).map(tuple)
    if origin is dict:
        return st.dictionaries(TEXTS, of_type(inside[1]), max_size=2)
    if hint in PLAIN:
        return PLAIN[hint]
    if issubclass(hint, enum.Enum):
        return st.sampled_from(hint)
    return of_struct(hint)


def of_struct(struct: type[msgspec.Struct]):
    """Values of a struct."""
    hints = typing.get_type_hints(struct, include_extras=True)
    fields = {name: NAMED.get(name, of_type(hints[name])) for name in struct.__struct_fields__}
    return st.builds(struct, **fields)


KINDS = typing.get_args(stream.AnyEvent)
EVENTS = {kind: of_struct(kind) for kind in KINDS}
"""Each kind of event, as it may be."""
