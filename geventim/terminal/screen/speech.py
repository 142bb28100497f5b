"""What becomes of an input when it is sent.

It goes to the conversation that was seen when it was sent, by its id. What cannot be sent comes
back into the input, with the reason.
"""

from collections.abc import Callable
from typing import Final

from geventim.client import answers, wishes
from geventim.client.answers import Refusal, Result
from geventim.client.sealing.content import Format
from geventim.client.wishes import Wish
from geventim.terminal.screen import writing
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.conversation.items import Said
from geventim.terminal.screen.conversation.rooms import About, Room
from geventim.terminal.screen.conversation.written import quoting
from geventim.terminal.screen.world import World

FENCE: Final = "```"
"""What is pasted means what it says letter by letter, unless its author says what is code."""


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
        about, room.about = room.about, None
        meant = writing.meaning(text, pasted=pasted or about is not None)
        room.recollection.add(text)
        room.editor.clear()
        room.editor.forget()
        room.hint, room.is_pasted = "", False
        if meant.typed:
            self._run(room, meant.typed)
            return
        if about is not None and about.edits:
            self._asking.ask(
                wishes.Edit(
                    id=0,
                    message_id=about.said.message_id,
                    text=text,
                    format=_format(about.said.plain),
                ),
                lambda _: None,
                lambda refusal: _give_back(room, text, refusal, about),
            )
            return
        is_plain = pasted and FENCE not in meant.text
        wish = self._asking.ask(
            wishes.Say(
                id=0,
                to=room.id,
                text=meant.text,
                format=_format(is_plain),
                reply_to="" if about is None else about.said.message_id,
            ),
            lambda done: self._said(room, wish, done),
            lambda refusal: self._not_said(room, wish, text, refusal, about),
        )
        quoted = None if about is None else quoting(about.said)
        self._world.queue(room, meant.text, wish, plain=is_plain, quoted=quoted)

    def retract(self, room: Room, said: Said) -> None:
        """Delete ``said`` for everybody."""
        self._do(room, wishes.DeleteMessage(id=0, message_id=said.message_id))

    def react(self, room: Room, said: Said, reaction: str) -> None:
        """React to ``said``; without an emoji, take that back."""
        self._do(room, wishes.React(id=0, message_id=said.message_id, reaction=reaction))

    def _do(self, room: Room, wish: Wish) -> None:
        def refused(refusal: Refusal) -> None:
            room.hint = refusal.text

        self._asking.ask(wish, lambda _: None, refused)

    def _said(self, room: Room, wish: str, done: Result) -> None:
        if isinstance(done, answers.Said):
            self._world.settle(room, wish, done.message_id)

    def _not_said(
        self, room: Room, wish: str, text: str, refusal: Refusal, about: About | None
    ) -> None:
        """Give back what cannot be sent, or leave it where it is if something else is typed."""
        if room.editor.text:
            self._world.refuse(room, wish, refusal.text)
            return
        self._world.withdraw(room, wish)
        _give_back(room, text, refusal, about)


def _format(is_plain: bool) -> Format:
    return Format.PLAIN if is_plain else Format.TEXT


def _give_back(room: Room, text: str, refusal: Refusal, about: About | None) -> None:
    """Have ``text`` in the input again, with the reason, if nothing else is there."""
    room.hint = refusal.text
    if not room.editor.text:
        room.editor.set(text)
        room.is_pasted, room.about = "\n" in text, about
