"""Lines that do something: what is typed becomes wishes, and what comes of them is told.

Such a line is about the conversation that was seen when it was sent. One that comes to nothing goes
back into the input it came from, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from geventim.client.answers import Answer, Created, Done
from geventim.client.events import Entered, Error, Event, Message, Notice, Speaker
from geventim.lines.dialogue import Question
from geventim.lines.line_mode import LineMode, Turn
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.orders import Browse, Leave, Order

SEEN: Final = {"file_sent"}
"""Codes of notices of what is seen anyway."""


@dataclass(frozen=True, slots=True)
class _Errand:
    room: Room
    text: str


class Errands:
    """Understands lines as :class:`LineMode` does, and puts what they wish for on ``orders``."""

    def __init__(self, nick: str, room: str, orders: list[Order]) -> None:
        self._lines = LineMode(nick, room, asks=True)
        self._orders = orders
        self._under_way: dict[int | str, _Errand] = {}

    @property
    def question(self) -> Question | None:
        """What a line wants to know before it goes on."""
        return self._lines.question

    def owns(self, wish: int | str | None) -> bool:
        """Whether ``wish`` is the id of one that came from a line."""
        return self._lines.owns(wish)

    def run(self, room: Room, text: str) -> Sequence[Event | Answer]:
        """Do what ``text``, typed in ``room``, says; what is to be told at once."""
        self._lines.here.go(room.kind, room.name)
        return self._follow(self._lines.type(text), _Errand(room, text))

    def answer(self, text: str) -> Sequence[Event | Answer]:
        """Go on with a line that has asked something."""
        return self._follow(self._lines.type(text), None)

    def take(self, told: Event | Answer) -> Sequence[Event | Answer]:
        """Take what the client has told or answered; what of it is to be told."""
        errand = None
        if isinstance(told, Answer) and told.answer is not None:
            errand = self._under_way.pop(told.answer, None)
        turn = self._lines.take(told)
        # Its files are seen where a message stands, and what was sent is one.
        seen = SEEN | ({"file"} if isinstance(told, Message) else set())
        shown = (
            each for each in turn.told if not isinstance(each, Notice) or each.code not in seen
        )
        made = (Entered(each.name, each.id) for each in _created(told))
        return self._follow(replace(turn, told=(*made, *shown)), errand)

    def _follow(self, turn: Turn, errand: _Errand | None) -> Sequence[Event | Answer]:
        for wish in turn.wishes:
            self._orders.append(wish)
            if errand is not None:
                self._under_way[wish.id] = errand
        if turn.leaves:
            self._orders.append(Leave())
        if turn.browses:
            self._orders.append(Browse())
        refusal = _refusal(turn.told)
        if errand is not None and refusal and not errand.room.editor.text:
            errand.room.editor.set(errand.text)
            errand.room.hint = refusal
            return [each for each in turn.told if not isinstance(each, Error | Notice)]
        # A question is seen where it is answered.
        asked = "" if self.question is None else self.question.text
        return [each for each in turn.told if not (isinstance(each, Notice) and each.text == asked)]


def _created(told: Event | Answer) -> Sequence[Created]:
    """The group that was made: who makes one wants to be there."""
    made = told.done if isinstance(told, Done) else None
    return [made] if isinstance(made, Created) else []


def _refusal(told: Sequence[Event | Answer]) -> str:
    """Why a line came to nothing; or nothing."""
    said = [each for each in told if isinstance(each, Error | Notice)]
    return " ".join(each.text for each in said) if any(map(_refuses, said)) else ""


def _refuses(told: Error | Notice) -> bool:
    return isinstance(told, Error) or (told.speaker is Speaker.SERVER and told.code != "")
