"""What can come after ``@group``, and what it does."""

import re
from typing import Any, Final

from geventim.client.operations import groups
from geventim.lines.command import Command, Line, fail, split, tabulate
from geventim.client.operations.context import Context
from geventim.lines.spelling import nearest
from geventim.client.steps.effects import Operation, Steps
from geventim.errors import UserError

ACTIONS: Final = "'set', 'send', 'add', 'remove', 'leave' or 'delete'"
"""What can come, in words."""

SEND: Final = "send"
"""The word after which comes a message."""


def run(context: Context, line: Line) -> Steps[Any]:
    """Do what comes after the word ``group``."""
    action, rest = split(line.argument)
    command = GROUP_COMMANDS.get(action.casefold())
    if command is not None:
        return command.run(context, Line(rest, line.date))
    meant = nearest(action.casefold(), GROUP_COMMANDS)
    if meant is None:
        text = f"After '@group' comes {ACTIONS}."
    else:
        text = f"Did you mean '@group {meant}'? There is {ACTIONS}."
    usage = GROUP_COMMANDS[meant].misused().text if meant else "@help group says more."
    return fail(UserError("usage", text, usage))


def _set(context: Context, line: Line) -> Steps[Any]:
    name, people = split(line.argument)
    members = _nicks(people)
    if not members:
        return fail(GROUP_COMMANDS["set"].misused())
    return groups.create(context, name, members)


def _send(context: Context, line: Line) -> Operation:
    name, text = split(line.argument)
    if not text:
        return fail(GROUP_COMMANDS["send"].misused())
    return groups.send(context, name, text, line.date)


def _add(context: Context, line: Line) -> Operation:
    name, people = split(line.argument)
    nicks = _nicks(people)
    return groups.add(context, name, nicks) if nicks else fail(GROUP_COMMANDS["add"].misused())


def _remove(context: Context, line: Line) -> Operation:
    name, people = split(line.argument)
    nicks = _nicks(people)
    if not nicks:
        return fail(GROUP_COMMANDS["remove"].misused())
    return groups.remove(context, name, nicks)


def _nicks(text: str) -> tuple[str, ...]:
    """Those that ``text`` names, each once, with commas or spaces between them."""
    return tuple(dict.fromkeys(re.findall(r"[^\s,]+", text)))


def _leave(context: Context, line: Line) -> Operation:
    name, more = split(line.argument)
    if not name or more:
        return fail(GROUP_COMMANDS["leave"].misused())
    return groups.leave(context, name)


def _delete(context: Context, line: Line) -> Operation:
    name, more = split(line.argument)
    if not name or more:
        return fail(GROUP_COMMANDS["delete"].misused())
    return groups.delete(context, name)


GROUP_COMMANDS: Final = tabulate(
    Command("set", "@group set NAME NICK,NICK", "creates a group with these members", _set),
    Command(SEND, "@group send NAME TEXT", "writes to a group", _send),
    Command("add", "@group add NAME NICK,NICK", "lets people into a group", _add),
    Command(
        "remove",
        "@group remove NAME NICK,NICK",
        "puts people out of a group that you created",
        _remove,
    ),
    Command("leave", "@group leave NAME", "leaves a group", _leave),
    Command("delete", "@group delete NAME", "ends a group that you created", _delete),
)
"""Every one of them by its name."""
