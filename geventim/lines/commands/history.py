"""Commands about what was written before."""

from collections.abc import Sequence
from typing import Final

import msgspec

from geventim.client import answers, events, wishes
from geventim.client.events import Event
from geventim.lines.commands.command import Line, MisusedError
from geventim.lines.dialogue import Dialogue, say
from geventim.lines.standpoint import Standpoint

USUAL: Final = 20
"""Messages that are shown when nobody says how many."""

MOST: Final = 500
"""Messages that are shown at a time."""


_FIELDS: Final = [
    field.name for field in msgspec.structs.fields(answers.Written) if field.name != "own"
]


def history(_: Standpoint, line: Line) -> Dialogue:
    """Show the last messages, of a conversation or of all."""
    match line.argument.split():
        case []:
            return (yield from _recall())
        case [count] if count.isascii() and count.isdigit():
            return (yield from _recall(_clip(count)))
        case [name]:
            return (yield from _recall(name=name.lstrip("@#")))
        case [count, name] if count.isascii() and count.isdigit():
            return (yield from _recall(_clip(count), name.lstrip("@#")))
    raise MisusedError


def search(_: Standpoint, line: Line) -> Dialogue:
    """Show messages that have some words."""
    if not line.argument:
        raise MisusedError
    found: answers.Messages = yield wishes.Search(id=0, words=tuple(line.argument.split()))
    if found.messages:
        return _retell(found.messages[::-1])
    return [say("No message here has all of these words.", "not_found")]


def _recall(count: int = USUAL, name: str = "") -> Dialogue:
    found: answers.Messages = yield wishes.Timeline(id=0, conversation=name, limit=count)
    if found.messages or found.damaged:
        return _retell(found.messages)
    of = f" of '{name}'" if name else ""
    return [say(f"There is no history{of} here.", "no_history")]


def _clip(digits: str) -> int:
    return min(int(digits), MOST) if len(digits) < 10 else MOST


def _retell(messages: Sequence[answers.Written]) -> Sequence[Event]:
    return [
        events.Message(history=True, **{name: getattr(each, name) for name in _FIELDS})
        for each in messages
    ]
