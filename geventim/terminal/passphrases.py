"""Asking for passphrases, which are not shown while they are typed."""

from collections.abc import Callable, Iterator

from geventim.errors import UserError
from geventim.terminal.echo import Echo
from geventim.terminal.prompts import ask
from geventim.wire.lines import Item


class Passphrases:
    """Asks with ``show`` and takes lines from ``answers``, while ``echo`` is off.

    White space around a passphrase does not count. Methods raise :class:`UserError` with code
    ``no_answer`` when there are no more lines.
    """

    def __init__(self, show: Callable[[str], None], answers: Iterator[Item], echo: Echo) -> None:
        self._show = show
        self._answers = answers
        self._echo = echo

    def ask(self, question: str) -> str:
        """What is typed; it is not empty."""
        return self._ask(question, _not_empty)

    def choose(self, question: str, *, may_be_empty: bool = False) -> str:
        """What is typed twice."""
        understand = str if may_be_empty else _not_empty
        while True:
            first = self._ask(question, understand)
            if not first or self._ask("The same again: ", str) == first:
                return first
            self._show("Those were not the same.\n")

    def _ask(self, question: str, understand: Callable[[str], str]) -> str:
        self._echo.hide(True)
        try:
            answer = ask(question, self._show, self._answers, understand)
        finally:
            self._echo.hide(False)
        # The terminal did not show the end of the line either.
        self._show("\n")
        return answer


def _not_empty(text: str) -> str:
    if not text:
        raise UserError("no_answer", "\nA passphrase is not empty.")
    return text
