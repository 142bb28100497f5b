"""Whether a start would succeed, found out without one: nothing is made there."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from geventim.errors import GeventIMError, UserError
from geventim.net.key_files import read_access_key
from geventim.net.standard_output import print_lines
from geventim.server import ending
from geventim.server.backing import check_store
from geventim.server.clients.listener import bind
from geventim.server.config.settings import Settings
from geventim.server.data import IN_USE, DataDirectory
from geventim.server.watching import metrics
from geventim.server.watching.web import bind_web
from geventim.store.sqlite.schema import PLAN

GOOD: Final = "The server would start."


def check(settings: Settings) -> int:
    """Print whether a server with these ``settings`` would start; the exit code if it would not.

    Everything that is in its way is told; but a server that runs is in its own.
    """
    found: list[GeventIMError] = []
    for step in _STEPS:
        try:
            step(settings)
        except GeventIMError as error:
            found.append(error)
            if isinstance(error, UserError) and error.code == IN_USE:
                break
    if not found:
        print_lines([GOOD])
        return ending.DONE
    codes = [ending.complain(error) for error in found]
    return codes[0]


def _check_directory(settings: Settings) -> None:
    version = DataDirectory.check(settings.data)
    if 0 < version < PLAN.version:
        print_lines(
            [
                f"A start brings the log from version {version} to {PLAN.version}, after it is"
                " copied. There is no way back: the program that wrote it cannot use it then."
            ]
        )


def _check_address(settings: Settings) -> None:
    bind(settings.host, settings.port).close()


def _check_access_key(settings: Settings) -> None:
    path = settings.access_key_file
    if path is not None and path.exists():
        read_access_key(path)
    elif path is not None:
        _check_parent(path, "access_key_file")


def _check_log_file(settings: Settings) -> None:
    path = settings.log_file
    if path is not None and path.exists():
        if not path.is_file() or not os.access(path, os.W_OK):
            raise UserError("log_file", f"The log file {path} cannot be written.")
    elif path is not None:
        _check_parent(path, "log_file")


def _check_blobs(settings: Settings) -> None:
    path = settings.blobs
    if path is None:
        return
    existing = next(place for place in (path, *path.parents) if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        raise UserError("blobs", f"There can be no files of clients in {path}.", "Change blobs.")


def _check_metrics(settings: Settings) -> None:
    if settings.metrics is not None:
        metrics.require()
        bind_web(settings.metrics).close()


def _check_parent(path: Path, name: str) -> None:
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
        raise UserError(name, f"The file {path} cannot be made.", f"Change {name}.")


_STEPS: Final[tuple[Callable[[Settings], None], ...]] = (
    _check_directory,
    _check_address,
    _check_access_key,
    _check_log_file,
    _check_metrics,
    _check_blobs,
    check_store,
)
