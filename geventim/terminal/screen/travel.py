"""Going from one conversation to another, and about in what was said there."""

from collections.abc import Callable
from typing import Final

from geventim.chat.values import Kind
from geventim.client import answers, wishes
from geventim.client.answers import Refusal, Result
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.conversation.place import Height, View
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.keys import Action
from geventim.terminal.screen.selection import Selection
from geventim.terminal.screen.world import World

FAR: Final = 1_000_000
"""More rows than there are."""


class Travel:
    """Where the user is in ``world``, and what is seen from there."""

    def __init__(self, world: World, asking: Asking) -> None:
        self._world = world
        self._asking = asking
        self._rows = 20
        self._height: Height = lambda _: 1
        self.selection = Selection(world, self._reveal)
        self.actions: dict[Action, Callable[[], object]] = {
            Action.NEXT_NEWS: lambda: self.go(world.rooms.with_news()),
            Action.NEXT_PLACE: lambda: self.go(world.rooms.beside(1)),
            Action.PREVIOUS_PLACE: lambda: self.go(world.rooms.beside(-1)),
            Action.PAGE_UP: lambda: self.scroll(max(self._rows - 2, 1)),
            Action.PAGE_DOWN: lambda: self.scroll(-max(self._rows - 2, 1)),
            Action.ROW_UP: lambda: self.scroll(1),
            Action.ROW_DOWN: lambda: self.scroll(-1),
            Action.TO_TOP: lambda: self.scroll(FAR),
            Action.TO_BOTTOM: self.to_end,
        }

    def measure(self, rows: int, height: Height) -> None:
        """There are so many rows for messages, which take as many as ``height`` says."""
        is_other = self._rows != max(rows, 1)
        self._rows, self._height = max(rows, 1), height
        if is_other and self.selection.key:
            self._reveal(self.selection.key)

    def view(self) -> View:
        """What is seen."""
        return self._world.timeline.view(self._rows, self._height)

    def go(self, room: Room | None) -> None:
        """Be in ``room``, at the place that was left there."""
        rooms = self._world.rooms
        if room is None or room is rooms.current:
            return
        self.selection.clear()
        if rooms.current is not None:
            self._world.leave(rooms.current)
        rooms.current = room
        self._world.look()

    def open_dm(self, nick: str) -> None:
        """Be in the conversation with ``nick``, which is begun if there is none."""
        found = self._world.rooms.named(nick, Kind.DM)
        if found is not None:
            self.go(found)
            return

        def opened(_: Result) -> None:
            self._asking.ask(wishes.Conversations(id=0), listed, refused)

        def listed(result: Result) -> None:
            if isinstance(result, answers.Conversations):
                self._world.list_conversations(result.conversations)
            self.go(self._world.rooms.named(nick, Kind.DM))

        def refused(refusal: Refusal) -> None:
            self._world.remark(refusal.text, problem=True)

        self._asking.ask(wishes.OpenDm(id=0, nick=nick), opened, refused)

    def scroll(self, rows: int) -> None:
        """Look further up, or down."""
        self._world.timeline.scroll(rows, self._rows, self._height)
        self._world.look()

    def to_end(self) -> None:
        """Look at the newest."""
        self._world.timeline.to_end()
        self._world.look()

    def center(self, key: str) -> None:
        """Select the message with that key, and see it with what is around it."""
        self.selection.select(key)
        self._world.timeline.center(key, self._rows, self._height)

    def _reveal(self, key: str) -> None:
        self._world.timeline.reveal(key, self._rows, self._height)
