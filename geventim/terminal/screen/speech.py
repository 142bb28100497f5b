"""What becomes of an input when it is sent.

It goes to the conversation that was seen when it was sent, by its id. What cannot be sent comes
back into the input, with the reason.
"""

from collections.abc import Callable

from geventim.client import answers, wishes
from geventim.client.answers import Refusal, Result
from geventim.terminal.screen import writing
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.world import World


class Speech:
    """Sends what is typed; ``run`` does what lines say that are no texts."""

    def __init__(self, world: World, asking: Asking, run: Callable[[Room, str], object]) -> None:
        self._world = world
        self._asking = asking
        self._run = run

    def send(self, room: Room) -> None:
        """Do what stands in the input of ``room``."""
        text, pasted = room.editor.text, room.is_pasted
        if not text.strip():
            return
        meant = writing.meaning(text, pasted=pasted)
        room.recollection.add(text)
        room.editor.clear()
        room.editor.forget()
        room.hint, room.is_pasted = "", False
        if meant.typed:
            self._run(room, meant.typed)
            return
        wish = self._asking.ask(
            wishes.Say(id=0, to=room.id, text=meant.text),
            lambda done: self._said(room, wish, done),
            lambda refusal: self._not_said(room, wish, text, refusal),
        )
        self._world.queue(room, meant.text, wish)

    def _said(self, room: Room, wish: str, done: Result) -> None:
        if isinstance(done, answers.Said):
            self._world.settle(room, wish, done.message_id)

    def _not_said(self, room: Room, wish: str, text: str, refusal: Refusal) -> None:
        """Give back what cannot be sent, or leave it where it is if something else is typed."""
        if room.editor.text:
            self._world.refuse(room, wish, refusal.text)
            return
        self._world.withdraw(room, wish)
        room.editor.set(text)
        room.is_pasted = "\n" in text
        room.hint = refusal.text
