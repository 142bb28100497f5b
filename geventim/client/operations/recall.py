"""Operations on the history: showing what was written, and searching it."""

from collections.abc import Iterable
from typing import Final

from geventim.client.context import Context
from geventim.client.events import Message, Notice, Speaker
from geventim.client.history import Told
from geventim.client.steps.effects import Labour, Operation, compute

USUAL: Final = 20
"""Messages that are shown when nobody says how many."""

MOST: Final = 1_000
"""Messages that are shown at a time."""

FOUND: Final = 50
"""Messages that a search shows."""


def show(context: Context, count: int = USUAL, name: str | None = None) -> Operation:
    """Show the last messages, of the conversation called ``name`` or of all."""
    told = context.user.history.last(min(count, MOST), name)
    if told:
        tell(context, told)
    else:
        of = "" if name is None else f" of '{name}'"
        context.user.emit(
            Notice(f"There is no history{of} here.", "no_history", speaker=Speaker.CLIENT)
        )
    yield from ()


def begin_with(context: Context, count: int) -> None:
    """Show the last messages, and where they end: behind them comes what is new."""
    told = context.user.history.last(count)
    if told:
        tell(context, told)
        context.user.emit(Notice("What follows is new.", "news", speaker=Speaker.CLIENT))


def search(context: Context, text: str) -> Operation:
    """Show the last messages that have all words of ``text``.

    What others wrote may be long, and a search reads all of it: elsewhere, and bit by bit.
    """
    looking = context.user.history.search(text, FOUND)
    while not looking.over:
        yield from compute(Labour.SEARCHING, looking.step)
    if looking.found:
        tell(context, looking.found)
    else:
        context.user.emit(
            Notice("No message here has all of these words.", "not_found", speaker=Speaker.CLIENT)
        )


def tell(context: Context, told: Iterable[Told]) -> None:
    """Tell the user again what was written before."""
    for each in told:
        said = each.utterance
        context.user.emit(
            Message(
                each.conversation,
                said.kind,
                said.nick,
                said.text,
                said.date,
                said.seq,
                said.verified,
                True,
            )
        )
