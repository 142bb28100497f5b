"""That two clocks differ, in words."""

from typing import Final

LONG: Final = 48
"""Hours from which on days are told."""


def disagreement(seconds: int) -> str:
    """That this machine's clock is so far ahead of the server's; or behind it, below 0."""
    hours = round(abs(seconds) / 3600)
    time = f"{hours} hours" if hours < LONG else f"{round(hours / 24):,} days"
    side = "ahead of" if seconds > 0 else "behind"
    return f"This machine's clock is {time} {side} the server's: one of them is wrong."
