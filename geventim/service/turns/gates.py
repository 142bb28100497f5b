"""The gates of keyed rooms: who wants to join shows the key by signing a challenge with it.

The public half of a gate is given to members only. To others the server says yes or no, and to who
guesses it says less and less often.
"""

import math
from collections.abc import Callable
from typing import Final

from geventim.chat import replies, requests
from geventim.chat.values import ID_SIZE, Conversation, gate_claim
from geventim.crypto import signature
from geventim.errors import AuthenticationError
from geventim.service import refusals
from geventim.service.people.guesses import Guesses
from geventim.service.ports import Timers
from geventim.service.sessions import Session

CHALLENGES: Final = 64
"""Challenges of one session that may be open, the latest."""


class Gates:
    """Draws challenges from ``random_bytes``, and looks at what was made of them."""

    def __init__(self, timers: Timers, random_bytes: Callable[[int], bytes]) -> None:
        self._timers = timers
        self._random_bytes = random_bytes
        self._guesses = Guesses()

    def challenge(self, session: Session, request: requests.Challenge) -> replies.Challenge:
        """What is to be signed; it says nothing about the conversation, not even that it exists."""
        open_ones = session.challenges
        open_ones.pop(request.conversation, None)
        nonce = open_ones[request.conversation] = self._random_bytes(ID_SIZE)
        while len(open_ones) > CHALLENGES:
            del open_ones[next(iter(open_ones))]
        return replies.Challenge(id=request.id, nonce=nonce)

    def pass_through(self, session: Session, room: Conversation, signed: bytes | None) -> bytes:
        """The gate of ``room``, whose key the session has shown.

        Raises :class:`geventim.errors.UserError`: ``bad_gate``, ``no_challenge``,
        ``too_many_guesses``.
        """
        nonce = session.challenges.pop(room.id, None)
        if not room.gate:
            return b""
        if signed is None:
            raise refusals.BAD_GATE.error()
        if nonce is None:
            raise refusals.NO_CHALLENGE.error()
        now = self._timers.now()
        who = [session.account.id, session.address] if session.address else [session.account.id]
        wait = self._guesses.wait(who, now)
        if wait > 0:
            raise refusals.too_many_guesses(math.ceil(wait)).error()
        claimed = gate_claim(room.id, room.incarnation, session.account.id, nonce)
        try:
            signature.check_key(room.gate)
            signature.verify(room.gate, claimed, signed)
        except AuthenticationError:
            self._guesses.count(who, now)
            raise refusals.BAD_GATE.error() from None
        return room.gate
