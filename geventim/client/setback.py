"""Conversations that the server has gone back with, told together when a connection begins.

It may have been restored from an older backup, which concerns all of them at once; or it hides what
was said since.
"""

from typing import Final

from geventim.client.causes import GONE_BACK, Cause
from geventim.client.events import Error

CODE: Final = "gone_back"
"""What programs are told of several conversations."""


class Setback:
    """What has gone back since :meth:`begin`, by name."""

    def __init__(self) -> None:
        self._causes: dict[str, Cause] | None = None

    def begin(self) -> None:
        """Gather from now on."""
        self._causes = {}

    def takes(self, cause: Cause, name: str) -> bool:
        """Whether it will be told with others that ``name`` is stopped for this ``cause``."""
        if self._causes is None or cause not in GONE_BACK:
            return False
        self._causes[name] = cause
        return True

    def end(self) -> Error | None:
        """What is to be told, if anything; what comes later is told by itself."""
        causes, self._causes = self._causes or {}, None
        if len(causes) < 2:
            alone = (Error.of(each.code, name=name) for name, each in causes.items())
            return next(alone, None)
        return Error.of(CODE, count=len(causes), names=tuple(causes))
