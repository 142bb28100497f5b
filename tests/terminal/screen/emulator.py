"""A terminal that shows what it is told, cell by cell."""

import unicodedata

import pyte

from geventim.terminal.screen.drawing.cells import clusters


class Emulator:
    """So many columns and rows."""

    def __init__(self, columns, rows):
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)

    def feed(self, text):
        """Be told ``text``."""
        self._stream.feed(text)

    @property
    def cursor(self):
        """Its row and column."""
        return self.screen.cursor.y, min(self.screen.cursor.x, self.screen.columns - 1)

    def cell(self, row, column):
        """What stands there."""
        return self.screen.buffer[row][column].data

    def differences(self, picture):
        """Where it does not show ``picture``; only the first character of a cluster is compared.

        What terminals do not agree on cannot be: the columns that such a cluster takes.
        """
        found = []
        for number, row in enumerate(picture.rows):
            column = 0
            for part in row:
                for cluster, wide in clusters(part.text):
                    is_shown = _first(self.cell(number, column)) == _first(cluster)
                    if not is_shown:
                        found.append((number, column, cluster, self.cell(number, column)))
                    column += wide
        return found


def _first(cluster):
    return unicodedata.normalize("NFC", cluster)[:1]
