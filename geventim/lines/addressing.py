"""What a typed line means: a command, a text for a person or a place, or one for where lines go.

A line that begins with ``@`` or ``/`` is a command or a message to one person, never a message to
the room; one that begins with ``#`` goes to another room or group. Twice the sign sends the rest,
with one sign, to the room. What looks like a path or like code is a text.
"""

from collections.abc import Generator, Sequence
from typing import Any, NoReturn

from geventim.chat import names
from geventim.client import answers, wishes
from geventim.client.conversation.acquaintance import NOBODY
from geventim.client.wishes import Wish
from geventim.errors import UserError
from geventim.lines import finding, grammar
from geventim.lines.commands import secrets
from geventim.lines.commands.catalog import COMMANDS
from geventim.lines.commands.command import Command, Line, split
from geventim.lines.dialogue import Dialogue, NotSaidError
from geventim.lines.grammar import Call, Text
from geventim.lines.spelling import nearest
from geventim.lines.standpoint import Standpoint


def interpret(here: Standpoint, line: str) -> tuple[Dialogue, str]:
    """What a typed line does, and how it is shown if it says something to others."""
    said = grammar.parse(line)
    if isinstance(said, Text):
        return _say(here, said.text), said.text
    if said.sign == grammar.PLACE:
        return _tell(here, said), said.text
    elsewhere = None if said.head else translate(said)
    if elsewhere is not None:
        return interpret(here, elsewhere)
    command = COMMANDS.get(said.word.casefold())
    if command is not None:
        return command.start(here, Line(said.rest)), _shown(command, said)
    return _address(here, said), said.text


def translate(said: Call) -> str | None:
    """The line that does here what a word of other chat programs does there; None if it is none.

    Nobody can be called by one of these words. One that would not mean quite the same is left as it
    is: then it is refused, and nothing that was typed is lost.
    """
    rest = said.rest.strip()
    first, more = split(rest)
    match said.word.casefold():
        case "msg" | "privmsg" if more:
            return _to(first, more)
        case "query" if more:
            return _to(first, more)
        case "query" if first:
            return f"@go {first}"
        case "part" if not rest:
            return "@leave"
        case "part" if not more or first.startswith(grammar.PLACE):
            return f"@leave {first.removeprefix(grammar.PLACE)}"
        case "away":
            return f"@status away {rest}".rstrip()
        case "exit" | "bye" if not rest:
            return "@quit"
    return None


def _to(name: str, text: str) -> str:
    """A text for a person, or for a room that is called by its sign."""
    return f"{name if name[0] == grammar.PLACE else f'@{name.lstrip(grammar.CALLS)}'} {text}"


def _shown(command: Command, said: Call) -> str:
    """A line that has a command, without what is secret in it."""
    first, _ = split(said.rest)
    return f"@{command.name} {first} …" if command.run is secrets.send else said.text


def _say(here: Standpoint, text: str) -> Dialogue:
    """A text to where lines go."""
    if not here.name:
        raise UserError("no_room", "You are in no room.", "Enter one with '@join ROOM'.")
    place, name, kind = here.place, here.name, here.kind
    try:
        yield wishes.Say(id=0, to=place, text=text)
    except UserError as error:
        if error.code != finding.UNKNOWN:
            raise
        text = f"You are not in {kind} '{name}'."
        raise UserError("not_a_member", text, f"Enter it with '@join {name}'.") from error
    return ()


def _tell(here: Standpoint, said: Call) -> Dialogue:
    """A text to the room or group called ``said.word``, if the user is in it."""
    name = said.word
    try:
        if said.rest:
            yield wishes.Say(id=0, to=grammar.PLACE + name, text=said.rest)
            return ()
        place = yield from finding.place(name)
    except UserError as error:
        if error.code not in {finding.UNKNOWN, finding.NOT_A_MEMBER}:
            raise
        if said.rest and names.is_name(name):
            text = f"You are in no room or group '{name}'."
            raise UserError(finding.NOT_A_MEMBER, text, _as_text(said)) from error
    else:
        raise UserError("usage", f"Usage: #{place.name} text")
    return (yield from _say(here, said.text))


def _address(here: Standpoint, said: Call) -> Dialogue:
    """A message to the person called ``said.word``, if there is one; or a text that has a sign."""
    if said.head and not (yield from _is_known(said.head)):
        return (yield from _say(here, said.text))
    if not names.fold(said.word):
        raise UserError(
            "usage", "After '@' comes a command or a nick.", "@help lists the commands."
        )
    try:
        nick = names.check_name(said.word)
        if said.rest:
            yield wishes.Say(id=0, to=f"@{nick}", text=said.rest)
            return ()
        yield wishes.OpenDm(id=0, nick=nick)
    except UserError as error:
        if error.code not in NOBODY:
            raise
        refusal = error
    else:
        raise UserError("usage", f"Usage: @{said.word} text")
    contacts: answers.Nicks = yield wishes.Contacts(id=0)
    _reject_unknown(said, contacts.nicks, refusal)


def _is_known(word: str) -> Generator[Wish, Any, bool]:
    """Whether ``word`` is a command or somebody's nick, or was probably meant to be a command."""
    folded = names.fold(word)
    if folded in names.NO_NICKS - names.CODE or nearest(folded, COMMANDS) is not None:
        return True
    if not names.is_name(word):
        return False
    found: answers.Found = yield wishes.Find(id=0, name=word)
    return found.known


def _reject_unknown(said: Call, nicks: Sequence[str], refusal: UserError) -> NoReturn:
    word = said.word
    meant = nearest(word.casefold(), COMMANDS)
    if meant is not None:
        raise UserError(
            "unknown_command",
            f"'@{word}' is not a command. Did you mean '@{meant}'?",
            f"Usage: {COMMANDS[meant].usage}. {_as_text(said)}",
        ) from refusal
    nick = nearest(names.fold(word), map(names.fold, nicks))
    hint = f"Did you mean '@{nick}'? {_as_text(said)}" if nick is not None else _as_text(said)
    text = f"User '{word}' not found."
    if said.sign == "/":
        text = f"'/{word}' is not a command, and nobody is called '{word}'."
    raise NotSaidError("user_not_found", text, hint) from refusal


def _as_text(said: Call) -> str:
    return f"Begin with '{2 * said.sign}' to send it as text."
