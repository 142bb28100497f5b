"""Putting entries into logs: messages, leaves, deletes and commits; and contesting a commit."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from geventim.chat import limits, log
from geventim.chat.replies import Appended, Ok, Recipient
from geventim.chat.requests import Append, Commit, Contest
from geventim.chat.values import Account, EntryKind
from geventim.errors import StoreError
from geventim.service import refusals
from geventim.service.accounts import Accounts
from geventim.service.feeds import Feed, Feeds
from geventim.service.places import Places
from geventim.service.ports import Journal, Timers
from geventim.service.presence import Connected
from geventim.service.refusals import Sentence
from geventim.service.sessions import Session
from geventim.service.turns import Turns


@dataclass(frozen=True, slots=True)
class Asked:
    """What an outcome answers: the ``request`` of a session, about the log of ``feed``.

    ``peer`` is the other one when two talk; ``refuse`` finds the sentence for a refusal.
    """

    session: Session
    request: int
    feed: Feed
    refuse: Callable[[log.Refusal], Sentence]
    peer: Account | None = None


class Entries:
    """What becomes of entries; ``room_limit`` bounds the members of a room."""

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        connected: Connected,
        feeds: Feeds,
        places: Places,
        turns: Turns,
        timers: Timers,
        room_limit: int,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._connected = connected
        self._feeds = feeds
        self._places = places
        self._turns = turns
        self._timers = timers
        self._room_limit = room_limit

    def append(self, session: Session, request: Append, payload: bytes) -> None:
        """Put an entry into a log; the reply is sent when it is on disk."""
        if request.kind is EntryKind.COMMIT:
            raise refusals.malformed("append", "it does not take commits").error()
        if len(payload) > limits.PAYLOAD_SIZE:
            raise refusals.TOO_LARGE.error()
        feed = self._feed(session, request.conversation)
        place = session.places.get(request.conversation)
        peer = self._journal.account(place.peer) if place and place.peer else None
        account = session.account
        now = self._timers.now()
        change = log.Append(
            request.conversation,
            account.id,
            request.kind,
            request.message_id,
            now,
            request.head,
            payload,
            operator=account.operator,
        )
        asked = Asked(session, request.id, feed, partial(_refuse_append, peer), peer)
        session.in_flight += 1
        within = self._feeds.wait(feed) if request.kind is EntryKind.MESSAGE else 0.0
        self._journal.submit(change, partial(self._stored, asked), within)

    def commit(self, session: Session, request: Commit, payload: bytes) -> None:
        """Put a commit into a log, which ends the turn; the reply is sent when it is on disk."""
        if len(payload) > limits.COMMIT_SIZE:
            raise refusals.COMMIT_TOO_LARGE.error()
        end = request.message + request.welcome
        if end >= len(payload):
            raise refusals.malformed("commit", "it has no GroupInfo").error()
        if len(request.added) + len(request.removed) > limits.MEMBERS:
            raise refusals.malformed("commit", "it names too many people").error()
        self._accounts.check(request.added + request.removed)
        feed = self._feed(session, request.conversation)
        turn = self._turns.use(session, request.conversation)
        change = log.Commit(
            request.conversation,
            session.account.id,
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
            turn is not None,
        )
        refuse = partial(_refuse_commit, feed.conversation.name, self._room_limit)
        asked = Asked(session, request.id, feed, refuse)

        def done(outcome: log.Outcome | StoreError) -> None:
            self._stored(asked, outcome)
            if turn is not None:
                self._turns.end(request.conversation, turn)

        session.in_flight += 1
        self._journal.submit(change, done)

    def contest(self, session: Session, request: Contest) -> Ok:
        """Let others go on without a commit that the account cannot apply."""
        change = log.Contest(request.conversation, session.account.id, request.seq)
        (outcome,) = self._journal.commit([change])
        if outcome == log.NOT_ALLOWED:
            raise refusals.NOT_CONTESTABLE.error()
        if isinstance(outcome, log.Refusal):
            raise refusals.BY_REFUSAL[outcome].error()
        return Ok(id=request.id)

    def _stored(self, asked: Asked, outcome: log.Outcome | StoreError) -> None:
        session = asked.session
        session.in_flight -= 1
        if isinstance(outcome, log.Refusal):
            session.send(asked.refuse(outcome).reply(asked.request))
            return
        if not isinstance(outcome, log.Appended):
            session.send(refusals.STORAGE_FAILED.reply(asked.request))
            return
        entry = outcome.entry
        recipient = self._recipient(asked.peer)
        reply = Appended(id=asked.request, seq=entry.seq, time=entry.time, recipient=recipient)
        if outcome.repeated:
            session.send(reply)
        elif entry.kind is EntryKind.LEAVE:
            self._places.change(asked.feed, outcome, session)
            session.send(reply)
            self._feeds.gather(asked.feed, outcome)
        elif not self._feeds.gather(asked.feed, outcome, session, reply):
            self._feeds.flush(asked.feed)
            session.send(reply)
            self._places.change(asked.feed, outcome, session)
            self._feeds.publish(asked.feed, outcome, session)

    def _recipient(self, peer: Account | None) -> Recipient | None:
        return self._connected.recipient(peer) if peer else None

    def _feed(self, session: Session, conversation: bytes) -> Feed:
        place = session.places.get(conversation)
        if place is not None:
            return place.feed
        # It may be somebody who joins a room, an operator's delete, or the repetition of a leave.
        found = self._journal.conversation(conversation)
        if found is None:
            raise refusals.NO_CONVERSATION.error()
        return self._feeds.feed(found)


def _refuse_append(peer: Account | None, refusal: log.Refusal) -> Sentence:
    if refusal == log.DO_NOT_DISTURB and peer is not None:
        return refusals.do_not_disturb(peer.nick)
    return refusals.BY_REFUSAL[refusal]


def _refuse_commit(name: str, room_limit: int, refusal: log.Refusal) -> Sentence:
    if refusal == log.ROOM_FULL:
        return refusals.room_full(name, room_limit)
    if refusal == log.NOT_ALLOWED:
        return refusals.NOT_ALLOWED_TO_CHANGE
    return refusals.BY_REFUSAL[refusal]
