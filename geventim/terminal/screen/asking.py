"""Wishes that are under way, and what is to be done with their answers."""

from collections.abc import Callable

import msgspec

from geventim.client.answers import Answer, Done, Refusal, Refused, Result
from geventim.client.wishes import Wish

PREFIX = "screen"
"""How the ids of wishes begin, so that they are told from those of others on one session."""


class Asking:
    """Gives every wish an id of its own; ``send`` takes it from there."""

    def __init__(self, send: Callable[[Wish], None]) -> None:
        self._send = send
        self._count = 0
        self._waiting: dict[
            int | str, tuple[Callable[[Result], None], Callable[[Refusal], None]]
        ] = {}

    def ask(
        self,
        wish: Wish,
        done: Callable[[Result], None],
        refused: Callable[[Refusal], None],
    ) -> str:
        """Wish for something; the id that the wish has got."""
        self._count += 1
        name = f"{PREFIX} {self._count}"
        self._waiting[name] = done, refused
        self._send(msgspec.structs.replace(wish, id=name))
        return name

    def take(self, answer: Answer) -> None:
        """Do what is to be done with it; nothing, if it is none of ours."""
        if answer.answer is None or answer.answer not in self._waiting:
            return
        done, refused = self._waiting.pop(answer.answer)
        match answer:
            case Done():
                done(answer.done)
            case Refused():
                refused(answer.refused)
