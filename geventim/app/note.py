"""What a front end is told: an event with its number, or an answer; and as a line of JSON."""

import json
from dataclasses import dataclass

from geventim.client import answers, events
from geventim.client.answers import Answer
from geventim.client.events import Event
from geventim.client.wishes import Id


@dataclass(frozen=True, slots=True)
class Note:
    """An event or an answer.

    ``n`` is the number of an event that is told to everybody. ``request`` is the id of the wish of
    this front end that has caused it, if one has.
    """

    item: Event | Answer
    n: str | None = None
    request: Id | None = None

    def to_object(self) -> dict[str, object]:
        """The JSON object of it."""
        if isinstance(self.item, Answer):
            return answers.to_object(self.item)
        fields = events.to_object(self.item)
        if self.n is not None:
            fields["n"] = self.n
        if self.request is not None:
            fields["request"] = self.request
        return fields

    def to_json(self) -> str:
        """A line of JSON that no terminal obeys."""
        return to_line(self.to_object())


def to_line(fields: dict[str, object]) -> str:
    """``fields`` as a line of nothing but printable ASCII."""
    # The encoder escapes all but ASCII, and of ASCII everything below the space.
    return json.dumps(fields).replace("\x7f", "\\u007f") + "\n"
