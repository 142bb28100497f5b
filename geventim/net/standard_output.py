"""Lines on standard output, for whoever reads them: a person, a file, a pipe."""

import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Final, NoReturn

from geventim.errors import UserError

STDOUT: Final = 1


def print_lines(lines: Iterable[str]) -> None:
    """Write ``lines`` to standard output, as :func:`hand_over` does.

    A reader that has gone away has seen enough, one that was never there wants nothing: neither is
    a failure.
    """
    try:
        hand_over(lines)
    except UserError as error:
        if not isinstance(error.__cause__, BrokenPipeError):
            raise


def hand_over(lines: Iterable[str]) -> None:
    """Write ``lines``, which somebody has to get, to standard output, all of them now.

    A character that its encoding lacks is written as an escape. Raises :class:`UserError` with code
    ``output``.
    """
    if sys.stdout is None:  # the descriptor was closed when the program was started
        raise UserError("output", "There is no standard output.") from BrokenPipeError()
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        for line in lines:
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except OSError as error:
        _give_up(error)


@contextmanager
def gathered_output() -> Iterator[None]:
    """Print at the end, as :func:`print_lines` does, what others print meanwhile.

    They may end the program, as docopt does after the help.
    """
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            yield
    finally:
        print_lines(said.getvalue().splitlines())


def _give_up(error: OSError) -> NoReturn:
    """Tell of an output that has failed, after which nothing is written there any more."""
    # What is left in the buffer would fail again when the interpreter ends.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDOUT)
    os.close(nowhere)
    reason = error.strerror or "it is closed"
    raise UserError("output", f"The output cannot be written: {reason}.") from error
