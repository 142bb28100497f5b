"""What stands beside a message, and what is said about it later, in words."""

from typing import Final

from msgspec import UNSET

from geventim.client import events
from geventim.client.events import Event

BRIEF: Final = 40
"""Characters of a message by which people know it again."""

KNOWN: Final = 500
"""Messages that are known again by their beginning."""

ACTION: Final = "/me "
"""How a message begins that says what its author does."""

UNKNOWN: Final = "(something that this program does not know)"

_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


class Remarks:
    """Knows the last messages by their ids."""

    def __init__(self) -> None:
        self._beginnings: dict[str, str] = {}

    def note(self, message: events.Message) -> None:
        """A message is shown."""
        if message.message_id:
            self._beginnings.pop(message.message_id, None)
            self._beginnings[message.message_id] = brief(message.message)
        if len(self._beginnings) > KNOWN:
            del self._beginnings[next(iter(self._beginnings))]

    def tell(self, event: Event) -> str | None:
        """What ``event`` says about messages; None if there is nothing to say."""
        match event:
            case events.Deleted(nick=nick) if nick:
                self._beginnings.pop(event.message_id, None)
                return f"{nick} has deleted a message in '{event.conversation}'."
            case events.Deleted():
                self._beginnings.pop(event.message_id, None)
            case events.Reacted():
                about = self._beginnings.get(event.message_id, "")
                to = f"'{about}'" if about else "an older message"
                if event.reaction:
                    return f"{event.nick} reacts with {event.reaction} to {to}."
                return f"{event.nick} does not react to {to} any more."
            case events.Away(text=text) if text:
                return f"{event.nick} is away: {text}"
            case events.TimerSet():
                return _timer(event)
        return None


def _timer(event: events.TimerSet) -> str:
    """What somebody has set for the messages to come."""
    subject = f"{event.nick} has set that messages in '{event.conversation}'"
    if not event.seconds:
        return f"{subject} stay."
    return f"{subject} are deleted {lasting(event.seconds)} after they are read."


def annotate(message: events.Message) -> str:
    """What is to be known of a message before its text."""
    notes = []
    if message.reply is not UNSET:
        quote = message.reply
        words = f": {brief(quote.excerpt)}" if quote.excerpt else ""
        by = f", quoted by {quote.quoted_by}" if quote.quoted_by else ""
        notes.append(f"to {quote.nick}{words}{by}")
    if message.edited is not UNSET:
        notes.append("edited")
    if message.reactions is not UNSET:
        notes += [f"{each.emoji} {len(each.nicks)}" for each in message.reactions]
    return f" ({'; '.join(notes)})" if notes else ""


def text_of(message: events.Message) -> str:
    """The text of a message, or what there is in its place."""
    if message.deleted is not UNSET:
        return f"(deleted by {message.deleted})"
    if message.files is not UNSET and not message.message:
        return ", ".join(f"[file {each.name}, {each.size:,} bytes]" for each in message.files)
    if message.message.startswith(ACTION):
        return f"* {message.nick} {message.message.removeprefix(ACTION)}"
    return message.message or UNKNOWN


def brief(text: str) -> str:
    """The beginning of a text, on one line."""
    words = " ".join(text[: 4 * BRIEF].split())
    return words if len(words) <= BRIEF else f"{words[:BRIEF]}…"


def lasting(seconds: int) -> str:
    """A time in words."""
    size, unit = next(each for each in _UNITS if seconds % each[0] == 0)
    count = seconds // size
    return f"{count:,} {unit}{'' if count == 1 else 's'}"
