"""Lines on standard output, for whoever reads them: a person, a file, a pipe."""

import io
import os
import sys
from collections.abc import Iterable
from typing import Final

from geventim.errors import UserError

STDOUT: Final = 1


def print_lines(lines: Iterable[str]) -> None:
    """Write ``lines`` to standard output, all of them now.

    A character that its encoding lacks is written as an escape. A reader that has gone away has
    seen enough, and is no failure. Raises :class:`UserError` with code ``output``.
    """
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        for line in lines:
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except OSError as error:
        _give_up(error)


def _give_up(error: OSError) -> None:
    """Tell of an output that has failed, after which nothing is written there any more."""
    # What is left in the buffer would fail again when the interpreter ends.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDOUT)
    os.close(nowhere)
    if not isinstance(error, BrokenPipeError):
        reason = error.strerror or "it is closed"
        raise UserError("output", f"The output cannot be written: {reason}.") from None
