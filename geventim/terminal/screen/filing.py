"""Files: those that came with a message are saved or opened, and others are sent."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePath
from typing import Final

from geventim.client import answers, wishes
from geventim.client.answers import Refusal, Result
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.conversation.items import Said
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.layers.layer import Layer
from geventim.terminal.screen.layers.palette import Candidate, Palette
from geventim.terminal.screen.layers.question import Prompt, Question
from geventim.terminal.screen.orders import Open, Order

RUNS: Final = frozenset(
    ".app .bat .cmd .com .desktop .exe .jar .js .lnk .msi .pif .ps1 .py .scr .sh .url .vbs".split()
)
"""Ends of names of what would be run rather than shown."""


class Filing:
    """Asks for files with ``asking``; ``open_layer`` puts questions over the screen."""

    def __init__(
        self, asking: Asking, orders: list[Order], open_layer: Callable[[Layer], object]
    ) -> None:
        self._asking = asking
        self._orders = orders
        self._open_layer = open_layer

    def choose(self, room: Room, said: Said) -> None:
        """Ask what is to be done with the files of ``said``."""
        candidates: list[Candidate] = []
        for index, file in enumerate(said.files):
            candidates += (
                Candidate("Save", file.name, partial(self._save_as, room, said, index)),
                Candidate("Open", file.name, partial(self._ask_open, room, said, index)),
            )
        self._open_layer(Palette(candidates, "Files", "Enter does it · Esc closes"))

    def save(self, room: Room, said: Said) -> None:
        """Ask where the file of ``said`` is to be, or which one is meant."""
        self._with_file(room, said, self._save_as)

    def open(self, room: Room, said: Said) -> None:
        """Ask whether the file of ``said`` is to be opened, or which one is meant."""
        self._with_file(room, said, self._ask_open)

    def offer(self, room: Room, paths: Sequence[str], otherwise: Callable[[], None]) -> None:
        """Ask whether to send the files at ``paths``, which were dropped here, to ``room``."""
        title = f"Send {'this file' if len(paths) == 1 else f'{len(paths)} files'} to {room.title}?"
        send = partial(self._send, room, tuple(paths))
        foot = "Enter sends · n: it is a text · Esc drops it"
        self._open_layer(Question(title, paths, send, otherwise, foot=foot))

    def _with_file(self, room: Room, said: Said, do: Callable[[Room, Said, int], None]) -> None:
        if len(said.files) == 1:
            do(room, said, 0)
        elif said.files:
            self.choose(room, said)
        else:
            room.hint = "No file came with that message."

    def _save_as(self, room: Room, said: Said, index: int) -> None:
        def answer(path: str | None) -> None:
            if path is not None:
                self._fetch(room, said, index, path.strip(), lambda _: None)

        question = f"Save {said.files[index].name} where? Nothing: in the downloads"
        self._open_layer(Prompt(question, answer))

    def _ask_open(self, room: Room, said: Said, index: int) -> None:
        name = said.files[index].name
        if PurePath(name).suffix.casefold() in RUNS:
            room.hint = f"{name} might be run instead of shown: save it and look at it first."
            return

        def answer(text: str | None) -> None:
            if (text or "").strip().casefold() in {"y", "yes"}:
                self._fetch(room, said, index, "", lambda path: self._orders.append(Open(path)))

        self._open_layer(Prompt(f"Open {name}, from {said.author}? Type y", answer))

    def _fetch(
        self, room: Room, said: Said, index: int, path: str, then: Callable[[str], object]
    ) -> None:
        def done(result: Result) -> None:
            if isinstance(result, answers.Fetched):
                then(result.path)

        def refused(refusal: Refusal) -> None:
            room.hint = refusal.text

        wish = wishes.FetchFile(id=0, message_id=said.message_id, index=index, path=path)
        self._asking.ask(wish, done, refused)

    def _send(self, room: Room, paths: tuple[str, ...]) -> None:
        def refused(refusal: Refusal) -> None:
            room.hint = refusal.text

        self._asking.ask(
            wishes.Say(id=0, to=room.id, text="", files=paths), lambda _: None, refused
        )
