"""Asks a page for the passphrase again before it may wish for what could do harm."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from geventim.web.exchange import WebError

OPEN: Final = 60.0
"""Seconds for which it is open."""

TRIES: Final = 5
"""Wrong passphrases in a row after which nobody is asked any more."""


class Guard:
    """``check`` says whether a passphrase is the right one, None if there is none at all."""

    def __init__(self, check: Callable[[str], bool | None], clock: Callable[[], float]) -> None:
        self._check = check
        self._clock = clock
        self._open_until = 0.0
        self._wrong = 0

    @property
    def is_open(self) -> bool:
        """Whether the passphrase was said a short while ago."""
        return self._clock() < self._open_until

    @property
    def is_spent(self) -> bool:
        """Whether nobody is asked any more."""
        return self._wrong >= TRIES

    def unlock(self, passphrase: str) -> None:
        """Open with ``passphrase``. Raises :class:`WebError`."""
        # It counts before it is looked at, so that many at a time are no more than TRIES.
        self._wrong += 1
        if self._wrong > TRIES:
            raise WebError(HTTPStatus.FORBIDDEN, "wrong_passphrase")
        is_right = self._check(passphrase.strip())
        if is_right is None:
            self._wrong -= 1
            raise WebError(HTTPStatus.FORBIDDEN, "no_passphrase")
        if not is_right:
            raise WebError(HTTPStatus.FORBIDDEN, "wrong_passphrase")
        self._wrong = 0
        self._open_until = self._clock() + OPEN
