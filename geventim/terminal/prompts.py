"""Asking for what the command line does not say."""

import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

from geventim.errors import UserError
from geventim.lines.refusals import explain
from geventim.wire.lines import Item

Answer = TypeVar("Answer")


def show(text: str) -> None:
    """Show ``text`` where questions are shown, which may not be where messages are."""
    print(text, end="", file=sys.stderr, flush=True)


def ask(
    question: str,
    show: Callable[[str], None],
    answers: Iterator[Item],
    understand: Callable[[str], Answer],
) -> Answer:
    """The answer that ``understand`` makes of a line, asking until there is one.

    ``understand`` raises :class:`UserError` for what it cannot take. Raises :class:`UserError` with
    code ``no_answer`` when there are no more lines.
    """
    while True:
        show(question)
        line = next(answers, None)
        if line is None:
            show("\n")
            raise UserError("no_answer", "Nothing was answered.")
        try:
            if isinstance(line, UserError):
                raise line
            return understand(line.strip())
        except UserError as error:
            show(f"{explain(error)}\n")
