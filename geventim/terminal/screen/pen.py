"""What comes into the input of the conversation where one is: by keys, pastes or another editor."""

from geventim.terminal.screen import writing
from geventim.terminal.screen.keys import Action
from geventim.terminal.screen.world import World


class Pen:
    """Writes where the user of ``world`` is; nothing where there is no conversation."""

    def __init__(self, world: World) -> None:
        self._world = world

    def type(self, text: str) -> None:
        """Add what was typed."""
        room = self._world.rooms.current
        if room is not None:
            room.editor.insert(text)
            room.edited()

    def paste(self, text: str) -> None:
        """Add what was pasted, which is one step to undo."""
        room = self._world.rooms.current
        if room is not None:
            room.is_pasted = room.is_pasted or ("\n" in text and not room.editor.text)
            room.editor.insert(text, as_one=True)
            room.edited()

    def begin(self, text: str) -> None:
        """Put ``text`` before what stands there."""
        room = self._world.rooms.current
        if room is not None:
            self.replace(text + room.editor.text)

    def replace(self, text: str) -> None:
        """Have ``text`` in place of what stands there."""
        room = self._world.rooms.current
        if room is not None:
            room.editor.set(text)
            room.edited()

    def propose(self, text: str) -> None:
        """The same, but what stood there is among what was typed before."""
        room = self._world.rooms.current
        if room is not None:
            room.recollection.add(room.editor.text)
            self.replace(text)

    def edit(self, action: Action) -> None:
        """Do what a key for editing does; nothing for another one."""
        room = self._world.rooms.current
        if room is not None and action in writing.EDITS:
            writing.EDITS[action](room.editor)
            room.edited()
