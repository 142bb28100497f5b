"""Names of files that others have chosen, made safe to be used on any disk, and to be read."""

import unicodedata
from typing import Final

LONGEST: Final = 200
"""Bytes of UTF-8 in a name; most disks take 255, and something is added to it meanwhile."""

EXTENSION: Final = 16
"""Bytes of its end that are kept where a name has to be cut."""

NAMELESS: Final = "file"

FORBIDDEN: Final = frozenset('<>:"/\\|?*')
"""What some system gives a meaning to."""

DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"}
)
"""What Windows takes for a device, whatever follows a dot."""

PICTURES: Final = (".jpg", ".jpeg", ".png", ".gif", ".webp")
"""How the names of pictures end; nothing else is given to who knows about pictures."""

HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of Unicode that are not seen, or turn what is seen around."""


def safe_name(name: str) -> str:
    """What is saved where somebody says that it is called ``name``."""
    shown = "".join(_safe(char) for char in unicodedata.normalize("NFC", name))
    shown = " ".join(shown.split()).lstrip(". ").rstrip(". ")
    shown = _shorten(shown or NAMELESS)
    if shown.partition(".")[0].strip().casefold() in DEVICES:
        shown = f"_{shown}"
    return shown


def is_picture(name: str) -> bool:
    """Whether a file that is called ``name`` may be a picture."""
    return name.casefold().endswith(PICTURES)


def numbered(name: str, number: int) -> str:
    """``name`` for the file that is the ``number``-th of that name."""
    if number == 1:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > EXTENSION:
        return f"{name} ({number})"
    return f"{stem} ({number}){dot}{extension}"


def _safe(char: str) -> str:
    if char in FORBIDDEN:
        return "_"
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in HIDDEN else char


def _shorten(name: str) -> str:
    encoded = name.encode()
    if len(encoded) <= LONGEST:
        return name
    stem, dot, extension = name.rpartition(".")
    end = dot + extension
    if not stem or len(end.encode()) > EXTENSION:
        stem, end = name, ""
    return stem.encode()[: LONGEST - len(end.encode())].decode(errors="ignore").rstrip(". ") + end
