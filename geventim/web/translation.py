"""What a page may wish, and what it is not told.

A page knows files by what it has uploaded, and never by their paths on this machine. What could
harm more than a page should be able to needs the passphrase again.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec

from geventim.app.note import Note
from geventim.client.answers import Refusal, Refused, Snapshot
from geventim.client.events import Transfer
from geventim.client.wishes import (
    BadWishError,
    Confirm,
    ExportIdentity,
    FetchFile,
    Say,
    Trust,
    Wish,
    decode,
)

UPLOAD: Final = "upload:"
"""What the name of an uploaded file begins with."""

GUARDED: Final = (Confirm, ExportIdentity, Trust)
"""Wishes that need the passphrase."""


def understand(line: str, find: Callable[[str], str | None], *, unlocked: bool) -> Wish:
    """The wish that ``line`` is, with the paths of what it names.

    ``find`` knows where uploaded files are. Raises :class:`BadWishError`.
    """
    wish = decode(line)
    if isinstance(wish, FetchFile) or (isinstance(wish, GUARDED) and not unlocked):
        raise BadWishError(wish.id, "terminal_only")
    if isinstance(wish, Say) and wish.files:
        paths = [find(_key(name)) for name in wish.files]
        files = tuple(path for path in paths if path is not None)
        if len(files) != len(wish.files):
            raise BadWishError(wish.id, "no_upload")
        return msgspec.structs.replace(wish, files=files)
    return wish


def without_paths(note: Note) -> Note:
    """The same without what it says of this machine."""
    match note.item:
        case Transfer() as event:
            failure = event.failure and _without_path(event.failure)
            return replace(note, item=msgspec.structs.replace(event, path="", failure=failure))
        case Refused(refused=refused) if "path" in refused.facts:
            return replace(note, item=Refused(note.item.answer, _without_path(refused)))
    return note


def as_event(snapshot: Snapshot) -> dict[str, object]:
    """What begins a stream."""
    fields: dict[str, object] = msgspec.to_builtins(snapshot)
    return {"event": "snapshot", **fields}


def _without_path(refusal: Refusal) -> Refusal:
    path = str(refusal.facts.get("path", ""))
    facts = {name: value for name, value in refusal.facts.items() if name != "path"}
    text = refusal.text.replace(path, path.rpartition("/")[2]) if path else refusal.text
    return msgspec.structs.replace(refusal, facts=facts, text=text)


def _key(name: str) -> str:
    """What an uploaded file is known by that is called ``name``; nothing if it is none."""
    return name.removeprefix(UPLOAD) if name.startswith(UPLOAD) else ""
