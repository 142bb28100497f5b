"""Which words are commands, what they do, and what help says about them."""

from collections.abc import Iterator
from typing import Final

from geventim.client import answers, wishes
from geventim.errors import UserError
from geventim.lines import grammar
from geventim.lines.commands import files, groups, history, people, remarks, rooms, secrets
from geventim.lines.commands.command import Command, Line, MisusedError, split, tabulate
from geventim.lines.commands.groups import GROUP_COMMANDS
from geventim.lines.dialogue import Browsing, Dialogue, Parting, say
from geventim.lines.standpoint import Standpoint

SAYING: Final = "Saying something:"

WAYS: Final = (
    "TEXT: goes to where you are",
    "@NICK TEXT: sends a private message (for example: @bob are you there?)",
    "#NAME TEXT: sends a text to a room or group that you are in (for example: #lobby hello)",
    "@@TEXT: sends a text that begins with @ to the room; // and ## likewise",
)

SECTIONS: Final = {
    "Private and sealed:": "secret open",
    "Files:": "send files fetch cancel",
    "Rooms and groups:": "rooms join create go leave newkey rejoin groups group",
    "People:": "names whois status ignore unignore mute unmute",
    "Whom you can trust:": "verify trust",
    "What was said:": "me reply edit delete react timer history search",
    "This program:": "help settings web quit",
}
"""Which commands belong together, under which title."""


SWITCHES: Final = {"on": True, "off": False}

ABOUT: Final = {
    "receipts": "others are told how far you have read",
    "pictures": "small pictures are fetched by themselves",
}
"""Settings that are on or off."""

WORDS: Final = "highlights"


def _quit(_: Standpoint, __: Line) -> Dialogue:
    yield Parting.LEAVE
    return ()


def _web(_: Standpoint, line: Line) -> Dialogue:
    if line.argument:
        raise MisusedError
    yield Browsing.OPEN
    return ()


def _settings(_: Standpoint, line: Line) -> Dialogue:
    """Show the settings, or change one."""
    name, value = split(line.argument)
    if not name:
        settled: answers.Settings = yield wishes.Settings(id=0)
        return [say(_state_of(settled, each)) for each in (*ABOUT, WORDS)]
    if name in ABOUT and value in SWITCHES:
        wanted: object = SWITCHES[value]
    elif name == WORDS:
        wanted = [each.strip() for each in value.split(",") if each.strip()]
    else:
        raise MisusedError
    settled = yield wishes.ChangeSetting(id=0, name=name, value=wanted)
    return [say(_state_of(settled, name))]


def _state_of(settled: answers.Settings, name: str) -> str:
    if name == WORDS:
        return f"{WORDS}: {', '.join(settled.highlights) or 'none'}"
    return f"{name}: {'on' if getattr(settled, name) else 'off'} ({ABOUT[name]})"


def _help(_: Standpoint, line: Line) -> Dialogue:
    word = line.argument.lstrip(grammar.CALLS).casefold()
    shown = [command for name, command in _topics() if word in ("", name)]
    if not shown:
        raise UserError("usage", f"There is no command '@{word}'.", "@help lists them all.")
    yield from ()
    if word:
        return [say(_describe(command)) for command in shown]
    lines = [SAYING, *WAYS]
    for title, names in SECTIONS.items():
        lines.append(title)
        lines += (_describe(command) for name, command in _topics() if name in names.split())
    return [say(text) for text in lines]


