"""Passing on what members say to each other whom a commit has shut out: asking, and helping.

What they say means nothing to the server, but that an account asks, and because of which commit.
"""

from typing import Final

from geventim.chat import limits
from geventim.chat.bulletins import Asked
from geventim.chat.bulletins import Helped as HelpedElsewhere
from geventim.chat.codec import encode
from geventim.chat.replies import Asks, Helped, KickSigned, Ok
from geventim.chat.requests import Ask, Help, SignKick
from geventim.crypto.signature import SigningKey
from geventim.service import departures, refusals
from geventim.service.delivery.feeds import Feeds
from geventim.service.people.presence import Connected
from geventim.service.ports import Journal, Neighbours, Timers
from geventim.service.sessions import Session
from geventim.service.turns.rates import Rates

GATHER: Final = 0.1
"""Seconds in which asks of a conversation are gathered."""


class Helping:
    """Gathers asks, passes helps on, and signs that somebody is out."""

    def __init__(
        self,
        journal: Journal,
        signer: SigningKey,
        connected: Connected,
        feeds: Feeds,
        rates: Rates,
        timers: Timers,
        neighbours: Neighbours,
    ) -> None:
        self._journal = journal
        self._signer = signer
        self._connected = connected
        self._feeds = feeds
        self._rates = rates
        self._timers = timers
        self._neighbours = neighbours
        self._asks: dict[bytes, dict[bytes, bytes]] = {}

    def ask(self, session: Session, request: Ask, payload: bytes) -> Ok:
        """Tell the members that follow, soon, that somebody asks for help.

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
        gathered[asked.account] = asked.payload
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
        asks = list(self._asks.pop(conversation).items())
        feed = self._feeds.known(conversation)
        if feed is None:
            return
        for start in range(0, len(asks), limits.ASKS):
            part = asks[start : start + limits.ASKS]
            accounts = tuple(account for account, _ in part)
            payload = b"".join(data for _, data in part)
            event = Asks(
                conversation=conversation,
                accounts=accounts,
                sizes=tuple(len(data) for _, data in part),
                payload=len(payload),
            )
            alone = self._connected.session(accounts[0]) if len(accounts) == 1 else None
            but = () if alone is None else (alone.outlet,)
            feed.audience.deliver([encode(event, payload)], but)


def _check(session: Session, conversation: bytes, payload: bytes) -> None:
    if not session.is_member(conversation):
        raise refusals.NOT_A_MEMBER.error()
    if len(payload) > limits.ASK_SIZE:
        raise refusals.HELP_TOO_LARGE.error()
