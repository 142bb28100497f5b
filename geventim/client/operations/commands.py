"""Which words are commands, what they do, and what help says about them.

A line that begins with ``@`` or ``/`` is a command or a message to one person, never a message to
the room; one that begins with ``#`` goes to another room or group. Twice the sign sends the rest,
with one sign, to the room. What looks like a path or like code is a text.
"""

from collections.abc import Iterator
from typing import Any, Final, NoReturn

from geventim.chat import names
from geventim.chat.values import Kind
from geventim.client.conversation.acquaintance import NOBODY
from geventim.client.events import Notice, Speaker
from geventim.client.operations import (
    grammar,
    group_commands,
    groups,
    ignoring,
    presence,
    recall,
    rejoining,
    rooms,
    talk,
    verification,
)
from geventim.client.operations.command import Command, Line, fail, split, tabulate
from geventim.client.operations.context import Context
from geventim.client.operations.grammar import Call, Text
from geventim.client.operations.group_commands import GROUP_COMMANDS
from geventim.client.operations.spelling import nearest
from geventim.client.phases import Phase
from geventim.client.steps.effects import Leave, Operation, RefusedError, Steps, wait
from geventim.client.steps.outbox import Manner, Spoken, Task
from geventim.errors import UserError


def interpret(context: Context, line: str, date: float) -> Task:
    """The task that a typed line stands for."""
    said = grammar.parse(line)
    if isinstance(said, Text):
        return _say(context, said, date)
    spoken = Spoken(said.text, context.user.clock())
    if said.sign == grammar.PLACE:
        return Task(_tell(context, said, date), Manner.TOGETHER, spoken=spoken)
    command = COMMANDS.get(said.word.casefold())
    if command is not None:
        operation = command.run(context, Line(said.rest, date))
        return Task(operation, command.manner, spoken=_spoken(command, said, context.user.clock()))
    if said.head and not _is_known(context, said.head):
        return _say(context, said, date)
    return Task(_address(context, said, date), spoken=spoken)


def _say(context: Context, said: Text | Call, date: float) -> Task:
    """The task that says all of ``said`` to the room."""
    operation = talk.say(context, said.text, date)
    return Task(operation, Manner.TOGETHER, spoken=Spoken(said.text, context.user.clock()))


def _spoken(command: Command, said: Call, date: float) -> Spoken | None:
    """What a command says to others, if it does."""
    first, _ = split(said.rest)
    if command.run is _secret:
        return Spoken(f"@{command.name} {first} …", date)
    is_sent = command.run is group_commands.run and first.casefold() == group_commands.SEND
    return Spoken(said.text, date) if is_sent else None


def asks_for_key(context: Context, line: str) -> int | None:
    """The number of the secret that ``line`` wants to open without saying the key."""
    said = grammar.parse(line)
    if isinstance(said, Text) or said.sign == grammar.PLACE or said.word.casefold() != "open":
        return None
    number = _secret_number(said.rest)
    return number if number is not None and context.user.strongbox.find(number) else None


def _secret_number(text: str) -> int | None:
    digits = text.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def _is_known(context: Context, word: str) -> bool:
    """Whether ``word`` is a command or somebody's nick, or was probably meant to be a command."""
    folded = names.fold(word)
    is_command = folded in names.NO_NICKS - names.CODE or nearest(folded, COMMANDS) is not None
    return is_command or context.user.trust.pin(word) is not None


def _tell(context: Context, said: Call, date: float) -> Operation:
    """A text to the room or group called ``said.word``, if the user is in it."""
    conversations, name = context.conversations, said.word
    place = conversations.named(Kind.ROOM, name) or conversations.named(Kind.GROUP, name)
    if place is not None and said.rest:
        yield from talk.tell(context, place, said.rest, date)
    elif place is not None:
        raise UserError("usage", f"Usage: #{name} text")
    elif said.rest and names.is_name(name):
        text = f"You are in no room or group '{name}'."
        raise UserError("not_a_member", text, _as_text(said))
    else:
        yield from talk.say(context, said.text, date)


def _address(context: Context, said: Call, date: float) -> Operation:
    """A message to the person called ``said.word``, if there is one."""
    if not names.fold(said.word):
        raise UserError(
            "usage", "After '@' comes a command or a nick.", "@help lists the commands."
        )
    try:
        dm = yield from talk.find_person(context, names.check_name(said.word))
    except UserError as error:
        if error.code not in NOBODY:
            raise
        _reject_unknown(context, said)
    if not said.rest:
        raise UserError("usage", f"Usage: @{said.word} text")
    yield from talk.whisper(context, dm, said.rest, date)


