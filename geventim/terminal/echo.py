"""Not showing what is typed."""

import os
import termios
from contextlib import suppress

LOCAL_MODES = 3
"""Where the flags that include ECHO and ICANON stand among a terminal's attributes."""


class Echo:
    """Whether the terminal at ``descriptor`` shows what is typed; nothing if it is none."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._is_terminal = os.isatty(descriptor)
        self._hidden = False

    def hide(self, hidden: bool) -> None:
        """Stop showing what is typed, or go on with it."""
        if hidden == self._hidden or not self._is_terminal:
            return
        self._hidden = hidden
        self._set(hidden)

    def resume(self) -> None:
        """Go on as before after we were stopped; a shell has had the terminal meanwhile."""
        # In the background, whoever touches the terminal is stopped again.
        with suppress(OSError):
            if self._hidden and os.tcgetpgrp(self._descriptor) == os.getpgrp():
                self._set(True)

    def _set(self, hidden: bool) -> None:
        # A terminal that has gone away shows nothing anyway.
        with suppress(termios.error):
            attributes = termios.tcgetattr(self._descriptor)
            if hidden:
                attributes[LOCAL_MODES] &= ~termios.ECHO
            else:
                attributes[LOCAL_MODES] |= termios.ECHO
            termios.tcsetattr(self._descriptor, termios.TCSANOW, attributes)
