"""Small pictures that came with messages: whoever shows one gives it to a decoder."""

from typing import Final

LARGEST: Final = 512
"""Pixels of its width, and of its height."""

START: Final = b"\xff\xd8"
FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Markers of what says how large a JPEG is: baseline, extended and progressive ones."""

SCAN: Final = 0xDA
"""The marker of what is decoded."""


def is_small(picture: bytes) -> bool:
    """Whether that is a JPEG, and says once how large it is: not more than it may be."""
    if not picture.startswith(START):
        return False
    at, sizes = len(START), 0
    while at + 4 <= len(picture) and picture[at] == 0xFF:
        marker, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4], "big")
        if marker == SCAN:
            return sizes == 1
        if marker in FRAMES:
            height, width = (
                int.from_bytes(picture[start : start + 2], "big") for start in (at + 5, at + 7)
            )
            if not (0 < width <= LARGEST and 0 < height <= LARGEST):
                return False
            sizes += 1
        elif not (0xE0 <= marker <= 0xEF or marker in {0xC4, 0xDB, 0xDD, 0xFE}) or length < 2:
            return False
        at += 2 + length
    return False
