"""A command: a word that does something, and what was typed after it."""

from collections.abc import Callable
from dataclasses import dataclass

from geventim.errors import UserError
from geventim.lines.dialogue import Dialogue
from geventim.lines.standpoint import Standpoint


@dataclass(frozen=True, slots=True)
class Line:
    """What was typed after a command."""

    argument: str

    def __repr__(self) -> str:
        return "<a typed line>"


class MisusedError(UserError):
    """The rest of a line does not fit to its command."""

    def __init__(self) -> None:
        super().__init__("usage", "")


@dataclass(frozen=True, slots=True)
class Command:
    """A word that does something; ``usage``, ``help`` and an ``example`` describe it to people."""

    name: str
    usage: str
    help: str
    run: Callable[[Standpoint, Line], Dialogue]
    example: str = ""

    def start(self, here: Standpoint, line: Line) -> Dialogue:
        """Do what was typed."""
        try:
            return (yield from self.run(here, line))
        except MisusedError:
            raise self.misused() from None

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


def fail(error: UserError) -> Dialogue:
    """A dialogue that comes to nothing."""
    yield from ()
    raise error
