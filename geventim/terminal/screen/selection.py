"""The message that is selected, to have something done with it."""

from collections.abc import Callable

from geventim.terminal.screen.conversation.items import Said
from geventim.terminal.screen.world import World


class Selection:
    """One message of where the user looks, or none; ``show`` makes one seen by its key."""

    def __init__(self, world: World, show: Callable[[str], None]) -> None:
        self._world = world
        self._show = show
        self._key = ""

    @property
    def key(self) -> str:
        """The key of what is selected, or nothing."""
        return self._key if self.message is not None else ""

    @property
    def message(self) -> Said | None:
        """What is selected."""
        messages = self._world.timeline.messages if self._key else ()
        return next((each for each in messages if each.key == self._key), None)

    def begin(self) -> None:
        """Select the newest."""
        self._step_from(len(self._world.timeline.messages), -1)

    def up(self) -> None:
        """Select the one before."""
        self._step_from(self._index(), -1)

    def down(self) -> None:
        """Select the one after, or none behind the newest."""
        if self._index() == len(self._world.timeline.messages) - 1:
            self.clear()
        else:
            self._step_from(self._index(), 1)

    def select(self, key: str) -> None:
        """Select that one, and show it."""
        self._key = key
        self._show(key)

    def clear(self) -> None:
        """Select nothing."""
        self._key = ""

    def _index(self) -> int:
        keys = [each.key for each in self._world.timeline.messages]
        return keys.index(self._key) if self._key in keys else len(keys)

    def _step_from(self, index: int, steps: int) -> None:
        messages = self._world.timeline.messages
        if messages:
            self.select(messages[max(0, min(index + steps, len(messages) - 1))].key)
