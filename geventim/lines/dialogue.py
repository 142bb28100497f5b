"""What a typed line does, step by step: it wishes for something, asks the user, and tells.

A dialogue is a generator. It yields wishes, whose ids are given to them when they go out, and is
resumed with the result; what was refused is thrown into it as :class:`WishRefusedError`. It yields
questions, and is resumed with the line that was typed then. It ends with what there is to tell.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from geventim.client.answers import Refusal
from geventim.client.events import Error, Event, Notice, Speaker
from geventim.client.wishes import Wish
from geventim.errors import UserError
from geventim.lines.refusals import explain


@dataclass(frozen=True, slots=True)
class Question:
    """What the user is to answer with the next line; not to be seen while typed if ``secret``."""

    text: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What is told while a dialogue goes on."""

    events: Sequence[Event]


class Parting(Enum):
    """The user wants to leave."""

    LEAVE = "leave"


class Browsing(Enum):
    """The user wants to be led here with a browser as well."""

    OPEN = "open"


Step = Wish | Question | Report | Parting | Browsing

Dialogue = Generator[Step, Any, Sequence[Event]]


class NotSaidError(UserError):
    """What would have been refused by the server; ``hint`` is what the client adds to that."""

    def __init__(self, code: str, text: str, hint: str = "") -> None:
        super().__init__(code, text)
        self.hint = hint


class WishRefusedError(UserError):
    """A wish came to nothing."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code, refusal.text)
        self.by_server = refusal.by_server


def say(text: str, code: str = "") -> Notice:
    """Something that the client says by itself."""
    return Notice(text, code, Speaker.CLIENT)


def excuse(error: UserError) -> list[Event]:
    """What is told of a line that came to nothing."""
    if isinstance(error, NotSaidError):
        hint = [say(error.hint)] if error.hint else []
        return [Notice(error.text, error.code), *hint]
    if isinstance(error, WishRefusedError) and error.by_server:
        return [Notice(error.text, error.code)]
    return [Error(error.code, explain(error))]
