"""What can come after ``@group``, and what it does."""

import re
from typing import Final

from geventim.chat import limits
from geventim.client import answers, events, wishes
from geventim.errors import UserError
from geventim.lines import finding
from geventim.lines.commands.command import Command, Line, MisusedError, fail, split, tabulate
from geventim.lines.dialogue import Dialogue
from geventim.lines.spelling import nearest
from geventim.lines.standpoint import Standpoint

ACTIONS: Final = "'set', 'send', 'add', 'remove', 'leave' or 'delete'"
"""What can come, in words."""


def run(here: Standpoint, line: Line) -> Dialogue:
    """Do what comes after the word ``group``."""
    action, rest = split(line.argument)
    command = GROUP_COMMANDS.get(action.casefold())
    if command is not None:
        return command.start(here, Line(rest))
    meant = nearest(action.casefold(), GROUP_COMMANDS)
    if meant is None:
        text = f"After '@group' comes {ACTIONS}."
    else:
        text = f"Did you mean '@group {meant}'? There is {ACTIONS}."
    usage = GROUP_COMMANDS[meant].misused().text if meant else "@help group says more."
    return fail(UserError("usage", text, usage))


def _set(_: Standpoint, line: Line) -> Dialogue:
    name, people = split(line.argument)
    members = _nicks(people)
    if not members:
        raise MisusedError
    if len(members) > limits.GROUP_MEMBERS:
        raise UserError(
            "too_many", f"A group is created with at most {limits.GROUP_MEMBERS} people."
        )
    made: answers.Created = yield wishes.CreateGroup(id=0, name=name, members=members)
    return [events.Notice(f"Group {made.name} created with members {', '.join(made.present)}.")]


def _send(_: Standpoint, line: Line) -> Dialogue:
    name, text = split(line.argument)
    if not text:
        raise MisusedError
    group = yield from finding.group(name)
    yield wishes.Say(id=0, to=group.id, text=text)
    return ()


def _add(_: Standpoint, line: Line) -> Dialogue:
    return _change(wishes.Add, line)


def _remove(_: Standpoint, line: Line) -> Dialogue:
    return _change(wishes.Remove, line)


def _change(wish: type[wishes.Add | wishes.Remove], line: Line) -> Dialogue:
    """Wish that of a group, for the people whom ``line`` names after it."""
    name, people = split(line.argument)
    nicks = _nicks(people)
    if not nicks:
        raise MisusedError
    group = yield from finding.group(name)
    yield wish(id=0, conversation=group.id, members=nicks)
    return ()


def _nicks(text: str) -> tuple[str, ...]:
    """Those that ``text`` names, each once, with commas or spaces between them."""
    return tuple(dict.fromkeys(re.findall(r"[^\s,]+", text)))


def _leave(_: Standpoint, line: Line) -> Dialogue:
    name, more = split(line.argument)
    if not name or more:
        raise MisusedError
    group = yield from finding.group(name)
    left: answers.Conversation = yield wishes.Leave(id=0, conversation=group.id)
    return [events.Notice(f"You left group {left.name}.")]


def _delete(_: Standpoint, line: Line) -> Dialogue:
    name, more = split(line.argument)
    if not name or more:
        raise MisusedError
    group = yield from finding.group(name)
    gone: answers.Conversation = yield wishes.Delete(id=0, conversation=group.id)
    return [events.Notice.told("group_deleted", name=gone.name)]


GROUP_COMMANDS: Final = tabulate(
    Command("set", "@group set NAME NICK,NICK", "creates a group with these members", _set),
    Command("send", "@group send NAME TEXT", "writes to a group", _send),
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
