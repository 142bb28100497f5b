"""Putting entries into logs: messages, leaves, deletes, kicks and commits."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from msgspec import Struct

from geventim.chat import limits
from geventim.chat.replies import Appended, Recipient
from geventim.chat.requests import Append, Commit
from geventim.chat.values import (
    ID_SIZE,
    Account,
    Conversation,
    EntryKind,
    Kind,
    Purpose,
)
from geventim.crypto.signature import SigningKey
from geventim.errors import StoreError
from geventim.log import changes, outcomes
from geventim.log.changes import Change
from geventim.log.outcomes import (
    ACCOUNT_ENDED,
    DO_NOT_DISTURB,
    NO_TURN,
    NOT_ALLOWED,
    ROOM_FULL,
    Outcome,
    Refusal,
)
from geventim.service import departures, refusals
from geventim.service.bounds import USUAL, Bounds
from geventim.service.delivery.feeds import Feeds
from geventim.service.delivery.places import Places
from geventim.service.feed import Feed
from geventim.service.happenings import Happening
from geventim.service.people.accounts import Accounts, shown
from geventim.service.people.presence import Connected
from geventim.service.ports import Journal, Timers
from geventim.service.refusals import Sentence
from geventim.service.sessions import Session, Unstored
from geventim.service.turns.turns import Turns

Done = Callable[[Outcome | StoreError], None]

REPETITION: Final = 10.0
"""Seconds in which a client repeats what could not be stored."""

NOT_APPENDED: Final = (EntryKind.COMMIT, EntryKind.KICK)
"""What comes into a log in other ways."""

NOWHERE: Final = -1
"""The number of no commit: what builds on it can only be a repetition."""


class Asked(Struct, frozen=True):
    """What an outcome answers: the ``request`` of a session.

    For so much as ``weight`` (:func:`geventim.log.changes.weight`) it counts while it waits for the
    disk.
    ``feed`` is that of the log if the session has a place there, ``peer`` the other one when two
    talk; ``refuse`` finds the sentence for a refusal.
    """

    session: Session
    request: int
    weight: int
    feed: Feed | None
    refuse: Callable[[Refusal], Sentence]
    peer: Account | None = None


class Entries:
    """What becomes of entries.

    ``room_limit`` bounds the members of a room. ``ended`` is called when a conversation has ended;
    it must not wait.
    """

    def __init__(
        self,
        journal: Journal,
        signer: SigningKey,
        random_bytes: Callable[[int], bytes],
        accounts: Accounts,
        connected: Connected,
        feeds: Feeds,
        places: Places,
        turns: Turns,
        timers: Timers,
        room_limit: int,
        ended: Callable[[], None],
        bounds: Bounds = USUAL,
    ) -> None:
        self._journal = journal
        self._signer = signer
        self._random_bytes = random_bytes
        self._accounts = accounts
        self._connected = connected
        self._feeds = feeds
        self._places = places
        self._turns = turns
        self._timers = timers
        self._most_named = bounds.members
        self._room_limit = room_limit
        self._ended = ended

    def append(self, session: Session, request: Append, payload: bytes) -> None:
        """Put an entry into a log; the reply is sent when it is on disk.

        Who has no place there can only repeat what was sent before, unless it may delete the
        conversation all the same; else the answer is the same, and comes in the same time, whether
        there is such a log or not.
        """
        if request.kind in NOT_APPENDED:
            raise refusals.malformed("append", f"nobody appends a {request.kind}").error()
        if len(payload) > limits.PAYLOAD_SIZE:
            raise refusals.TOO_LARGE.error()
        place = session.places.get(request.conversation)
        account = session.account
        if place is not None:
            departures.check(account, place.feed.conversation, request.kind, payload)
        elif not self._may_delete(account, request, payload):
            self._repeat(session, request)
            return
        feed = place.feed if place else None
        peer = self._journal.account(place.peer) if place and place.peer else None
        now = self._timers.now()
        change = changes.Append(
            request.conversation,
            account.id,
            request.kind,
            request.message_id,
            now,
            request.head,
            payload,
            operator=account.operator,
        )
        asked = Asked(
            session, request.id, changes.weight(change), feed, partial(_refuse, peer), peer
        )
        if feed is None or request.kind is not EntryKind.MESSAGE:
            self._submit(change, asked)
            return

        def done(outcome: Outcome | StoreError) -> None:
            self._turns.note_sent(change.conversation, outcome)
            if isinstance(outcome, StoreError):
                until = self._timers.now() + REPETITION
                unstored = Unstored(change.message_id, until)
                session.unstored.setdefault(change.conversation, unstored)
            self._stored(asked, outcome)

        self._keep_order(session, change)
        session.in_flight += asked.weight
        self._journal.submit(change, done, self._feeds.wait(feed))

    def _keep_order(self, session: Session, change: changes.Append) -> None:
        """Have what could not be stored come before what its author wrote after it.

        Raises :class:`geventim.errors.UserError`: ``storage_failed``.
        """
        unstored = session.unstored.get(change.conversation)
        if unstored is None:
            return
        if change.message_id != unstored.message_id and self._timers.now() < unstored.until:
            raise refusals.STORAGE_FAILED.error()
        del session.unstored[change.conversation]

    def _may_delete(self, account: Account, request: Append, payload: bytes) -> bool:
        """Whether an operator, or who has founded a group and left it, deletes it."""
        found = self._journal.conversation(request.conversation)
        if found is None or request.kind is not EntryKind.DELETE:
            return False
        if not (account.operator or (found.kind is Kind.GROUP and found.creator == account.id)):
            return False
        departures.check(account, found, request.kind, payload)
        return True

    def _repeat(self, session: Session, request: Append) -> None:
        change = changes.Append(
            request.conversation,
            session.account.id,
            EntryKind.MESSAGE,
            request.message_id,
            self._timers.now(),
            NOWHERE,
        )
        asked = Asked(
            session, request.id, changes.weight(change), None, lambda _: refusals.NOT_A_MEMBER
        )
        self._submit(change, asked)

    def commit(self, session: Session, request: Commit, payload: bytes) -> None:
        """Put a commit into a log, which ends the turn; the reply is sent when it is on disk."""
        if len(payload) > limits.COMMIT_SIZE:
            raise refusals.COMMIT_TOO_LARGE.error()
        end = request.message + request.welcome
        if end >= len(payload):
            raise refusals.malformed("commit", "it has no GroupInfo").error()
        if len(request.added) + len(request.removed) > self._most_named:
            raise refusals.malformed("commit", "it names too many people").error()
        self._accounts.check(request.added + request.removed)
        ended = [
            self._accounts.person(each).nick
            for each in request.added
            if self._accounts.has_ended(each)
        ]
        account = session.account
        place = session.places.get(request.conversation)
        is_join = request.added == (account.id,)
        turn = self._turns.use(session, request.conversation, Purpose.JOIN if is_join else None)
        change = changes.Commit(
            request.conversation,
            account.id,
            request.message_id,
            self._timers.now(),
            request.head,
            payload[: request.message],
            payload[end:],
            payload[request.message : end],
            request.added,
            request.removed,
            request.gate,
            turn.proven if turn else b"",
            self._room_limit,
            turn is not None and not ended,
        )
        feed, weight = place.feed if place else None, changes.weight(change)
        if turn is None:
            self._submit(
                change, Asked(session, request.id, weight, feed, lambda _: refusals.NO_TURN)
            )
            return
        refuse = partial(_refuse_commit, turn.conversation, self._room_limit, ended)
        asked = Asked(session, request.id, weight, feed, refuse)

        def done(outcome: Outcome | StoreError) -> None:
            self._stored(asked, outcome)
            self._turns.end(turn, outcome)

        session.in_flight += weight
        self._journal.submit(change, done)

    def kick(self, conversation: Conversation, account: bytes, told: Done) -> None:
        """Put ``account`` out of a conversation; ``told`` is called with what came of it."""
        payload = departures.make_kick(self._signer, conversation, account)
        self._act(conversation, account, EntryKind.KICK, payload, told)

    def delete(self, conversation: Conversation, told: Done) -> None:
        """End a conversation; ``told`` is called with what came of it.

        The entry stands under the name of who has created it, and says that the server made it.
        """
        payload = departures.make_deletion(self._signer, conversation)
        self._act(conversation, conversation.creator, EntryKind.DELETE, payload, told)

    def _act(
        self, conversation: Conversation, author: bytes, kind: EntryKind, payload: bytes, told: Done
    ) -> None:
        """Put an entry of the server's own into a log."""
        change = changes.Append(
            conversation.id,
            author,
            kind,
            self._random_bytes(ID_SIZE),
            self._timers.now(),
            payload=payload,
            operator=True,
        )
        feed = self._feeds.feed(conversation)

        def done(outcome: Outcome | StoreError) -> None:
            if isinstance(outcome, outcomes.Appended):
                self._feeds.flush(feed)
                self._publish(feed, outcome)
            told(outcome)

        self._journal.submit(change, done)

    def _submit(self, change: Change, asked: Asked) -> None:
        asked.session.in_flight += asked.weight
        self._journal.submit(change, partial(self._stored, asked))

    def _stored(self, asked: Asked, outcome: Outcome | StoreError) -> None:
        session = asked.session
        session.in_flight -= asked.weight
        if isinstance(outcome, Refusal):
            session.refuse(asked.request, asked.refuse(outcome))
            return
        if not isinstance(outcome, outcomes.Appended):
            session.refuse(asked.request, refusals.STORAGE_FAILED)
            return
        entry = outcome.entry
        if entry.kind is EntryKind.DELETE and session.account.operator and not outcome.repeated:
            session.outlet.note(Happening.DELETION)
        recipient = self._recipient(asked.peer)
        reply = Appended(id=asked.request, seq=entry.seq, time=entry.time, recipient=recipient)
        feed = asked.feed
        if feed is None and outcome.conversation is not None:
            feed = self._feeds.feed(outcome.conversation)
        if outcome.repeated or feed is None:
            session.send(reply)
        elif entry.kind is EntryKind.LEAVE:
            self._places.change(feed, outcome, session)
            session.send(reply)
            self._feeds.gather(feed, outcome)
        elif not self._feeds.gather(feed, outcome, session, reply):
            self._feeds.flush(feed)
            session.send(reply)
            self._publish(feed, outcome, session)

    def _publish(
        self, feed: Feed, appended: outcomes.Appended, author: Session | None = None
    ) -> None:
        self._places.change(feed, appended, author)
        self._feeds.publish(feed, appended, author)
        if appended.entry.kind is EntryKind.DELETE:
            self._ended()

    def _recipient(self, peer: Account | None) -> Recipient | None:
        return self._connected.recipient(peer) if peer else None


def _refuse(peer: Account | None, refusal: Refusal) -> Sentence:
    if refusal == DO_NOT_DISTURB and peer is not None:
        return refusals.do_not_disturb(peer.nick)
    if refusal == ACCOUNT_ENDED and peer is not None:
        return refusals.account_ended(shown(peer))
    return refusals.BY_REFUSAL[refusal]


def _refuse_commit(
    conversation: Conversation, room_limit: int, ended: Sequence[str], refusal: Refusal
) -> Sentence:
    if refusal == NO_TURN and ended:
        return refusals.account_ended(ended[0])
    if refusal == ROOM_FULL:
        return refusals.full(conversation, room_limit)
    if refusal == NOT_ALLOWED:
        return refusals.NOT_ALLOWED_TO_CHANGE
    return refusals.BY_REFUSAL[refusal]
