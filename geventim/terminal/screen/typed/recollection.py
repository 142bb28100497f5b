"""What was typed before, to be had again line by line."""

from typing import Final

MOST: Final = 500


class Recollection:
    """Inputs, oldest first. What stood in the input when one began to go back is kept as well."""

    def __init__(self) -> None:
        self._inputs: list[str] = []
        self._index: int | None = None
        self._left = ""

    @property
    def is_recalling(self) -> bool:
        """Whether the input holds something that was typed before."""
        return self._index is not None

    def add(self, text: str) -> None:
        """``text`` was typed."""
        self._index = None
        if text.strip() and self._inputs[-1:] != [text]:
            self._inputs.append(text)
            del self._inputs[:-MOST]

    def stop(self) -> None:
        """The input is something of its own again."""
        self._index = None

    def previous(self, text: str) -> str | None:
        """What was typed before that; ``text`` is in the input now. None if there is nothing."""
        if self._index is None:
            if not self._inputs:
                return None
            self._index, self._left = len(self._inputs), text
        if self._index == 0:
            return None
        self._index -= 1
        return self._inputs[self._index]

    def next(self) -> str | None:
        """What was typed after that, and last what was left; None if one is not going back."""
        if self._index is None:
            return None
        self._index += 1
        if self._index < len(self._inputs):
            return self._inputs[self._index]
        self._index = None
        return self._left
