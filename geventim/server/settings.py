"""What the command line decides."""

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from geventim.chat import limits
from geventim.chat.values import Access
from geventim.service import budgets, quotas
from geventim.service.budgets import Budgets
from geventim.service.quotas import Quotas


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server runs. ``public`` is ``host:port`` as others reach it, if that differs.

    Messages are kept for ``keep`` seconds, or for ever, in ``store`` (``redis://HOST:PORT/DB``) or
    in the data directory. What an account may ask for is bounded by ``budgets``, what it may have
    kept by ``quotas``, if there are any. There are so many ``workers``, of which this process is
    the ``worker``-th or, with 0, none.
    """

    host: str
    port: int
    public: str
    data: Path
    access: Access
    access_key_file: Path | None = None
    trace: bool = False
    room_limit: int = limits.ROOM_MEMBERS
    keep: float | None = None
    store: str | None = None
    budgets: Budgets | None = budgets.DEFAULT
    quotas: Quotas | None = quotas.DEFAULT
    workers: int = 1
    worker: int = 0


def data_directory(given: str | None) -> Path:
    """Where everything is kept: ``given``, else ``$EIM_DATA``, else the platform's place."""
    chosen = given or os.environ.get("EIM_DATA")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("geventim"))


def default_access(host: str) -> Access:
    """Open to everyone on this machine; by invitation when others can connect."""
    return Access.OPEN if is_loopback(host) else Access.INVITE


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
