"""The states with which people get into conversations: members give them, newcomers get them."""

from collections import OrderedDict
from typing import Final

from geventim.chat import limits
from geventim.chat.bulletins import CalledVoid
from geventim.chat.bulletins import StateWanted as WantedEverywhere
from geventim.chat.codec import encode
from geventim.chat.replies import Ok, StateWanted, Voided
from geventim.chat.requests import Void
from geventim.log.changes import GiveState
from geventim.log.outcomes import Given, Refusal, State
from geventim.service import refusals
from geventim.service.bounds import USUAL, Bounds
from geventim.service.delivery.feeds import Feeds
from geventim.service.people.presence import Connected
from geventim.service.ports import Journal, Neighbours, Timers
from geventim.service.sessions import Session
from geventim.service.turns.rates import Rates

PAUSE: Final = 5.0
"""Seconds in which the members of a conversation are asked for states once."""


class States:
    """Keeps what members give, and gives each who asks that of another account."""

    def __init__(
        self,
        journal: Journal,
        connected: Connected,
        feeds: Feeds,
        timers: Timers,
        neighbours: Neighbours,
        rates: Rates,
        bounds: Bounds = USUAL,
    ) -> None:
        self._journal = journal
        self._connected = connected
        self._feeds = feeds
        self._timers = timers
        self._neighbours = neighbours
        self._rates = rates
        self._most = bounds.given
        self._given: OrderedDict[tuple[bytes, bytes], set[bytes]] = OrderedDict()
        self._wanted: OrderedDict[bytes, float] = OrderedDict()

    def take(self, session: Session, request: Void, payload: bytes) -> Ok:
        """Keep the state in ``payload``, and tell whose commit does not count.

        Raises :class:`geventim.errors.UserError`: ``not_a_member``, ``too_large``, ``no_commit``,
        ``bad_request``.
        """
        conversation, account = request.conversation, session.account.id
        if not session.is_member(conversation):
            raise refusals.NOT_A_MEMBER.error()
        if len(payload) > limits.COMMIT_SIZE:
            raise refusals.COMMIT_TOO_LARGE.error()
        if not payload:
            raise refusals.malformed("void", "it has no GroupInfo").error()
        change = GiveState(conversation, account, request.seq, payload)
        (outcome,) = self._journal.commit([change])
        if isinstance(outcome, Refusal):
            raise refusals.BY_REFUSAL[outcome].error()
        if isinstance(outcome, Given) and outcome.author and not outcome.repeated:
            event = Voided(
                conversation=conversation, seq=request.seq, account=account, payload=len(payload)
            )
            self._rates.note_void(conversation, outcome.author)
            if self._connected.session(outcome.author) is not None:
                self._tell_author(outcome.author, event, payload)
            else:
                told = CalledVoid(conversation, request.seq, outcome.author, account)
                self._neighbours.tell(told)
        return Ok(id=request.id)

    def hear(self, bulletin: CalledVoid) -> None:
        """A commit was called void at another node.

        This may wait, and raises :class:`geventim.errors.StoreError`.
        """
        self._rates.note_void(bulletin.conversation, bulletin.author)
        if self._connected.session(bulletin.author) is None:
            return
        state = self._journal.state(bulletin.conversation, bulletin.account)
        if state is not None:
            event = Voided(
                conversation=bulletin.conversation,
                seq=bulletin.seq,
                account=bulletin.account,
                payload=len(state.group_info),
            )
            self._tell_author(bulletin.author, event, state.group_info)

    def choose(self, conversation: bytes, account: bytes) -> State | None:
        """The latest state of an account whose none ``account`` was given yet, its own at last.

        Who gives one state after the other has no other turn than all. Members are asked for more
        as soon as somebody comes again, since the others may be old; when there was one of each, it
        begins anew with what there is. This may wait, and raises
        :class:`geventim.errors.StoreError`.
        """
        known = self._journal.givers(conversation)
        givers = sorted(known, key=lambda giver: giver == account)
        key = conversation, account
        given = self._given.setdefault(key, set())
        self._given.move_to_end(key)
        if len(self._given) > self._most:
            self._given.popitem(last=False)
        fresh = [giver for giver in givers if giver not in given]
        if given or not fresh:
            self._want(conversation)
        if not fresh:
            given.clear()
            fresh = givers
        if not fresh:
            return None
        given.add(fresh[0])
        return self._journal.state(conversation, fresh[0])

    def tell_wanted(self, conversation: bytes) -> None:
        """Ask the members who are connected here, and follow, for states."""
        feed = self._feeds.known(conversation)
        if feed is not None:
            feed.audience.deliver([encode(StateWanted(conversation=conversation))], ())

    def _want(self, conversation: bytes) -> None:
        now = self._timers.now()
        if abs(now - self._wanted.get(conversation, 0.0)) < PAUSE:
            return
        self._wanted[conversation] = now
        self._wanted.move_to_end(conversation)
        if len(self._wanted) > self._most:
            self._wanted.popitem(last=False)
        self.tell_wanted(conversation)
        self._neighbours.tell(WantedEverywhere(conversation))

    def _tell_author(self, author: bytes, event: Voided, payload: bytes) -> None:
        session = self._connected.session(author)
        if session is None or not session.is_member(event.conversation):
            return
        if not session.outlet.congested:
            session.outlet.send(encode(event, payload))
