"""A command: a word that does something, and what was typed after it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from geventim.client.operations.context import Context
from geventim.client.steps.effects import Operation, Steps
from geventim.client.steps.outbox import Manner
from geventim.errors import UserError


@dataclass(frozen=True, slots=True)
class Line:
    """What was typed after a command, and when, in seconds since the epoch."""

    argument: str
    date: float

    def __repr__(self) -> str:
        return "<a typed line>"


@dataclass(frozen=True, slots=True)
class Command:
    """A word that does something; ``usage`` and ``help`` describe it to people."""

    name: str
    usage: str
    help: str
    run: Callable[[Context, Line], Steps[Any]]
    manner: Manner = Manner.ALONE

    def misused(self) -> UserError:
        """What is said when the rest of the line does not fit."""
        return UserError("usage", f"Usage: {self.usage}")


def tabulate(*commands: Command) -> dict[str, Command]:
    """``commands`` by their names, in this order."""
    return {command.name: command for command in commands}


def split(text: str) -> tuple[str, str]:
    """The first word of ``text``, and what comes after it."""
    first, *rest = text.split(maxsplit=1) or ("",)
    return first, "".join(rest)


def fail(error: UserError) -> Operation:
    """An operation that comes to nothing, in its turn."""
    yield from ()
    raise error
