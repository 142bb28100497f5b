"""Which word was probably meant."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The first of ``known`` that one slip of the fingers turns into ``word``."""
    return next((candidate for candidate in known if is_slip(word, candidate)), None)


def is_slip(one: str, other: str) -> bool:
    """Whether two words differ by exactly one character too many, missing, wrong, or swapped.

    That is a Damerau-Levenshtein distance of 1.
    """
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = _common(one, other)
    ours, theirs = one[start:], other[start:]
    if len(ours) != len(theirs):
        longer, shorter = sorted((ours, theirs), key=len, reverse=True)
        return longer[1:] == shorter
    return ours[1:] == theirs[1:] or (
        ours[1::-1] == theirs[:2] and len(ours) > 1 and ours[2:] == theirs[2:]
    )


def _common(one: str, other: str) -> int:
    """Characters with which both words begin."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
