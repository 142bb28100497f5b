"""What a change has made of a message, and how that is told."""

from dataclasses import dataclass

from geventim.client.events import Deleted, Edited, Event, Reacted
from geventim.client.history.pages import Utterance
from geventim.client.said.changes import Change, Edit, Opinion, Retraction


@dataclass(frozen=True, slots=True)
class Altered:
    """An utterance in the conversation with the id ``place``, before and after a ``change``."""

    conversation: str
    place: bytes
    change: Change
    before: Utterance
    after: Utterance

    def __repr__(self) -> str:
        return f"<{self.change!r} taken>"

    def event(self) -> Event | None:
        """What a user hears; None where it is the answer to a message that has changed."""
        change, after = self.change, self.after
        if change.about != after.message_id:
            return None
        name, place, message_id = self.conversation, self.place.hex(), change.about.hex()
        match change:
            case Edit():
                is_plain = after.beside.is_plain
                return Edited(
                    name,
                    after.kind,
                    change.nick,
                    after.text,
                    change.seq,
                    place,
                    message_id,
                    after.order,
                    is_plain,
                )
            case Retraction():
                return Deleted(name, after.beside.by, place, message_id, after.order)
            case Opinion():
                reactions = tuple(after.beside.counts)
                return Reacted(
                    name, change.nick, change.emoji, reactions, place, message_id, after.order
                )
        return None
