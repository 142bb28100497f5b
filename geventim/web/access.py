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

from geventim.web.exchange import WebError

LIFE: Final = 30.0
"""Seconds in which a link can be used."""

TOKEN_SIZE: Final = 32
"""Random bytes of a token."""

LINKS: Final = 8
"""Links that can be used at the same time; the oldest make room."""

SESSIONS: Final = 16
"""Sessions at the same time."""

REMEMBERED: Final = 256
"""Sessions that have ended, and how that is remembered."""

Guest = TypeVar("Guest")


@dataclass(slots=True)
class _Session(Generic[Guest]):
    digest: bytes = field(repr=False)
    link: bytes = field(repr=False)
    guest: Guest


class Access(Generic[Guest]):
    """Who has been let in. ``clock`` counts seconds, ``random`` gives so many bytes.

    ``welcome`` makes the guest of a new session, and ``dismiss`` is told of those who have to go.
    Who is not ``is_there`` makes room for others, in the order in which they were seen last.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        welcome: Callable[[], Guest],
        dismiss: Callable[[Guest], None],
        is_there: Callable[[Guest], bool],
    ) -> None:
        self._clock = clock
        self._random = random
        self._welcome = welcome
        self._dismiss = dismiss
        self._is_there = is_there
        self._links: deque[tuple[bytes, float]] = deque(maxlen=LINKS)
        self._sessions: list[_Session[Guest]] = []
        self._ended: deque[tuple[bytes, str]] = deque(maxlen=REMEMBERED)

    @property
    def guests(self) -> list[Guest]:
        """Everybody who is in."""
        return [session.guest for session in self._sessions]

    def make_link(self) -> str:
        """The token of a new link."""
        token = self._token()
        self._links.append((_digest(token), self._clock() + LIFE))
        return token

    def enter(self, link: str) -> tuple[str, Guest]:
        """Let somebody in by a ``link``; the token of their session, and their guest.

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
        self._make_room()
        token = self._token()
        session = _Session(_digest(token), digest, self._welcome())
        self._sessions.append(session)
        return token, session.guest

    def find(self, token: str) -> Guest:
        """Whose session has that ``token``. Raises :class:`WebError`."""
        digest = _digest(token)
        for session in self._sessions:
            if hmac.compare_digest(session.digest, digest):
                self._sessions.remove(session)
                self._sessions.append(session)
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

    def _make_room(self) -> None:
        if len(self._sessions) < SESSIONS:
            return
        for session in self._sessions:
            if not self._is_there(session.guest):
                self._end(session, "too_many")
                return
        raise WebError(HTTPStatus.FORBIDDEN, "too_many")

    def _end(self, session: _Session[Guest], why: str) -> None:
        self._sessions.remove(session)
        self._ended.append((session.digest, why))
        self._dismiss(session.guest)

    def _token(self) -> str:
        return urlsafe_b64encode(self._random(TOKEN_SIZE)).rstrip(b"=").decode()


def _digest(token: str) -> bytes:
    """What is kept of a token: to compare these says nothing of how much of it was right."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
