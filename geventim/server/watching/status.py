"""How a server is doing, in lines for people or as JSON for programs."""

import time
from collections.abc import Iterator
from datetime import timedelta

import msgspec
from msgspec import Struct

from geventim import __version__
from geventim.server.watching.condition import Condition

UNKNOWN = "unknown"


class Status(Struct, frozen=True):
    """What is told of a server; None is what is not known.

    Times are in UTC, ``uptime`` is in seconds, ``bytes`` of messages that are kept. ``entries`` is
    how many were ever put into the logs. ``files`` are those that are kept or begun, for which
    ``file_bytes`` are reserved. ``store`` is why nothing can be written, or ``ready``.
    """

    version: str
    uptime: int
    connections: int
    clients: int
    accounts: int | None
    conversations: int | None
    entries: int | None
    bytes: int | None
    files: int | None
    file_bytes: int | None
    last_backup: str | None
    store: str
    disk_free: int
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, condition: Condition) -> "Status":
        """That of a server in this condition."""
        totals, backed_up = condition.totals(), condition.backed_up
        return cls(
            __version__,
            int(condition.uptime),
            condition.listener.connections,
            len(condition.service.connected),
            totals.accounts if totals else None,
            sum(totals.conversations.values()) if totals else None,
            totals.entries if totals else None,
            totals.size if totals else None,
            totals.files if totals else None,
            totals.file_bytes if totals else None,
            None if backed_up is None else _utc(backed_up),
            condition.fault() or "ready",
            condition.space,
            tuple(condition.warnings()),
        )


def lines(condition: Condition, *, as_json: bool) -> Iterator[str]:
    """What is told, with a warning on a line of its own."""
    status = Status.of(condition)
    if as_json:
        yield msgspec.json.encode(status).decode()
        return
    shown = msgspec.structs.asdict(status) | {
        "uptime": timedelta(seconds=status.uptime),
        "disk_free": f"{status.disk_free // 2**20} MiB",
    }
    del shown["warnings"]
    for name, value in shown.items():
        yield f"{name.replace('_', ' ')}: {UNKNOWN if value is None else value}"
    for warning in status.warnings:
        yield f"warning: {warning}"


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(seconds))
