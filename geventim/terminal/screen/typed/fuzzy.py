"""How well a few typed letters fit a name."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Candidate = TypeVar("Candidate")


def score(typed: str, name: str) -> int | None:
    """How well ``typed`` fits ``name``, more being better; None if its letters are not all there.

    Letters must come in that order. Those at the beginning of a word and those one behind the other
    count more; so does a short name.
    """
    typed, name = typed.casefold(), name.casefold()
    if not typed:
        return 0
    if name.startswith(typed):
        return 1_000 - len(name)
    points, place = 0, -1
    for letter in typed:
        found = name.find(letter, place + 1)
        if found < 0:
            return None
        if found == place + 1:
            points += 8
        if found == 0 or not name[found - 1].isalnum():
            points += 12
        place = found
    return points - len(name)


def best(
    typed: str, candidates: Iterable[Candidate], name: Callable[[Candidate], str]
) -> list[Candidate]:
    """The candidates that fit, best first; those that fit alike stay in their order."""
    scored = [(score(typed, name(each)), each) for each in candidates]
    fitting = [(points, each) for points, each in scored if points is not None]
    return [each for _, each in sorted(fitting, key=lambda pair: -pair[0])]
