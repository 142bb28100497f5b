"""A search whose results come as one types."""

from collections.abc import Callable, Sequence

from geventim.terminal.screen.keys import DEFAULT, Action, Keymap, Where
from geventim.terminal.screen.layers.layer import type_into
from geventim.terminal.screen.scene import Overlay
from geventim.terminal.screen.typed.editor import Editor


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
        self._editor = Editor()
        self._chosen = 0

    def press(self, key: str) -> bool:
        """Type, choose, or close."""
        found = self._found()
        match self._keymap.action(Where.SEARCH, key):
            case Action.CONTEXT:
                if found:
                    self._show(found[min(self._chosen, len(found) - 1)][0])
                return not found
            case Action.NEXT_FIND:
                self._chosen = max(0, min(self._chosen + 1, len(found) - 1))
            case Action.PREVIOUS_FIND:
                self._chosen = max(0, self._chosen - 1)
            case Action.CANCEL | Action.STOP | Action.SEARCH:
                return False
            case _:
                if type_into(self._editor, key):
                    self._chosen = 0
        return True

    def paste(self, text: str) -> None:
        """Search for what was pasted."""
        self._editor.insert(" ".join(text.split()), as_one=True)
        self._chosen = 0

    def overlay(self) -> Overlay:
        """How it looks."""
        found = self._found()
        rows = tuple((left, right) for _, left, right in found)
        foot = f"{len(found):,} found · Enter shows it where it was said · Esc closes"
        return Overlay(
            f"Search in {self._where}", rows, min(self._chosen, len(rows) - 1),
            typed=self._editor.text, cursor=self._editor.cursor, foot=foot,
        )  # fmt: skip

    def _found(self) -> Sequence[tuple[str, str, str]]:
        return self._search(self._editor.text) if self._editor.text.strip() else ()