def _describe(command: Command) -> str:
    example = f" (for example: {command.example})" if command.example else ""
    return f"{command.usage}: {command.help}{example}"


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
        people.names,
    ),
    Command(
        "status",
        "@status [normal|dnd|away [TEXT]]",
        "shows your status, or says whether you want to be talked to; whoever writes is told why",
        people.status,
    ),
    Command(
        "secret",
        "@secret NICK KEY TEXT",
        "sends a text that only KEY opens; agree on the key elsewhere",
        secrets.send,
        "@secret bob rosebud meet at ten",
    ),
    Command(
        "open",
        "@open NUMBER [KEY]",
        "opens a secret; without KEY, the next line is it",
        secrets.unlock,
    ),
    Command(
        "send",
        "@send NAME PATH",
        "sends a file to a room, a group or a person",
        files.send,
        "@send @bob report.pdf",
    ),
    Command(
        "files",
        "@files",
        "lists files that have come, and those that are on their way",
        files.show,
    ),
    Command(
        "fetch",
        "@fetch NUMBER [PATH]",
        "receives a file, into the downloads of this program or to PATH",
        files.fetch,
    ),
    Command(
        "cancel",
        "@cancel NUMBER",
        "gives up the transfer that @files lists under that number",
        files.cancel,
    ),
    Command(
        "group",
        "@group set|send|add|remove|leave|delete NAME …",
        "does things with groups",
        groups.run,
    ),
    Command(
        "join",
        "@join NAME [KEY]",
        "enters a room, with its KEY if it has one, or goes to a group that you are in",
        rooms.join,
        "@join den",
    ),
    Command(
        "create",
        "@create room NAME [KEY]",
        "makes a room; with KEY, one that only its holders can enter",
        rooms.create,
    ),
    Command(
        "go",
        "@go NAME",
        "has what you type go to another room, group or person from now on",
        rooms.go,
        "@go bob",
    ),
    Command("leave", "@leave [ROOM]", "leaves a room", rooms.leave),
    Command("groups", "@groups", "lists the groups that you are in", rooms.groups),
    Command(
        "rooms",
        "@rooms [all]",
        "lists the rooms that you are in, or all that you can join",
        rooms.rooms,
    ),
    Command(
        "newkey",
        "@newkey [ROOM]",
        "changes the key of a room, or makes a keyed one",
        rooms.new_key,
    ),
    Command(
        "rejoin",
        "@rejoin [NAME | all]",
        "goes on with a conversation that was stopped, or all of them, and shows who is in it",
        rooms.rejoin,
    ),
    Command("me", "@me TEXT", "says what you do", remarks.act, "@me waves"),
    Command(
        "reply",
        "@reply NICK|N TEXT",
        "answers the last message of NICK, or the Nth message from the end",
        remarks.reply,
        "@reply bob yes, at ten",
    ),
    Command(
        "edit",
        "@edit TEXT",
        "puts TEXT in the place of your last message here",
        remarks.edit,
    ),
    Command(
        "delete",
        "@delete [NICK|N]",
        "deletes your last message here for everybody, or in your group that of somebody else",
        remarks.delete,
    ),
    Command(
        "react",
        "@react EMOJI [NICK|N]",
        "reacts to the last message with an emoji or its name; with 'none', takes that back",
        remarks.react,
        "@react tada bob",
    ),
    Command(
        "timer",
        "@timer TIME|off",
        "has what is said here from now on deleted so long after it was read",
        remarks.timer,
        "@timer 1d",
    ),
    Command(
        "history",
        "@history [COUNT] [CONVERSATION]",
        "shows what was written before",
        history.history,
    ),
    Command(
        "search",
        "@search WORDS",
        "shows messages that have all these words",
        history.search,
        "@search lunch friday",
    ),
    Command(
        "whois",
        "@whois NICK",
        "says what is known of somebody, and whether you verified it",
        people.whois,
    ),
    Command(
        "verify",
        "@verify NICK [ok] | room [ROOM]",
        "shows a number to compare; with ok, says that it was right; for a room, shows its code",
        people.verify,
    ),
    Command(
        "ignore",
        "@ignore [NICK]",
        "hears nothing of somebody any more, nor of what they add you to; alone, lists who that is",
        people.ignore,
    ),
    Command("unignore", "@unignore NICK", "hears of somebody again", people.unignore),
    Command(
        "mute",
        "@mute [NAME]",
        "is not called by what is written in a conversation, or here",
        rooms.mute,
    ),
    Command("unmute", "@unmute [NAME]", "is called by it again", rooms.unmute),
    Command(
        "settings",
        "@settings [NAME VALUE]",
        "shows the settings, or changes one: receipts on or off, pictures on or off, highlights"
        " and words that call you, with commas between",
        _settings,
    ),
    Command(
        "trust",
        "@trust NICK",
        "accepts a new key of somebody, once you have asked them elsewhere whether it is theirs",
        people.trust,
    ),
    Command("web", "@web", "shows a link to this client for a browser on this machine", _web),
    Command("quit", "@quit", "leaves", _quit),
)
"""Every command by its name."""
