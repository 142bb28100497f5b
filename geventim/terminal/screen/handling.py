"""What can be done with the message that is selected."""

from collections.abc import Callable
from functools import partial

from geventim.terminal.screen.conversation.items import Said
from geventim.terminal.screen.conversation.rooms import About, Room
from geventim.terminal.screen.filing import Filing
from geventim.terminal.screen.keys import Action
from geventim.terminal.screen.layers.layer import Layer
from geventim.terminal.screen.layers.question import Prompt
from geventim.terminal.screen.orders import Copy, Order
from geventim.terminal.screen.selection import Selection
from geventim.terminal.screen.speech import Speech


class Handling:
    """Does something with what is selected; ``run`` does what a line says, ``ask`` asks."""

    def __init__(
        self,
        selection: Selection,
        speech: Speech,
        orders: list[Order],
        run: Callable[[Room, str], object],
        ask: Callable[[Layer], object],
        filing: Filing,
    ) -> None:
        self._selection = selection
        self._speech = speech
        self._orders = orders
        self._run = run
        self._ask = ask
        self._filing = filing
        deeds: dict[Action, Callable[[Room, Said], object]] = {
            Action.ACT: lambda room, said: (filing.choose if said.files else self._reply)(
                room, said
            ),
            Action.SAVE: filing.save,
            Action.OPEN: filing.open,
            Action.REPLY: self._reply,
            Action.AMEND: self._amend,
            Action.RETRACT: self._retract,
            Action.REACT: self._react,
            Action.COPY: lambda _, said: self._orders.append(Copy(copied(said))),
            Action.QUOTE: _quote,
            Action.WHO: lambda room, said: self._run(room, f"/whois {said.author}"),
        }
        self.actions: dict[Action, Callable[[Room], object]] = {
            action: partial(self._do, deed) for action, deed in deeds.items()
        }

    def _do(self, deed: Callable[[Room, Said], object], room: Room) -> None:
        said = self._selection.message
        self._selection.clear()
        if said is not None:
            deed(room, said)

    def _act(self, room: Room, said: Said) -> None:
        if said.files:
            self._filing.choose(room, said)
        else:
            self._reply(room, said)

    def _reply(self, room: Room, said: Said) -> None:
        if _is_known(room, said):
            room.about = About(said)

    def _amend(self, room: Room, said: Said) -> None:
        if not said.mine:
            room.hint = "Only your own messages can be edited."
        elif _is_known(room, said):
            # What stood there is among what was typed before.
            room.recollection.add(room.editor.text)
            room.about = About(said, edits=True)
            room.editor.set(said.text)

    def _retract(self, room: Room, said: Said) -> None:
        if not _is_known(room, said):
            return

        def answer(text: str | None) -> None:
            if (text or "").strip().casefold() in {"y", "yes"}:
                self._speech.retract(room, said)

        self._ask(Prompt("Delete this message for everybody? Type y", answer))

    def _react(self, room: Room, said: Said) -> None:
        if not _is_known(room, said):
            return

        def answer(text: str | None) -> None:
            if text is not None:
                self._speech.react(room, said, text.strip().strip(":"))

        self._ask(
            Prompt("React with an emoji, or what it is called; with nothing: no more", answer)
        )


def copied(said: Said) -> str:
    """What of ``said`` is copied: its text, or the names of its files if there is none."""
    return said.text or "\n".join(file.name for file in said.files)


def _is_known(room: Room, said: Said) -> bool:
    """Whether the server has ``said``, so that others know what is meant."""
    if not said.order and not said.message_id:
        room.hint = "That message is not sent yet."
        return False
    return True


def _quote(room: Room, said: Said) -> None:
    quoted = "".join(f"> {line}\n" for line in said.text.split("\n"))
    room.editor.set(quoted + room.editor.text)
