"""Follows one conversation: subscribes to its log, takes what comes, and does what is due.

At most one procedure is under way, and only while there is a connection: to get in, to change the
group, to repair our copy. Messages are sent whenever the stage allows it.
"""

from enum import Enum
from functools import partial
from typing import Final

from geventim.chat.replies import ConversationInfo, EntryEvent, Error, Ok, Reply, Subscribed
from geventim.chat.requests import GiveUpTurn, Subscribe
from geventim.client import admission, amendment, entries, submission
from geventim.client.attention import Subject
from geventim.client.causes import Cause
from geventim.client.conversation import ContradictionError, Conversation
from geventim.client.courier import Courier
from geventim.client.effects import Ask, Operation, RefusedError
from geventim.client.entries import Verdict
from geventim.client.patience import Patience
from geventim.client.procedure import Procedure
from geventim.client.refusals import (
    NO_KEY_PACKAGE,
    NOT_A_MEMBER,
    OTHER_HISTORY,
    PASSING,
)
from geventim.client.stages import HOLDING, SUBMITTED, Move, Stage
from geventim.errors import PeerError, UserError

DISPUTE: Final = 10.0
"""Seconds for others to decide which of two heads counts, before we get in anew."""

ATTEMPTS: Final = 5
"""Attempts to get a key package of somebody who may just be coming."""


class Link(Enum):
    """Whether the log is delivered to us."""

    OFFLINE = "offline"
    ONLINE = "online"
    ASKED = "asked"
    FOLLOWING = "following"


