"""Passing on what members say to each other whom a commit has shut out: asking, and helping.

What they say means nothing to the server, but that an account asks, and because of which commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geventim.chat import limits
from geventim.chat.bulletins import Asked
from geventim.chat.bulletins import Helped as HelpedElsewhere
from geventim.chat.codec import encode
from geventim.chat.replies import Asks, Helped, KickSigned, Ok
from geventim.chat.requests import Ask, Help, SignKick
from geventim.crypto.signature import SigningKey
from geventim.service import departures, refusals
from geventim.service.bounds import USUAL, Bounds
from geventim.service.delivery.feeds import Feeds
from geventim.service.people.presence import Connected
from geventim.service.ports import Journal, Neighbours, Timers
from geventim.service.sessions import Session
from geventim.service.turns.calms import Calms
from geventim.service.turns.rates import Rates

GATHER: Final = 0.1
"""Seconds in which asks of a conversation are gathered."""

STILL: Final = 0.75
"""Seconds after asking in which somebody is not told who else asks about the same: one asks twice a
second as long as one lacks it."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """That somebody asked at ``time`` about what the commit ``seq`` has closed."""

    seq: int
    time: float


class Helping:
    """Gathers asks, passes helps on, and signs that somebody is out."""

    def __init__(
        self,
        journal: Journal,
        signer: SigningKey,
        connected: Connected,
        feeds: Feeds,
        rates: Rates,
        calms: Calms,
        timers: Timers,
        neighbours: Neighbours,
        bounds: Bounds = USUAL,
    ) -> None:
        self._journal = journal
        self._signer = signer
        self._connected = connected
        self._feeds = feeds
        self._rates = rates
        self._calms = calms
        self._timers = timers
        self._neighbours = neighbours
        self._at_once = bounds.asks
        self._asks: dict[bytes, dict[bytes, Asked]] = {}
        self._asking: dict[bytes, dict[bytes, _Asking]] = {}

    def ask(self, session: Session, request: Ask, payload: bytes) -> Ok:
        """Tell the members that follow, soon, that somebody asks for help.

        Who asks about the same is not told: it could not help.

        Raises :class:`geventim.errors.UserError`: ``not_a_member``, ``too_large``.
        """
        _check(session, request.conversation, payload)
        asked = Asked(request.conversation, session.account.id, request.seq, payload)
        self._neighbours.tell(asked)
        self.hear_ask(asked)
        return Ok(id=request.id)

    def help(self, session: Session, request: Help, payload: bytes) -> Ok:
        """Pass something on to a member, wherever it is connected, or nowhere.

        Raises :class:`geventim.errors.UserError`: ``not_a_member``, ``too_large``.
        """
        _check(session, request.conversation, payload)
        helped = HelpedElsewhere(request.conversation, request.account, payload)
        if self._connected.session(request.account) is not None:
            self.hear_help(helped)
        elif self._connected.is_connected(request.account):
            self._neighbours.tell(helped)
        return Ok(id=request.id)

    def sign_kick(self, session: Session, request: SignKick) -> KickSigned:
        """Give a member the server's word that an account is out.

        Raises :class:`geventim.errors.UserError`: ``not_a_member``, ``not_allowed``.
        """
        place = session.places.get(request.conversation)
        if place is None or not session.is_member(request.conversation):
            raise refusals.NOT_A_MEMBER.error()
        if request.account in self._journal.members(request.conversation):
            raise refusals.NOT_OUT.error()
        conversation = place.feed.conversation
        signed = departures.sign_kick(
            self._signer, conversation, request.account, request.key, request.history
        )
        return KickSigned(id=request.id, signature=signed)

    def hear_ask(self, asked: Asked) -> None:
        """Somebody asks, here or elsewhere.

        This may wait, and raises :class:`geventim.errors.StoreError`.
        """
        gathered = self._asks.setdefault(asked.conversation, {})
        if not gathered:
            self._timers.later(GATHER, lambda: self._tell(asked.conversation))
        gathered[asked.account] = asked
        asking = self._asking.setdefault(asked.conversation, {})
        asking[asked.account] = _Asking(asked.seq, self._timers.now())
        self._calms.note_ask(asked.conversation)
        self._rates.note_ask(asked.conversation, asked.account, asked.seq)

    def hear_help(self, helped: HelpedElsewhere) -> None:
        """Somebody helps an account that may be connected here."""
        session = self._connected.session(helped.account)
        if session is None or not session.is_member(helped.conversation):
            return
        if not session.outlet.congested:
            event = Helped(conversation=helped.conversation, payload=len(helped.payload))
            session.outlet.send(encode(event, helped.payload))

    def _tell(self, conversation: bytes) -> None:
        by_commit: dict[int, list[Asked]] = {}
        for asked in self._asks.pop(conversation).values():
            by_commit.setdefault(asked.seq, []).append(asked)
        since = self._timers.now() - STILL
        known = self._asking.pop(conversation)
        asking = {account: each for account, each in known.items() if each.time > since}
        self._asking[conversation] = asking
        self._timers.later(STILL, lambda: self._forget(conversation, asking))
        feed = self._feeds.known(conversation)
        if feed is None:
            return
        for seq, asks in by_commit.items():
            same = [account for account, each in asking.items() if each.seq == seq]
            sessions = [self._connected.session(account) for account in same]
            but = {session.outlet for session in sessions if session is not None}
            for start in range(0, len(asks), self._at_once):
                frame = _encode(conversation, asks[start : start + self._at_once])
                feed.audience.deliver([frame], but)

    def _forget(self, conversation: bytes, asking: dict[bytes, "_Asking"]) -> None:
        """Nobody has asked there since."""
        if self._asking.get(conversation) is asking and conversation not in self._asks:
            del self._asking[conversation]


def _encode(conversation: bytes, asks: Sequence[Asked]) -> bytes:
    payload = b"".join(asked.payload for asked in asks)
    event = Asks(
        conversation=conversation,
        accounts=tuple(asked.account for asked in asks),
        sizes=tuple(len(asked.payload) for asked in asks),
        payload=len(payload),
    )
    return encode(event, payload)


def _check(session: Session, conversation: bytes, payload: bytes) -> None:
    if not session.is_member(conversation):
        raise refusals.NOT_A_MEMBER.error()
    if len(payload) > limits.ASK_SIZE:
        raise refusals.HELP_TOO_LARGE.error()
