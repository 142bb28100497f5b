"""Where everything goes, by how large the terminal is."""

from dataclasses import dataclass
from typing import Final

WITH_PEOPLE: Final = 100
"""Columns from which on those who are here are listed."""

WITH_LIST: Final = 60
"""Columns from which on conversations are listed; below they are one line."""

INPUT_ROWS: Final = 8
"""Rows of the input at most."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of the lists, 0 where there is none, and rows of the parts one above the other."""

    columns: int
    rows: int
    places: int
    people: int
    top: int
    input: int

    @property
    def message_columns(self) -> int:
        """The columns of messages."""
        edges = bool(self.places) + bool(self.people)
        return self.columns - self.places - self.people - edges

    @property
    def message_rows(self) -> int:
        """The rows of messages: what is left beside the status line and the others."""
        return max(self.rows - self.top - self.input - 1, 1)

    @property
    def message_column(self) -> int:
        """The column where messages begin."""
        return self.places + bool(self.places)


def lay_out(columns: int, rows: int, wanted: int, *, shows_people: bool = True) -> Layout:
    """The layout where the input would like to have ``wanted`` rows."""
    places = min(28, columns // 5) if columns >= WITH_LIST else 0
    people = min(24, columns // 6) if columns >= WITH_PEOPLE and shows_people else 0
    top = 0 if places or rows < 4 else 1
    most = max(1, min(INPUT_ROWS, (rows - top - 1) // 2))
    return Layout(columns, rows, places, people, top, max(1, min(wanted, most)))
