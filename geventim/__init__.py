"""geventim: a self-hosted, end-to-end encrypted instant messenger on gevent.

:class:`.programs.client.Client` is for programs that talk. It is imported when it is asked for, so
that whoever imports something else imports none of it. Who may import whom is drawn in
``docs/architecture.md`` and enforced by import-linter.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "Client":
        return import_module("geventim.programs.client").Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
