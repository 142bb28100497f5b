"""Which words are commands, what they do, and what help says about them.

A line that begins with ``@`` or ``/`` is a command or a message to one person, never a message to
the room. Twice the sign sends the rest, with one sign, to the room.
"""

from collections.abc import Iterator
from typing import Final, NoReturn

from geventim.chat import names
from geventim.client import group_commands, presence, recall, rooms, talk, verification
from geventim.client.command import Command, Line, fail, split, tabulate
from geventim.client.context import Context
from geventim.client.effects import Leave, Operation, RefusedError, wait
from geventim.client.events import Notice, Speaker
from geventim.client.group_commands import GROUP_COMMANDS
from geventim.client.outbox import Manner, Spoken, Task
from geventim.client.spelling import nearest
from geventim.errors import UserError

SIGNS: Final = ("@", "/")
NOBODY: Final = frozenset({"user_not_found", "bad_name"})
"""The server's words for a nick that nobody has."""


def interpret(context: Context, text: str, date: float) -> Task:
    """The task that a typed line stands for."""
    stripped = text.lstrip()
    if not stripped.startswith(SIGNS):
        return Task(talk.say(context, text, date), Manner.TOGETHER, Spoken(text, date))
    if stripped.startswith(tuple(2 * sign for sign in SIGNS)):
        said = stripped[1:]
        return Task(talk.say(context, said, date), Manner.TOGETHER, Spoken(said, date))
    word, line = _parse(stripped, date)
    command = COMMANDS.get(word.casefold())
    if command is None:
        return Task(_address(context, word, line), spoken=Spoken(stripped, date))
    return Task(command.run(context, line), command.manner, _spoken(command, stripped, line))


def _spoken(command: Command, text: str, line: Line) -> Spoken | None:
    """What a command says to others, if it does."""
    if command.run is _secret:
        nick, _ = split(line.argument)
        return Spoken(f"@{command.name} {nick} …", line.date)
    action, _ = split(line.argument)
    is_sent = command.run is group_commands.run and action.casefold() == group_commands.SEND
    return Spoken(text, line.date) if is_sent else None


def asks_for_key(context: Context, text: str) -> int | None:
    """The number of the secret that ``text`` wants to open without saying the key."""
    stripped = text.lstrip()
    if not stripped.startswith(SIGNS):
        return None
    word, line = _parse(stripped, 0)
    if word.casefold() != "open":
        return None
    number = _secret_number(line.argument)
    return number if number is not None and context.strongbox.find(number) else None


def _parse(text: str, date: float) -> tuple[str, Line]:
    """Word and rest of a line that begins with a sign."""
    word, rest = ("", text[1:]) if text[1:2].isspace() else split(text[1:])
    return word, Line(rest.strip(), date)


def _secret_number(text: str) -> int | None:
    digits = text.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def _address(context: Context, word: str, line: Line) -> Operation:
    """A message to the person called ``word``, if there is one."""
    if not names.fold(word):
        raise UserError(
            "usage", "After '@' comes a command or a nick.", "@help lists the commands."
        )
    try:
        dm = yield from talk.find_person(context, names.check_name(word))
    except UserError as error:
        if error.code not in NOBODY:
            raise
        _reject_unknown(word)
    if not line.argument:
        raise UserError("usage", f"Usage: @{word} text")
    yield from talk.whisper(context, dm, line.argument, line.date)


def _reject_unknown(word: str) -> NoReturn:
    meant = nearest(word.casefold(), COMMANDS)
    if meant is None:
        raise RefusedError("user_not_found", f"User '{word}' not found.")
    raise UserError(
        "unknown_command",
        f"'@{word}' is not a command. Did you mean '@{meant}'?",
        f"Usage: {COMMANDS[meant].usage}",
    )


def leave(context: Context) -> Operation:
    """Say goodbye, once the server has everything."""
    # An earlier session may have sealed messages, and got no answer to them.
    yield from wait(lambda: not context.conversations.busy)
    yield Leave()


def _quit(context: Context, _: Line) -> Operation:
    return leave(context)


def _names(context: Context, _: Line) -> Operation:
    return presence.list_names(context)


def _status(context: Context, line: Line) -> Operation:
    if line.argument:
        return presence.change_status(context, line.argument)
    return presence.show_status(context)


