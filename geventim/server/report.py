"""Structured logs, in UTC: an event and its facts, never content or keys."""

import json
import logging
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

import gevent

from geventim.errors import UserError

PLAIN_FIELDS: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}
"""What every log record has; everything else is a fact given with ``extra``."""

log = logging.getLogger(__name__)


class _Lines(logging.Formatter):
    """``2026-01-31T12:00:00Z info started port=5555``."""

    def format(self, record: logging.LogRecord) -> str:
        facts = "".join(f" {name}={value!r}" for name, value in _facts(record).items())
        error = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        line = f"{_utc(record)} {record.levelname.lower()} {record.getMessage()}{facts}"
        return line + error


class _Objects(logging.Formatter):
    """One JSON object for each event."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "time": _utc(record),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            event["error"] = self.formatException(record.exc_info)
        return json.dumps(event, default=str)


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to ``stream``; what cannot be written is nobody's fault here, and is dropped."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """There is nowhere to complain."""


class _FileHandler(_Handler):
    """The stream is a file of ours."""

    def close(self) -> None:
        """Close the file, too."""
        super().close()
        with suppress(OSError):
            self.stream.close()


def start_logging(level: str, *, as_json: bool, path: Path | None = None) -> None:
    """Log what is at least as grave as ``level`` (debug, info, warning, error).

    Lines are appended to the file ``path``, which is opened anew, or go to standard error. What
    gevent tells of greenlets that have failed is an event among others. Raises :class:`UserError`
    with code ``log_file``; the log then goes where it went before.
    """
    handler = _Handler(sys.stderr) if path is None else _FileHandler(_open(path))
    handler.setFormatter(_Objects() if as_json else _Lines())
    root = logging.getLogger("geventim")
    before, root.handlers = root.handlers, [handler]
    for old in before:
        old.close()
    root.setLevel(level.upper())
    root.propagate = False
    hub = gevent.get_hub()
    hub.print_exception = _report_failure  # type: ignore[assignment, method-assign] # hubs allow it


def _open(path: Path) -> TextIO:
    try:
        return open(path, "a", encoding="utf-8", opener=_for_its_owner)
    except OSError as error:
        raise UserError(
            "log_file",
            f"The log file {path} cannot be written: {error.strerror}.",
            "Name a file in a directory that exists and is yours.",
        ) from None


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _report_failure(
    context: object | None,
    _kind: type[BaseException] | None,
    error: BaseException | str | None,
    _traceback: TracebackType | None,
) -> None:
    """Log what ended a greenlet, in place of gevent, which prints it."""
    log.error(
        "a bug",
        extra={"where": type(context).__name__},
        exc_info=isinstance(error, BaseException) and error,
    )


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in PLAIN_FIELDS}


def _utc(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
