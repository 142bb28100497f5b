"""A front end that stays attached to its user's client, whichever process that is."""

from collections.abc import Callable
from functools import partial
from typing import Final

import gevent
from gevent.event import Event as Flag
from gevent.lock import BoundedSemaphore

from geventim.app.attachment import Attachment
from geventim.app.front import Front
from geventim.client.wishes import Wish

RETRY: Final = 0.2
"""Seconds after which who found nobody to attach to looks again."""

Attach = Callable[[Front], Attachment | None]


class _LateError(Exception):
    """Nobody has taken it in time."""


class Tenancy:
    """``front`` is told what there is to be told; ``returned`` is called when that has a gap.

    Where to attach ``attach`` knows; it gives None while there is nowhere.
    """

    def __init__(self, attach: Attach, front: Front, returned: Callable[[], None]) -> None:
        self._attach = attach
        self._front = front
        self._returned = returned
        self._attachment: Attachment | None = None
        self._open = Flag()
        self._left: list[Wish] = []
        self._sending = BoundedSemaphore()
        self._staying = gevent.spawn(self._stay)

    def grant(self, wish: Wish, patience: float) -> bool:
        """Have a wish taken; whether that happened within so many seconds."""
        late = _LateError()
        try:
            with gevent.Timeout(patience, late):
                while True:
                    self._open.wait()
                    with self._sending:
                        if self._attachment is not None:
                            self._attachment.grant(wish, self._front)
                            return True
        except _LateError as error:
            if error is not late:
                raise
        return False

    def close(self) -> None:
        """Be there no longer."""
        if self._attachment is not None:
            self._attachment.close()
        self._staying.kill(block=False)
        self._front.close()

    def _stay(self) -> None:
        was_here = False
        while True:
            attachment = self._attach(self._front)
            if attachment is None:
                gevent.sleep(RETRY)
                continue
            self._attachment = attachment
            try:
                attachment.run(partial(self._enter, attachment, again=was_here))
            finally:
                self._open.clear()
                self._attachment = None
            was_here = True
            self._left += attachment.take_left()

    def _enter(self, attachment: Attachment, *, again: bool) -> None:
        left, self._left = self._left, []
        for wish in left:
            attachment.grant(wish, self._front)
        if again:
            self._returned()
        self._open.set()
