"""Commands about what was said last: answering it, editing and deleting it, reacting to it."""

import re
from collections.abc import Generator
from typing import Any, Final

from geventim.chat.names import fold
from geventim.client import answers, wishes
from geventim.client.answers import Written
from geventim.lines.commands.command import Line, MisusedError, split
from geventim.lines.dialogue import Dialogue, NotSaidError, Step
from geventim.lines.standpoint import Standpoint

LOOKED_AT: Final = 200
"""Messages among which the one that is meant is looked for."""

ACTION: Final = "/me "
"""How a message begins that says what its author does."""

UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
"""Seconds in what a time is said in."""

_TIME: Final = re.compile(r"(\d{1,9})([smhdw]?)")


def act(here: Standpoint, line: Line) -> Dialogue:
    """Say what the user does."""
    if not line.argument:
        raise MisusedError
    yield wishes.Say(id=0, to=_place(here), text=ACTION + line.argument)
    return ()


def reply(here: Standpoint, line: Line) -> Dialogue:
    """Answer a message."""
    which, text = split(line.argument)
    if not text:
        raise MisusedError
    found = yield from _find(here, which)
    yield wishes.Say(id=0, to=_place(here), text=text, reply_to=found.message_id)
    return ()


def edit(here: Standpoint, line: Line) -> Dialogue:
    """Put another text in the place of the last one of the user."""
    if not line.argument:
        raise MisusedError
    found = yield from _find(here, here.nick)
    yield wishes.Edit(id=0, message_id=found.message_id, text=line.argument)
    return ()


def delete(here: Standpoint, line: Line) -> Dialogue:
    """Delete the last message of the user, or another one."""
    which, rest = split(line.argument)
    if rest:
        raise MisusedError
    found = yield from _find(here, which or here.nick)
    yield wishes.DeleteMessage(id=0, message_id=found.message_id)
    return ()


def react(here: Standpoint, line: Line) -> Dialogue:
    """React to the last message, or another one."""
    reaction, which = split(line.argument)
    if not reaction or " " in which:
        raise MisusedError
    found = yield from _find(here, which or "1")
    taken = "" if reaction.casefold() == "none" else reaction
    yield wishes.React(id=0, message_id=found.message_id, reaction=taken)
    return ()


def timer(here: Standpoint, line: Line) -> Dialogue:
    """Have what is said be deleted some time after it was read."""
    said = line.argument.casefold()
    match = _TIME.fullmatch("0" if said == "off" else said)
    if match is None:
        raise MisusedError
    seconds = int(match[1]) * UNITS[match[2]]
    yield wishes.SetTimer(id=0, conversation=_place(here), seconds=seconds)
    return ()


def _place(here: Standpoint) -> str:
    if not here.place:
        raise NotSaidError("no_room", "You are in no room.", "Enter one with '@join ROOM'.")
    return here.place


def _find(here: Standpoint, which: str) -> Generator[Step, Any, Written]:
    """The message that is meant by ``which``: a nick, or a number that counts from the last."""
    recent: answers.Messages = yield wishes.Timeline(
        id=0, conversation=_place(here).lstrip("@#"), limit=LOOKED_AT
    )
    said = [each for each in reversed(recent.messages) if not _is_gone(each)]
    if which.isascii() and which.isdigit():
        number = int(which[:9])
        found = said[number - 1 : number] if number else []
    else:
        nick = fold(which.removeprefix("@"))
        found = [each for each in said if fold(each.nick) == nick]
    if not found:
        text = "There is no such message here."
        raise NotSaidError("no_message", text, "@history shows what was said.")
    return found[0]


def _is_gone(message: Written) -> bool:
    return isinstance(message.deleted, str)
