"""The page's own files: a flat directory of this package."""

from pathlib import Path
from typing import Final

PLACE: Final = Path(__file__).parent / "page"

INDEX: Final = "index.html"

TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
"""What kinds of files there are."""


def names(place: Path = PLACE) -> frozenset[str]:
    """What can be asked for of what is in ``place``."""
    return frozenset(
        path.name for path in place.iterdir() if path.suffix in TYPES and path.is_file()
    )


def read(name: str) -> tuple[str, bytes] | None:
    """The type and the content of the file ``name``; None if there is none."""
    if name not in names():
        return None
    path = PLACE / name
    return TYPES[path.suffix], path.read_bytes()
