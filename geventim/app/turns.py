"""Taking turns in one thread: what takes long stops now and then, and no key waits for its end."""

from typing import Final

import gevent

TURN: Final = 0.005
"""Seconds of work after which it is the turn of others."""


def let_others_go() -> None:
    """Go on when the event loop has looked at what was typed, and that was taken."""
    hub = gevent.get_hub()
    # A timer may go off before what was found at the same look; what is called soon comes after it.
    hub.wait(hub.loop.timer(0))
    gevent.sleep(0)
