"""Structured logs on standard error, in UTC: an event and its facts, never content or keys."""

import json
import logging
import sys
import time
from typing import Any, Final

PLAIN_FIELDS: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}
"""What every log record has; everything else is a fact given with ``extra``."""


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


def start_logging(level: str, *, as_json: bool) -> None:
    """Log what is at least as grave as ``level`` (debug, info, warning, error)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Objects() if as_json else _Lines())
    root = logging.getLogger("geventim")
    root.handlers = [handler]
    root.setLevel(level.upper())
    root.propagate = False


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in PLAIN_FIELDS}


def _utc(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
