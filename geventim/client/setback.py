"""Conversations that the server has gone back with, told together when a connection begins.

It may have been restored from an older backup, which concerns all of them at once; or it hides what
was said since.
"""

from typing import Final

from geventim.client.causes import GONE_BACK, Cause
from geventim.client.events import Error

CODE: Final = "gone_back"
"""What programs are told of several conversations."""

NAMED: Final = 5
"""Conversations that are named; of more there is only the number."""

TEXT: Final = (
    "The server has gone back: of {names} it has an older or another history than your client has"
    " read, or none. Its operator may have restored a backup, or it hides what was said since: ask"
    " them elsewhere. Nothing is sent there until you type '@rejoin all', which goes on with what"
    " the server has and shows who is in each."
)


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
            alone = (Error(each.code, each.text(name=name)) for name, each in causes.items())
            return next(alone, None)
        return Error(CODE, TEXT.format(names=_list(list(causes))), len(causes))


def _list(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    if len(quoted) > NAMED:
        return f"{', '.join(quoted[:NAMED])} and {len(quoted) - NAMED} more"
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"