def _secret(context: Context, line: Line) -> Operation:
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


def _leave_room(context: Context, line: Line) -> Operation:
    name = line.argument or context.room_name
    return rooms.leave(context, name)


def _rooms(context: Context, _: Line) -> Operation:
    return rooms.list_rooms(context)


def _new_key(context: Context, line: Line) -> Operation:
    return rooms.change_key(context, line.argument)


def _rejoin(context: Context, line: Line) -> Operation:
    return rooms.rejoin(context, line.argument or context.room_name)


def _verify(context: Context, line: Line) -> Operation:
    match line.argument.casefold().split():
        case ["room", *name] if len(name) < 2:
            return verification.show_room_code(context, "".join(name))
        case [nick]:
            return verification.show_number(context, nick.lstrip(SIGNS[0]))
        case [nick, "ok"]:
            return verification.confirm_number(context, nick.lstrip(SIGNS[0]))
    return fail(COMMANDS["verify"].misused())


def _trust(context: Context, line: Line) -> Operation:
    match line.argument.split():
        case [nick]:
            return verification.trust(context, nick.lstrip(SIGNS[0]))
    return fail(COMMANDS["trust"].misused())


def _whois(context: Context, line: Line) -> Operation:
    match line.argument.split():
        case [nick]:
            return verification.describe(context, nick.lstrip(SIGNS[0]))
    return fail(COMMANDS["whois"].misused())


def _history(context: Context, line: Line) -> Operation:
    match line.argument.split():
        case []:
            return recall.show(context)
        case [count] if count.isascii() and count.isdigit():
            return recall.show(context, _clip(count))
        case [name]:
            return recall.show(context, name=name.lstrip(SIGNS[0]))
        case [count, name] if count.isascii() and count.isdigit():
            return recall.show(context, _clip(count), name.lstrip(SIGNS[0]))
    return fail(COMMANDS["history"].misused())


def _clip(digits: str) -> int:
    return int(digits) if len(digits) < 10 else recall.MOST


def _search(context: Context, line: Line) -> Operation:
    if not line.argument:
        return fail(COMMANDS["search"].misused())
    return recall.search(context, line.argument)


def _help(context: Context, line: Line) -> Operation:
    word = line.argument.lstrip("".join(SIGNS)).casefold()
    shown = [command for name, command in _topics() if word in ("", name)]
    if not shown:
        raise UserError("usage", f"There is no command '@{word}'.", "@help lists them all.")
    lines = [f"{command.usage}: {command.help}" for command in shown]
    if not word:
        lines.append("@NICK TEXT: sends a private message")
        lines.append("@@TEXT: sends a text that begins with @ to the room; // likewise")
    for text in lines:
        context.emit(Notice(text, speaker=Speaker.CLIENT))
    yield from ()


def _topics() -> Iterator[tuple[str, Command]]:
    for command in COMMANDS.values():
        below = GROUP_COMMANDS.values() if command.name == "group" else (command,)
        yield from ((command.name, described) for described in below)


COMMANDS: Final = tabulate(
    Command("help", "@help [COMMAND]", "lists what can be typed", _help),
    Command("names", "@names", "lists who is connected", _names),
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
        "@group set|send|leave|delete NAME …",
        "does things with groups",
        group_commands.run,
    ),
    Command(
        "join",
        "@join ROOM [KEY]",
        "enters a room, or makes one; with KEY, one that only its holders can enter",
        _join,
    ),
    Command("leave", "@leave [ROOM]", "leaves a room", _leave_room),
    Command("rooms", "@rooms", "lists the rooms that you are in", _rooms),
    Command(
        "newkey", "@newkey [ROOM]", "changes the key of a room, or makes a keyed one", _new_key
    ),
    Command(
        "rejoin",
        "@rejoin [NAME]",
        "goes on with a conversation that was stopped, and shows who is in it",
        _rejoin,
    ),
    Command(
        "history",
        "@history [COUNT] [CONVERSATION]",
        "shows what was written before",
        _history,
    ),
    Command("search", "@search WORDS", "shows messages that have all these words", _search),
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
    Command("trust", "@trust NICK", "believes that somebody has another key now", _trust),
    Command("quit", "@quit", "leaves", _quit, Manner.LAST),
)
"""Every command by its name."""
