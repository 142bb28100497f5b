"""How something looks, in words: ``bold #ff8800 on 236``."""

from typing import Final

ATTRIBUTES: Final = {"bold": 1, "dim": 2, "italic": 3, "underline": 4, "reverse": 7}

COLOURS: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")

BRIGHT: Final = "bright-"

BACK: Final = 10
"""What the number of a colour of the text and that of the same one behind it are apart."""


def parse_look(text: str) -> str:
    """The parameters of the sequence that sets that look (ECMA-48 §8.3.117).

    Raises ValueError with the word that means nothing.
    """
    found: list[str] = []
    behind = 0
    for word in text.casefold().split():
        if word == "on":
            behind = BACK
        elif word in ATTRIBUTES:
            found.append(str(ATTRIBUTES[word]))
        else:
            found.append(_colour(word, behind))
    return ";".join(found)


def _colour(word: str, behind: int) -> str:
    name = word.removeprefix(BRIGHT)
    if name in COLOURS:
        return str(COLOURS.index(name) + (90 if name != word else 30) + behind)
    if word.isascii() and word.isdigit() and int(word) < 256:
        return f"{38 + behind};5;{int(word)}"
    digits = word.removeprefix("#")
    if len(digits) == 6 and digits != word and all(char in "0123456789abcdef" for char in digits):
        levels = ";".join(str(int(digits[place : place + 2], 16)) for place in (0, 2, 4))
        return f"{38 + behind};2;{levels}"
    raise ValueError(word)
