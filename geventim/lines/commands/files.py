"""Commands that send and fetch files."""

from collections.abc import Iterator
from typing import Final

from geventim.client import answers, events, wishes
from geventim.client.events import Event, Message
from geventim.errors import UserError
from geventim.lines import finding, grammar
from geventim.lines.commands.command import Line, MisusedError, split
from geventim.lines.dialogue import Dialogue, say
from geventim.lines.standpoint import Standpoint

LISTED: Final = 20
"""Messages whose files are listed, the last ones."""

UNITS: Final = ("bytes", "KB", "MB", "GB")


def send(_: Standpoint, line: Line) -> Dialogue:
    """Send a file."""
    # A space is behind a path that was completed.
    to, path = split(line.argument.rstrip())
    if not path:
        raise MisusedError
    try:
        yield wishes.Say(id=0, to=to, text="", files=(path,))
    except UserError as error:
        if error.code != finding.UNKNOWN or to[0] in grammar.CALLS + grammar.PLACE:
            raise
        # Somebody whom nothing was said to alone yet.
        yield wishes.Say(id=0, to=f"@{to}", text="", files=(path,))
    return [say(f"{path} was sent.", "file_sent")]


def fetch(here: Standpoint, line: Line) -> Dialogue:
    """Receive a file that came with a message."""
    digits, path = split(line.argument)
    number = _number(digits)
    if number is None:
        raise MisusedError
    if number > len(here.files) or not number:
        raise UserError("no_file", f"There is no file {number}.", "@files lists them.")
    message_id, index = here.files[number - 1].message_id, here.files[number - 1].index
    wish = wishes.FetchFile(id=0, message_id=message_id, index=index, path=path)
    fetched: answers.Fetched = yield wish
    return [say(f"File {number} is here now: {fetched.path}", "file_fetched")]


def show(here: Standpoint, line: Line) -> Dialogue:
    """List files that have come, and those that are on their way."""
    if line.argument:
        raise MisusedError
    found: answers.Messages = yield wishes.Search(id=0, with_files=True, limit=LISTED)
    moving: answers.Transfers = yield wishes.Transfers(id=0)
    told: list[Event] = [
        say(f"File {number}: {text}", "file")
        for message in reversed(found.messages)
        for number, text in _number_all(here, message)
    ]
    told += (say(_progress(each), "transfer") for each in moving.transfers)
    return told or [say("No files have come, and none are on their way.", "no_files")]


def cancel(_: Standpoint, line: Line) -> Dialogue:
    """Give up a transfer."""
    number = _number(line.argument)
    if not number:
        raise MisusedError
    yield wishes.Cancel(id=0, transfer=number)
    return [say(f"Transfer {number} was given up.", "transfer_cancelled")]


def note(here: Standpoint, message: Message) -> Iterator[Event]:
    """Number the files that have come with ``message``, and tell of them."""
    for number, text in _number_all(here, message):
        yield events.Notice(
            f"File {number}: {text}. '@fetch {number}' receives it.",
            "file",
            events.Speaker.CLIENT,
        )


def _number_all(here: Standpoint, message: Message | answers.Written) -> Iterator[tuple[int, str]]:
    """The numbers of the files of ``message``, and what a list says of each."""
    for index, file in enumerate(message.files or ()):
        text = f"{file.name}, {amount(file.size)}, from {message.nick} in {message.conversation}"
        yield here.add_file(message.message_id, index, text), text


def amount(size: float) -> str:
    """So many bytes, as people say it."""
    unit = 0
    while size >= 1000 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.1f} {UNITS[unit]}" if unit else f"{size:.0f} bytes"


def _progress(each: answers.Moving) -> str:
    way = "to" if each.direction == "sending" else "from"
    text = f"Transfer {each.number}: {each.direction} {each.name} {way} {each.conversation}"
    text += f", {amount(each.done)} of {amount(each.size)}"
    if each.rate:
        text += f", {amount(each.rate)}/s"
    if each.left is not None:
        text += f", {each.left:.0f} s left"
    return f"{text}, waiting" if each.state == "waiting" else text


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
