"""A search whose results come as one types."""

from collections.abc import Callable, Sequence

from geventim.terminal.screen.keys import DEFAULT, Action, Keymap, Where
from geventim.terminal.screen.layers.picker import Picker
from geventim.terminal.screen.scene import Overlay


class Finder:
    """A search: ``search`` gives what is found, newest first, for what is typed.

    What is found is a key with what stands left and right; ``show`` goes where it was said.
    """

    def __init__(
        self,
        where: str,
        search: Callable[[str], Sequence[tuple[str, str, str]]],
        show: Callable[[str], None],
        keymap: Keymap = DEFAULT,
    ) -> None:
        self._where = where
        self._search = search
        self._show = show
        self._keymap = keymap
        self._picker = Picker()

    def press(self, key: str) -> bool:
        """Type, choose, or close."""
        found = self._found()
        match self._keymap.action(Where.SEARCH, key):
            case Action.CONTEXT:
                if found:
                    self._show(found[self._picker.chosen(len(found))][0])
                return not found
            case Action.NEXT_FIND:
                self._picker.step(1, len(found))
            case Action.PREVIOUS_FIND:
                self._picker.step(-1, len(found))
            case Action.CANCEL | Action.STOP | Action.SEARCH:
                return False
            case _:
                self._picker.type(key)
        return True

    def paste(self, text: str) -> None:
        """Search for what was pasted."""
        self._picker.paste(text)

    def overlay(self) -> Overlay:
        """How it looks."""
        found = self._found()
        rows = [(left, right) for _, left, right in found]
        foot = f"{len(found):,} found · Enter shows it where it was said · Esc closes"
        return self._picker.overlay(f"Search in {self._where}", rows, foot)

    def _found(self) -> Sequence[tuple[str, str, str]]:
        return self._search(self._picker.typed) if self._picker.typed.strip() else ()
