"""Commands that send and open secrets."""

from typing import Final

from geventim.client import answers, events, wishes
from geventim.client.sealing.content import ContentKind
from geventim.errors import UserError
from geventim.lines.commands.command import Line, MisusedError, split
from geventim.lines.dialogue import Dialogue, Question, Report, say
from geventim.lines.standpoint import Standpoint

WRONG_KEY: Final = "wrong_key"
"""The code of a key that does not open a secret."""


def send(_: Standpoint, line: Line) -> Dialogue:
    """Send a secret."""
    parts = line.argument.split(maxsplit=2)
    if len(parts) < 3:
        raise MisusedError
    nick, key, text = parts
    yield wishes.Secret(id=0, nick=nick, key=key, text=text)
    return ()


def unlock(_: Standpoint, line: Line) -> Dialogue:
    """Open a secret; its key is asked for if it was not typed."""
    digits, key = split(line.argument)
    number = _number(digits)
    if number is None:
        raise MisusedError
    if key:
        return (yield from _unseal(number, key))
    secrets: answers.Secrets = yield wishes.Secrets(id=0)
    if number not in secrets.numbers:
        raise UserError("no_secret", f"There is no secret #{number}.")
    question = Question(f"Enter the key of secret #{number}; an empty line cancels.", secret=True)
    while typed := (yield question):
        try:
            return (yield from _unseal(number, typed))
        except UserError as error:
            if error.code != WRONG_KEY:
                raise
            # What is typed next is most likely the right one.
            yield Report([events.Error(error.code, f"That key does not open secret #{number}.")])
    return [say(f"Secret #{number} stays closed.")]


def _unseal(number: int, key: str) -> Dialogue:
    opened: answers.Opened = yield wishes.OpenSecret(id=0, number=number, key=key)
    nick, kind = opened.nick, ContentKind.SECRET
    return [
        events.Message(
            nick,
            kind,
            nick,
            opened.message,
            opened.date,
            opened.seq,
            opened.verified,
            conversation_id=opened.conversation_id,
            message_id=opened.message_id,
        )
    ]


def _number(text: str) -> int | None:
    digits = text.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None
