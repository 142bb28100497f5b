"""A search in one conversation: at once in what is held, and then in all that was ever said."""

from functools import partial
from itertools import islice
from typing import Final

from geventim.client import answers, wishes
from geventim.client.answers import Refusal, Result
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.conversation.items import Said
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.conversation.written import item_of

FOUND: Final = 100
"""What is found at most."""

SHORTEST: Final = 2
"""Characters from which on the whole history is searched."""


class Search:
    """Finds in ``room``; what was asked for comes with a later look."""

    def __init__(self, room: Room, asking: Asking) -> None:
        self.room = room
        self._asking = asking
        self._typed = ""
        self._held: list[Said] = []
        self._older: list[Said] = []

    def found(self, typed: str) -> list[Said]:
        """What fits ``typed``, newest first."""
        if typed != self._typed:
            self._typed, self._older = typed, []
            self._held = self._look(typed.casefold().split())
            words = tuple(typed.split())
            if len(typed.strip()) >= SHORTEST:
                self._asking.ask(
                    wishes.Search(id=0, words=words, conversation=self.room.id, limit=FOUND),
                    partial(self._take, typed),
                    _ignore,
                )
        found = (each for each in (*self._held, *self._older) if not self._is_gone(each))
        return list(islice(found, FOUND))

    def beside(self, said: Said, steps: int) -> Said | None:
        """What was found so many steps further back than ``said``."""
        found = self.found(self._typed)
        # It has another key since it was let go and read again.
        names = {said.key, said.message_id} - {""}
        here = (i for i, each in enumerate(found) if {each.key, each.message_id} & names)
        index = next(here, -1 if steps > 0 else 0) + steps
        return found[index] if 0 <= index < len(found) else None

    def get(self, key: str) -> Said:
        """What was found under that key."""
        return next(each for each in [*self._held, *self._older] if each.key == key)

    def _is_gone(self, said: Said) -> bool:
        return said.message_id in self.room.gone

    def _look(self, words: list[str]) -> list[Said]:
        return [
            each
            for each in reversed(self.room.timeline.messages)
            if all(word in f"{each.author} {each.text}".casefold() for word in words)
        ]

    def _take(self, typed: str, result: Result) -> None:
        if typed != self._typed or not isinstance(result, answers.Messages):
            return
        held = {each.message_id for each in self._held}
        items = (item_of(each) for each in result.messages)
        self._older = [each for each in items if each.message_id not in held]


def _ignore(_: Refusal) -> None:
    """What is held was searched."""
