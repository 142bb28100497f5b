"""How the program ends: its exit codes, and the sentence for what went wrong."""

import sys
from typing import Final

from geventim.errors import GeventIMError, NetworkError, UserError

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NETWORK: Final = 3
INTERRUPTED: Final = 130

_CODES: Final = {"usage": USAGE, "cannot_listen": NETWORK}


def complain(error: GeventIMError) -> int:
    """Say on standard error what went wrong; the exit code for it."""
    print(f"eim-server: {sentence(error)}", file=sys.stderr)
    if isinstance(error, NetworkError):
        return NETWORK
    return _CODES.get(error.code, FAILED) if isinstance(error, UserError) else FAILED


def sentence(error: GeventIMError) -> str:
    """What went wrong, as a sentence."""
    text = str(error)
    return text if text.endswith((".", "?", "!")) else f"{text}."
