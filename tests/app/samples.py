"""One of each wish, result and event, made from what their fields can be."""

import enum
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from geventim.chat.values import ID_SIZE
from geventim.client import stream, wishes


def sample(kind: Any) -> Any:
    """Some value of that type, with nothing left out."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in {wishes.MessageId, wishes.MaybeMessageId}:
        return "0f" * ID_SIZE
    if kind is Any:
        return ["x"]
    if origin is Annotated or origin in {Union, types.UnionType}:
        return sample(arguments[0])
    if origin is Literal:
        return arguments[0]
    if origin in {tuple, list}:
        return origin([sample(arguments[0])])
    if origin is dict:
        return {sample(arguments[0]): sample(arguments[1])}
    if kind is Any:
        return "x"
    if issubclass(kind, enum.Enum):
        return next(iter(kind))
    if kind is wishes.Cancel:
        return kind(id=1, request=1)
    if issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind, include_extras=True)
        fields = [field.name for field in msgspec.structs.fields(kind)]
        return kind(**{name: sample(hints[name]) for name in fields})
    return {str: "x", int: 1, float: 1.5, bool: True, bytes: b"x"}[kind]


EVENTS = [sample(kind) for kind in get_args(stream.AnyEvent)]
WISHES = [sample(kind) for kind in get_args(wishes.AnyWish)]