def _reject_unknown(context: Context, said: Call) -> NoReturn:
    word = said.word
    meant = nearest(word.casefold(), COMMANDS)
    if meant is not None:
        raise UserError(
            "unknown_command",
            f"'@{word}' is not a command. Did you mean '@{meant}'?",
            f"Usage: {COMMANDS[meant].usage}. {_as_text(said)}",
        )
    nick = nearest(names.fold(word), map(names.fold, context.user.trust.nicks))
    hint = f"Did you mean '@{nick}'? {_as_text(said)}" if nick is not None else _as_text(said)
    raise RefusedError("user_not_found", f"User '{word}' not found.", hint=hint)


def _as_text(said: Call) -> str:
    return f"Begin with '{2 * said.sign}' to send it as text."


def leave(context: Context) -> Operation:
    """Say goodbye, once the server has everything."""
    # An earlier session may have sealed messages, and got no answer to them.
    yield from wait(lambda: context.phase is not Phase.ENTERING and not context.conversations.busy)
    yield Leave()


def _quit(context: Context, _: Line) -> Operation:
    return leave(context)


def _names(context: Context, line: Line) -> Operation:
    if line.argument:
        return verification.list_members(context, line.argument)
    return presence.list_names(context)


def _status(context: Context, line: Line) -> Operation:
    if line.argument:
        return presence.change_status(context, line.argument)
    return presence.show_status(context)


def _secret(context: Context, line: Line) -> Steps[Any]:
    parts = line.argument.split(maxsplit=2)
    if len(parts) < 3:
        return fail(COMMANDS["secret"].misused())
    nick, key, text = parts
    return talk.send_secret(context, nick, key, text, line.date)


def _open(context: Context, line: Line) -> Operation:
    number, key = split(line.argument)
    wanted = _secret_number(number)
    if wanted is None:
        return fail(COMMANDS["open"].misused())
    return talk.open_secret(context, wanted, key)


def _join(context: Context, line: Line) -> Operation:
    name, key = split(line.argument)
    if not name:
        return fail(COMMANDS["join"].misused())
    return rooms.join(context, name, key)


def _create(context: Context, line: Line) -> Operation:
    what, rest = split(line.argument)
    name, key = split(rest)
    if what.casefold() != "room" or not name:
        return fail(COMMANDS["create"].misused())
    return rooms.create(context, name, key)


def _leave_room(context: Context, line: Line) -> Operation:
    name = line.argument or context.room_name
    return rooms.leave(context, name)


def _groups(context: Context, _: Line) -> Operation:
    return groups.list_groups(context)


def _rooms(context: Context, _: Line) -> Operation:
    return rooms.list_rooms(context)


def _new_key(context: Context, line: Line) -> Operation:
    return rooms.change_key(context, line.argument)


def _rejoin(context: Context, line: Line) -> Operation:
    return rejoining.rejoin(context, line.argument or context.room_name)


def _verify(context: Context, line: Line) -> Operation:
    match line.argument.casefold().split():
        case ["room", *name] if len(name) < 2:
            return verification.show_room_code(context, "".join(name))
        case [nick]:
            return verification.show_number(context, nick.lstrip("@"))
        case [nick, "ok"]:
            return verification.confirm_number(context, nick.lstrip("@"))
    return fail(COMMANDS["verify"].misused())


def _trust(context: Context, line: Line) -> Operation:
    match line.argument.split():
        case [nick]:
            return verification.trust(context, nick.lstrip("@"))
    return fail(COMMANDS["trust"].misused())


def _whois(context: Context, line: Line) -> Operation:
    match line.argument.split():
        case [nick]:
            return verification.describe(context, nick.lstrip("@"))
    return fail(COMMANDS["whois"].misused())


def _ignore(context: Context, line: Line) -> Operation:
    match line.argument.split():
        case []:
            return ignoring.list_ignored(context)
        case [nick]:
            return ignoring.ignore(context, nick.lstrip("@"))
    return fail(COMMANDS["ignore"].misused())


def _unignore(context: Context, line: Line) -> Operation:
    match line.argument.split():
        case [nick]:
            return ignoring.unignore(context, nick.lstrip("@"))
    return fail(COMMANDS["unignore"].misused())


