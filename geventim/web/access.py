"""One-time links, and the tokens that they are given for.

A link is good for half a minute, and once. Who uses it a second time ends what it has opened:
either of the two may be a thief. Nothing here is kept anywhere else, so all of it dies with the
process.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Generic, TypeVar

from geventim.web.bounds import USUAL, Bounds
from geventim.web.exchange import WebError

LIFE: Final = 30.0
"""Seconds in which a link can be used."""

LINK_SIZE: Final = 16
"""Random bytes of a link, which people may have to copy."""

TOKEN_SIZE: Final = 32
"""Random bytes of a token."""

SESSIONS: Final = 4
"""Sessions at the same time: browsers open six connections to a place, and each page keeps one."""

REMEMBERED: Final = 256
"""Sessions that have ended, and how that is remembered."""

Guest = TypeVar("Guest")


@dataclass(slots=True, eq=False)
class _Session(Generic[Guest]):
    digest: bytes = field(repr=False)
    link: bytes = field(repr=False)
    guest: Guest
    seen: float


class Access(Generic[Guest]):
    """Who has been let in. ``clock`` counts seconds, ``random`` gives so many bytes.

    ``welcome`` makes the guest of a new session, and ``dismiss`` is told of those who have to go.
    Who ``is_there`` does not make room for others.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        welcome: Callable[[], Guest],
        dismiss: Callable[[Guest], None],
        is_there: Callable[[Guest], bool],
        bounds: Bounds = USUAL,
    ) -> None:
        self._clock = clock
        self._random = random
        self._welcome = welcome
        self._dismiss = dismiss
        self._is_there = is_there
        self._absence = bounds.absence
        self._links: deque[tuple[bytes, float]] = deque(maxlen=SESSIONS)
        self._sessions: list[_Session[Guest]] = []
        self._ended: deque[tuple[bytes, str]] = deque(maxlen=REMEMBERED)

    @property
    def is_full(self) -> bool:
        """Whether one more may find no place, once all links that are good were used."""
        good = sum(self._clock() <= until for _, until in self._links)
        there = sum(self._is_there(session.guest) for session in self._sessions)
        return good + there >= SESSIONS

    def make_link(self) -> str:
        """The token of a new link."""
        token = self._token(LINK_SIZE)
        self._links.append((_digest(token), self._clock() + LIFE))
        return token

    def enter(self, link: str) -> str:
        """Let somebody in by a ``link``; the token of their session.

        Raises :class:`WebError`.
        """
        digest = _digest(link)
        for session in self._sessions:
            if hmac.compare_digest(session.link, digest):
                self._end(session, "taken_over")
                raise WebError(HTTPStatus.GONE, "old_link")
        found = [each for each in self._links if hmac.compare_digest(each[0], digest)]
        for each in found:
            self._links.remove(each)
        if not found or self._clock() > found[0][1]:
            raise WebError(HTTPStatus.GONE, "old_link")
        absent = self._take_from()
        token = self._token(TOKEN_SIZE)
        self._sessions.append(_Session(_digest(token), digest, self._welcome(), self._clock()))
        # That takes a moment, in which somebody may use the link again.
        if absent is not None:
            self._end(absent, "too_many")
        return token

    def find(self, token: str) -> Guest:
        """Whose session has that ``token``. Raises :class:`WebError`."""
        digest = _digest(token)
        for session in self._sessions:
            if hmac.compare_digest(session.digest, digest):
                session.seen = self._clock()
                return session.guest
        for ended, why in self._ended:
            if hmac.compare_digest(ended, digest):
                raise WebError(HTTPStatus.UNAUTHORIZED, why)
        raise WebError(HTTPStatus.UNAUTHORIZED, "no_token")

    def end(self, guest: Guest, why: str) -> None:
        """The session of ``guest`` is over."""
        for session in self._sessions:
            if session.guest is guest:
                self._end(session, why)
                return

    def sweep(self) -> None:
        """End sessions whose pages were seen long ago, and are not there."""
        absent = self._absent()
        for session in list(self._sessions):
            if session not in absent:
                session.seen = self._clock()
            elif self._clock() - session.seen > self._absence:
                self._end(session, "too_long")

    def close(self) -> None:
        """End all of them."""
        for session in list(self._sessions):
            self._end(session, "too_long")

    def _take_from(self) -> _Session[Guest] | None:
        """The session that has to end for another one; None if there is room."""
        if len(self._sessions) < SESSIONS:
            return None
        absent = self._absent()
        if not absent:
            raise WebError(HTTPStatus.FORBIDDEN, "too_many")
        return min(absent, key=lambda session: session.seen)

    def _absent(self) -> list[_Session[Guest]]:
        return [session for session in self._sessions if not self._is_there(session.guest)]

    def _end(self, session: _Session[Guest], why: str) -> None:
        self._sessions.remove(session)
        self._ended.append((session.digest, why))
        self._dismiss(session.guest)

    def _token(self, size: int) -> str:
        return urlsafe_b64encode(self._random(size)).rstrip(b"=").decode()


def _digest(token: str) -> bytes:
    """What is kept of a token: to compare these says nothing of how much of it was right."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
