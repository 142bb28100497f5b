"""What a page may wish, and what it is not told.

A page knows files by what it has uploaded, and never by their paths on this machine. What could
harm more than a page should be able to needs the passphrase again.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec

from geventim.app.note import Note
from geventim.client import answers
from geventim.client.answers import Done, Refused
from geventim.client.events import Transfer
from geventim.client.wishes import BadWishError, FetchFile, Say, Trust, Wish, decode

UPLOAD: Final = "upload:"
"""What the name of an uploaded file begins with."""

GUARDED: Final = (Trust,)
"""Wishes that need the passphrase."""

SNAPSHOT: Final = "snapshot"


def understand(line: str, find: Callable[[str], str | None], *, unlocked: bool) -> Wish:
    """The wish that ``line`` is, with the paths of what it names.

    ``find`` knows where uploaded files are. Raises :class:`BadWishError`.
    """
    wish = decode(line)
    if isinstance(wish, GUARDED) and not unlocked:
        raise BadWishError(wish.id, "terminal_only")
    if isinstance(wish, FetchFile):
        raise BadWishError(wish.id, "terminal_only")
    if isinstance(wish, Say) and wish.files:
        paths = [find(name.removeprefix(UPLOAD)) for name in wish.files if is_upload(name)]
        files = tuple(path for path in paths if path is not None)
        if len(files) != len(wish.files):
            raise BadWishError(wish.id, "no_upload")
        return msgspec.structs.replace(wish, files=files)
    return wish


def is_upload(name: str) -> bool:
    """Whether that is what a page calls a file."""
    return name.startswith(UPLOAD)


def without_paths(note: Note) -> Note:
    """The same without what it says of this machine."""
    match note.item:
        case Transfer() as event:
            failure = event.failure and _without_paths(event.failure)
            return Note(
                msgspec.structs.replace(event, path="", failure=failure), note.n, note.request
            )
        case Refused(refused=refused) if "path" in refused.facts:
            answer = msgspec.structs.replace(note.item, refused=_without_paths(refused))
            return replace(note, item=answer)
    return note


def as_event(done: Done) -> dict[str, object]:
    """A snapshot as what begins a stream."""
    fields: dict[str, object] = msgspec.to_builtins(done.done)
    return {"event": SNAPSHOT, **fields}


def _without_paths(refusal: answers.Refusal) -> answers.Refusal:
    path = str(refusal.facts.get("path", ""))
    facts = {name: value for name, value in refusal.facts.items() if name != "path"}
    text = refusal.text.replace(path, "the file") if path else refusal.text
    return msgspec.structs.replace(refusal, facts=facts, text=text)