def _history(context: Context, line: Line) -> Operation:
    match line.argument.split():
        case []:
            return recall.show(context)
        case [count] if count.isascii() and count.isdigit():
            return recall.show(context, _clip(count))
        case [name]:
            return recall.show(context, name=name.lstrip("@"))
        case [count, name] if count.isascii() and count.isdigit():
            return recall.show(context, _clip(count), name.lstrip("@"))
    return fail(COMMANDS["history"].misused())


def _clip(digits: str) -> int:
    return int(digits) if len(digits) < 10 else recall.MOST


def _search(context: Context, line: Line) -> Operation:
    if not line.argument:
        return fail(COMMANDS["search"].misused())
    return recall.search(context, line.argument)


def _help(context: Context, line: Line) -> Operation:
    word = line.argument.lstrip(grammar.CALLS).casefold()
    shown = [command for name, command in _topics() if word in ("", name)]
    if not shown:
        raise UserError("usage", f"There is no command '@{word}'.", "@help lists them all.")
    lines = [f"{command.usage}: {command.help}" for command in shown]
    if not word:
        lines.append("@NICK TEXT: sends a private message")
        lines.append("#NAME TEXT: sends a text to a room or group that you are in")
        lines.append("@@TEXT: sends a text that begins with @ to the room; // and ## likewise")
    for text in lines:
        context.user.emit(Notice(text, speaker=Speaker.CLIENT))
    yield from ()


def _topics() -> Iterator[tuple[str, Command]]:
    for command in COMMANDS.values():
        below = GROUP_COMMANDS.values() if command.name == "group" else (command,)
        yield from ((command.name, described) for described in below)


COMMANDS: Final = tabulate(
    Command("help", "@help [COMMAND]", "lists what can be typed", _help),
    Command(
        "names",
        "@names [CONVERSATION]",
        "lists who is connected; or who is in a room or group, and whom you have verified",
        _names,
    ),
    Command(
        "status",
        "@status [normal|dnd|away]",
        "shows your status, or says whether you want to be talked to",
        _status,
    ),
    Command(
        "secret",
        "@secret NICK KEY TEXT",
        "sends a text that only KEY opens; agree on the key elsewhere",
        _secret,
    ),
    Command(
        "open", "@open NUMBER [KEY]", "opens a secret; without KEY, the next line is it", _open
    ),
    Command(
        "group",
        "@group set|send|add|remove|leave|delete NAME …",
        "does things with groups",
        group_commands.run,
    ),
    Command(
        "join",
        "@join NAME [KEY]",
        "enters a room, with its KEY if it has one, or goes to a group that you are in",
        _join,
    ),
    Command(
        "create",
        "@create room NAME [KEY]",
        "makes a room; with KEY, one that only its holders can enter",
        _create,
    ),
    Command("leave", "@leave [ROOM]", "leaves a room", _leave_room),
    Command("groups", "@groups", "lists the groups that you are in", _groups),
    Command("rooms", "@rooms", "lists the rooms that you are in", _rooms),
    Command(
        "newkey", "@newkey [ROOM]", "changes the key of a room, or makes a keyed one", _new_key
    ),
    Command(
        "rejoin",
        "@rejoin [NAME | all]",
        "goes on with a conversation that was stopped, or all of them, and shows who is in it",
        _rejoin,
    ),
    Command(
        "history",
        "@history [COUNT] [CONVERSATION]",
        "shows what was written before",
        _history,
    ),
    Command(
        "search",
        "@search WORDS",
        "shows messages that have all these words",
        _search,
        Manner.BESIDE,
    ),
    Command(
        "whois",
        "@whois NICK",
        "says what is known of somebody, and whether you verified it",
        _whois,
    ),
    Command(
        "verify",
        "@verify NICK [ok] | room [ROOM]",
        "shows a number to compare; with ok, says that it was right; for a room, shows its code",
        _verify,
    ),
    Command(
        "ignore",
        "@ignore [NICK]",
        "hears nothing of somebody any more, nor of what they add you to; alone, lists who that is",
        _ignore,
    ),
    Command("unignore", "@unignore NICK", "hears of somebody again", _unignore),
    Command("trust", "@trust NICK", "believes that somebody has another key now", _trust),
    Command("quit", "@quit", "leaves", _quit, Manner.LAST),
)
"""Every command by its name."""