class Follower:
    """Keeps ``conversation`` going."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        context = conversation.context
        self._context = context
        self._link = Link.OFFLINE
        self._subscription = 0
        self._end = 0
        self._procedure: Procedure | None = None
        self._patience = Patience(context.clock, context.random)
        self._courier = Courier(conversation)

    @property
    def settled(self) -> bool:
        """Whether everything was read that was in the log when we subscribed."""
        position = self.conversation.record.position
        return self._link is Link.FOLLOWING and position.seq >= self._end

    @property
    def engaged(self) -> bool:
        """Whether something is under way."""
        return self._procedure is not None or bool(self.conversation.parcels)

    @property
    def unread(self) -> bool:
        """Whether something is in the log that is on its way to us."""
        return self._link is Link.ASKED or (self._link is Link.FOLLOWING and not self.settled)

    @property
    def wake_at(self) -> float | None:
        """When something is due that nothing else brings about, in seconds since the epoch."""
        conversation, now = self.conversation, self._context.clock()
        times = [self._patience.until, self._courier.wake_at]
        if conversation.stage is Stage.STRANDED:
            times.append(conversation.record.resync_at)
        return min((time for time in times if time > now), default=None)

    def learn(self, info: ConversationInfo) -> None:
        """Take what the server says about the conversation, on this connection."""
        conversation = self.conversation
        conversation.learn(info)
        if self._link is Link.OFFLINE:
            self._link = Link.ONLINE
        unread = conversation.record.position.seq < info.head
        if self._link is Link.ONLINE and (info.member or unread):
            self._subscribe()
        elif not info.member and not unread and conversation.in_step:
            conversation.exclude()

    def disconnect(self) -> None:
        """The connection is gone, and with it the subscription and every request."""
        if self._procedure is not None:
            self._close_procedure()
        if self.conversation.stage in HOLDING:
            self.conversation.move(Move.LOSE)
        self._link = Link.OFFLINE
        self._patience.reset()
        self._courier.reset()

    def rejoin(self) -> None:
        """Go on with what the server has now, since a person wants to."""
        if self.conversation.stage is Stage.STOPPED:
            self.conversation.rejoin()
        self.conversation.record.resync_at = 0
        self._patience.reset()
        self._go_on()

    def take(self, entry: EntryEvent, payload: bytes) -> None:
        """Take an entry of the log. Raises :class:`PeerError` when one is missing before it."""
        conversation = self.conversation
        record = conversation.record
        if self._link is not Link.FOLLOWING or conversation.stage is Stage.STOPPED:
            # On its way when we asked for the log from elsewhere, or nothing is believed any more.
            return
        self._take_own()
        if not record.position.follows(entry.seq, entry.previous):
            return
        if entry.previous is not None:
            record.position.jump(entry.seq - 1, entry.previous)
        failure = self._context.failures.find(Subject(record.id, entry.seq))
        if failure is not None and failure.is_hopeless:
            conversation.explain(Cause.PASSED_OVER, author="somebody", place=failure.place)
        elif failure is not None and failure.is_final:
            entries.pass_over(conversation, entry, failure.place)
        elif entries.take(conversation, entry, payload) is Verdict.AGAIN:
            self._subscribe()
            return
        record.position.advance(entry.seq, payload[: len(payload) - entry.welcome])
        conversation.keep()

    def poll(self) -> None:
        """Do what is due."""
        if self._link is Link.OFFLINE:
            return
        self._take_own()
        if self.conversation.stage is Stage.ABSENT and not self.conversation.record.member:
            # The server delivers nothing more; a subscription that is asked for does not count.
            self._link = Link.ONLINE
            self._subscription += 1
        if self.conversation.is_stopped_for(Cause.BAD_GROUP) and not self._patience.waits:
            # The next commit of a member brings another state.
            self.conversation.retry()
            self._go_on()
        self._weigh_dispute()
        procedure = self._procedure
        if procedure is not None and self.conversation.stage not in HOLDING | SUBMITTED:
            # What it was for has come about, or has become impossible.
            self._close_procedure()
            self._give_up_turn()
        elif procedure is not None:
            procedure.poll()
        if self._procedure is None and not self._patience.waits:
            self._begin()
        if self.settled:
            self._courier.send()

    def _go_on(self) -> None:
        """Read on from where we have stopped to listen."""
        if self._link is not Link.OFFLINE and self.conversation.stage is not Stage.ABSENT:
            self._subscribe()

    def _subscribe(self) -> None:
        record = self.conversation.record
        position = record.position
        self._link = Link.ASKED
        self._subscription += 1
        request = Subscribe(
            id=0,
            conversation=record.id,
            incarnation=record.incarnation,
            after=position.seq,
            hash=position.hash or None,
        )
        then = partial(self._subscribed, self._subscription)
        self._context.exchange.send(Ask(request, Subscribed), then)

    def _subscribed(self, subscription: int, reply: Reply, _: bytes) -> None:
        if subscription != self._subscription:
            return
        conversation = self.conversation
        position = conversation.record.position
        if isinstance(reply, Subscribed):
            if reply.after < position.seq:
                raise PeerError("a log begins before where it was to begin")
            if reply.after == position.seq and position.hash not in {b"", reply.hash}:
                conversation.stop(Cause.REPLACED_HISTORY)
                return
            if reply.expired:
                first = position.seq + 1
                conversation.explain(Cause.EXPIRED, first=first, last=reply.expired)
            position.jump(reply.after, reply.hash)
            conversation.keep()
            # Where the end has expired, nothing says what of it still comes.
            self._end = reply.head if reply.expired < reply.head else reply.after
            self._link = Link.FOLLOWING
            return
        self._link = Link.ONLINE
        code = reply.code if isinstance(reply, Error) else ""
        if code == OTHER_HISTORY:
            conversation.stop(Cause.REPLACED_HISTORY)
        elif code == NOT_A_MEMBER:
            conversation.exclude()
        else:
            raise PeerError(f"a subscription was refused: {code}")

    def _take_own(self) -> None:
        """Take entries of ours that are next: they need not come, the server has said where."""
        conversation = self.conversation
        position = conversation.record.position
        while self._link is Link.FOLLOWING and conversation.stage is not Stage.STOPPED:
            seq = position.seq + 1
            parcel, pending = conversation.parcels.accepted_at(seq), conversation.pending
            if parcel is not None:
                position.advance(seq, parcel.sealed)
                conversation.parcels.forget(parcel)
                conversation.keep()
            elif pending is not None and pending.seq == seq:
                position.advance(seq, pending.message)
                self._merge(Subject(conversation.id, seq))
            else:
                return

    def _merge(self, commit: Subject) -> None:
        """Be in the group that our commit leads to, unless this program fails with it."""
        conversation, failures = self.conversation, self._context.failures
        failure = failures.find(commit)
        if failure is not None and failure.is_final:
            nick = self._context.nick
            conversation.explain(Cause.PASSED_OVER, author=nick, place=failure.place)
            conversation.strand(Cause.BEHIND)
        else:
            with self._context.attention.on(commit):
                conversation.merge_pending(commit.seq)
        failures.forget(commit)

    def _weigh_dispute(self) -> None:
        """Say that a commit cannot be applied; get in anew if nobody decides what is to be."""
        record = self.conversation.record
        if not record.disputed or self._link is not Link.FOLLOWING:
            return
        self.conversation.strand(Cause.BEHIND)

    def _begin(self) -> None:
        operation = self._next()
        if operation is not None:
            about = Subject(self.conversation.id)
            self._procedure = Procedure(self._context, operation, self._done, about)
            self._procedure.begin()

    def _next(self) -> Operation | None:
        """What is due now."""
        conversation = self.conversation
        stage, pending = conversation.stage, conversation.pending
        if stage in {Stage.ABSENT, Stage.INVITED}:
            return admission.enter(conversation) if self._may_enter() else None
        if stage in SUBMITTED and pending is not None:
            if pending.seq == 0:
                return submission.resubmit(conversation)
            if self._link is Link.ONLINE:
                self._subscribe()
        elif stage is Stage.STRANDED and self._link is Link.FOLLOWING:
            if self._context.clock() >= conversation.record.resync_at:
                return admission.reenter(conversation)
        elif stage is Stage.ACTIVE and self.settled and amendment.is_due(conversation):
            return amendment.amend(conversation)
        return None

    def _may_enter(self) -> bool:
        conversation = self.conversation
        if conversation.record.member:
            return self.settled and conversation.wanted
        return self._link is Link.ONLINE and conversation.wanted

    def _done(self, error: UserError | PeerError | None) -> None:
        """A procedure has ended."""
        self._procedure = None
        conversation = self.conversation
        if conversation.stage in HOLDING:
            conversation.move(Move.REFUSE)
            self._give_up_turn()
        if error is None and conversation.stage is not Stage.INVITED:
            self._patience.reset()
        elif error is None or self._may_pass(error):
            self._patience.fail()
        elif isinstance(error, ContradictionError):
            conversation.stop(error.cause)
        elif isinstance(error, PeerError):
            self._patience.fail()
            conversation.stop(Cause.BAD_GROUP)
        else:
            self._patience.fail()
            conversation.fail(error)

    def _may_pass(self, error: UserError | PeerError) -> bool:
        if not isinstance(error, RefusedError):
            return False
        is_new = error.code == NO_KEY_PACKAGE and self._patience.failures < ATTEMPTS
        return error.code in PASSING or is_new

    def _close_procedure(self) -> None:
        procedure, self._procedure = self._procedure, None
        if procedure is not None:
            procedure.close()

    def _give_up_turn(self) -> None:
        request = GiveUpTurn(id=0, conversation=self.conversation.id)
        self._context.exchange.send(Ask(request, Ok), _ignore)


def _ignore(_: Reply, __: bytes) -> None:
    """Whether there was a turn to give up makes no difference."""
