"""The tables of docs/programs.md, made from the code."""

import re
from typing import get_args

import msgspec
from msgspec import NODEFAULT, Struct

from geventim.client import answers, events, stream, wishes
from geventim.client.operations.granting import GRANTS
from geventim.client.results import result_of
from geventim.client.said.aside import Attachment, Count, Quote


def tag_of(kind: type[Struct]) -> str:
    """What names it in JSON."""
    return str(kind.__struct_config__.tag)


def sentence(kind: type) -> str:
    """What it means, as its docstring says."""
    text = " ".join((kind.__doc__ or "").split()).replace("``", "`")
    return re.sub(r":class:`(\w+)`", lambda named: f"`{tag_of(getattr(events, named[1]))}`", text)


def fields(kind: type[Struct], *, without: str = "") -> str:
    """Its fields, with those that can be left out in brackets."""
    named = []
    for field in msgspec.structs.fields(kind):
        if field.encode_name == without:
            continue
        is_needed = field.default is NODEFAULT and field.default_factory is NODEFAULT
        named.append(f"`{field.encode_name}`" if is_needed else f"[`{field.encode_name}`]")
    return ", ".join(named) or "none"


def table_of_wishes() -> str:
    """Every wish."""
    assert {*GRANTS, *get_args(wishes.OfHub)} == set(get_args(wishes.AnyWish))
    rows = ["| wish | fields | done with | |", "|---|---|---|---|"]
    for kind in get_args(wishes.AnyWish):
        result = fields(result_of(kind))
        rows.append(
            f"| `{tag_of(kind)}` | {fields(kind, without='id')} | {result} | {sentence(kind)} |"
        )
    return "\n".join(rows)


def table_of_values() -> str:
    """What results hold."""
    rows = ["| | fields | |", "|---|---|---|"]
    rows.extend(
        f"| {kind.__name__.lower()} | {fields(kind)} | {sentence(kind)} |"
        for kind in (
            answers.Conversation,
            answers.Room,
            answers.Member,
            answers.Written,
            answers.Present,
            answers.Moving,
            Count,
            Quote,
            Attachment,
        )
    )
    return "\n".join(rows)


def table_of_events() -> str:
    """Every event."""
    rows = ["| event | fields | |", "|---|---|---|"]
    rows.extend(
        f"| `{tag_of(kind)}` | {fields(kind)} | {sentence(kind)} |"
        for kind in get_args(stream.AnyEvent)
    )
    return "\n".join(rows)
