"""A front end that stays attached to its user's client, whichever process that is."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

import gevent
from gevent.event import Event as Flag
from gevent.queue import Full, Queue

from geventim.app.attachment import Attachment
from geventim.app.front import Front
from geventim.client.wishes import Wish
from geventim.errors import StoreError

RETRY: Final = 0.2
"""Seconds after which who found nobody to attach to looks again."""

WAITING: Final = 64
"""Wishes that may wait to be taken."""

FAREWELL: Final = 1.0
"""Seconds for the last wishes to leave."""

Attach = Callable[[Front], Attachment | None]
"""Attaches a front end to a client that runs; None if there is none. Raises StoreError."""


class Tenancy:
    """``front`` is told what there is to be told; ``returned`` is called when that has a gap."""

    def __init__(
        self,
        attach: Attach,
        front: Front,
        returned: Callable[[], None],
        *,
        retry: float = RETRY,
        waiting: int = WAITING,
    ) -> None:
        self._attach = attach
        self._front = front
        self._returned = returned
        self._retry = retry
        self._attachment: Attachment | None = None
        self._open = Flag()
        self._was_here = False
        self._left: list[Wish] = []
        self._wishes: Queue[Wish] = Queue(waiting)
        self._greenlets = [gevent.spawn(self._stay), gevent.spawn(self._send)]

    def grant(self, wish: Wish, patience: float) -> bool:
        """Have a wish taken; whether there is room for it within so many seconds."""
        try:
            self._wishes.put(wish, timeout=patience)
        except Full:
            return False
        return True

    def close(self, last: Iterable[Wish] = ()) -> None:
        """Be there no longer, after the ``last`` wishes."""
        gevent.killall(self._greenlets[1:])
        if self._attachment is not None:
            with gevent.Timeout(FAREWELL, False):  # type: ignore[arg-type]  # False: in silence
                for wish in last:
                    self._attachment.grant(wish, self._front)
            self._attachment.close()
        gevent.killall(self._greenlets, block=False)
        self._front.close()

    def _send(self) -> None:
        """Pass on what is wished, each whole: what is cut would spoil the next one."""
        for wish in self._wishes:
            while True:
                self._open.wait()
                if self._attachment is not None:
                    break
            self._attachment.grant(wish, self._front)

    def _stay(self) -> None:
        while True:
            attachment = self._find()
            if attachment is None:
                gevent.sleep(self._retry)
                continue
            self._attachment = attachment
            try:
                attachment.run(partial(self._enter, attachment))
            finally:
                self._open.clear()
                self._attachment = None
            self._left += attachment.take_left()
            # Another one has to come first, or there is one who takes nobody more.
            gevent.sleep(self._retry)

    def _find(self) -> Attachment | None:
        try:
            return self._attach(self._front)
        except StoreError:
            return None  # whoever holds the session says so

    def _enter(self, attachment: Attachment) -> None:
        left, self._left = self._left, []
        for wish in left:
            attachment.grant(wish, self._front)
        if self._was_here:
            self._returned()
        self._was_here = True
        self._open.set()
