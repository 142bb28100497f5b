"""Follows one conversation: subscribes to its log, takes what comes, and does what is due.

At most one procedure is under way, and only while there is a connection: to get in, to change the
group, to get in anew. Messages are sent whenever the stage allows it, and help is asked for when we
are out of step.
"""

from enum import Enum
from functools import partial
from typing import Final

from geventim.chat.replies import (
    Asks,
    ConversationInfo,
    EntryEvent,
    Error,
    Helped,
    Ok,
    Reply,
    StateWanted,
    Subscribed,
    Voided,
)
from geventim.chat.requests import GiveUpTurn, Subscribe
from geventim.chat.values import Kind
from geventim.client.causes import Cause, ContradictionError
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.posting import write_again
from geventim.client.conversation.reports import Wait, has_missed, tell_missed
from geventim.client.following import admission, amendment, entries, submission, vouching
from geventim.client.following.admission import STATES, BadStateError
from geventim.client.following.arrival import heard_at, lose_seat, rejoin
from geventim.client.following.courier import Courier
from geventim.client.following.objections import Objections
from geventim.client.following.read_marks import ReadMarks
from geventim.client.following.seeking import Seeker
from geventim.client.kept.stages import HOLDING, SUBMITTED, Move, Stage
from geventim.client.steps.attention import Subject
from geventim.client.steps.effects import Ask, Operation, RefusedError
from geventim.client.steps.patience import Patience
from geventim.client.steps.procedure import Procedure
from geventim.client.steps.refusals import NO_KEY_PACKAGE, NOT_A_MEMBER, OTHER_HISTORY, PASSING
from geventim.client.steps.spacing import Spacing
from geventim.errors import PeerError, UserError

ATTEMPTS: Final = 5
"""Attempts to get a key package of somebody who may just be coming."""


PAUSE: Final = 0.5
"""Seconds between two states that are tried."""


class Link(Enum):
    """Whether the log is delivered to us."""

    OFFLINE = "offline"
    ONLINE = "online"
    ASKED = "asked"
    FOLLOWING = "following"


class Follower:
    """Keeps ``conversation`` going; ``spacing`` is for what many may want at the same time."""

    def __init__(self, conversation: Conversation, spacing: Spacing) -> None:
        self.conversation = conversation
        self._spacing = spacing
        self._search_at: float | None = None
        self._looked = 0.0
        user = conversation.user
        self._user = user
        self._link = Link.OFFLINE
        self._subscription = 0
        self._end = 0
        self._procedure: Procedure | None = None
        self._patience = Patience(user.clock, user.random)
        self._courier = Courier(conversation)
        self._read_marks = ReadMarks(conversation)
        self._seeker = Seeker(conversation)
        self._renewal_asked: float | None = None
        self._objections = Objections(conversation)
        self._wait = Wait(conversation)

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
        if self.conversation.needs_person:
            return False  # nothing is believed any more
        return self._link is Link.ASKED or (self._link is Link.FOLLOWING and not self.settled)

    @property
    def wake_at(self) -> float | None:
        """When something is due that nothing else brings about, in seconds since the epoch."""
        owing = self.conversation.owing
        times = [
            self._patience.until,
            self._courier.wake_at,
            self._read_marks.wake_at,
            self.conversation.timer_line.wake_at,
            self._seeker.wake_at,
            owing.healing_at,
            owing.removal_at,
            owing.knock_at,
            self.conversation.needed_until,
            heard_at(self.conversation),
            self._search_at,
            self._objections.wake_at,
            self._wait.wake_at,
        ]
        if self._renewal_asked is not None:
            times.append(self._renewal_asked + amendment.PATIENCE)
        # What has become due while we looked is not to be missed.
        looked = self._looked
        return min((time for time in times if time is not None and time > looked), default=None)

    def learn(self, info: ConversationInfo) -> None:
        """Take what the server says about the conversation, on this connection."""
        conversation = self.conversation
        conversation.learn(info)
        if self._link is Link.OFFLINE:
            self._link = Link.ONLINE
        unread = conversation.record.position.seq < info.head
        if self._link is Link.ONLINE and (info.member or unread):
            self._subscribe()
        elif not (info.member or unread or conversation.needs_person) and conversation.seat:
            conversation.exclude()

    def disconnect(self) -> None:
        """The connection is gone, and with it the subscription and every request."""
        if self._procedure is not None:
            self._close_procedure()
        if self.conversation.stage in HOLDING:
            self.conversation.move(Move.LOSE)
        # Coming in again may need a commit, and what was asked is asked again after that.
        self.conversation.is_leaving = False
        self._link = Link.OFFLINE
        self._search_at = None
        self._seeker.reset()
        self._objections.reset()
        self._patience.reset()
        self._courier.reset()

    def rejoin(self) -> None:
        """Go on with what the server has now, since a person wants to."""
        if self.conversation.needs_person or self.conversation.is_held_up:
            rejoin(self.conversation)
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
        if conversation.overtaken:
            self._subscribe()
            return
        if not record.position.follows(entry.seq, entry.previous):
            return
        if entry.previous is not None:
            record.position.jump(entry.seq - 1, entry.previous)
        failure = self._user.failures.find(Subject(record.id, entry.seq))
        if failure is not None and failure.is_hopeless:
            conversation.explain(Cause.PASSED_OVER, author="somebody", place=failure.place)
        elif failure is not None and failure.is_final:
            entries.pass_over(conversation, entry, failure.place)
        else:
            verdict = entries.take(conversation, entry, payload)
            self._objections.note(entry, verdict, settled=self.settled)
        record.position.advance(entry.seq, payload[: len(payload) - entry.welcome])
        conversation.keep()

    def poll(self) -> None:
        """Do what is due."""
        self._looked = self._user.clock()
        if self._link is Link.OFFLINE:
            return
        self._take_own()
        if self.conversation.stage is Stage.ABSENT and not self.conversation.record.member:
            # The server delivers nothing more; a subscription that is asked for does not count.
            self._link = Link.ONLINE
            self._subscription += 1
        procedure = self._procedure
        is_void = procedure is not None and self.conversation.stage not in HOLDING | SUBMITTED
        if procedure is not None and is_void and not procedure.is_committing:
            # What it was for has come about, or has become impossible.
            self._close_procedure()
            self._give_up_turn()
        elif procedure is not None:
            procedure.poll()
        if self.conversation.overtaken and self._link is Link.FOLLOWING:
            self._subscribe()
        self._weigh_renewal()
        if self.settled:
            self._objections.weigh()
            self._objections.tell()
        if self._procedure is None and not self._patience.waits:
            self._begin()
        self._wait.poll()
        self.conversation.timer_line.poll()
        if self.settled:
            self._seeker.poll()
            conversation = self.conversation
            if conversation.in_step and has_missed(conversation) and not self._seeker.looks_back:
                tell_missed(conversation)
            self._read_marks.poll()
            self._courier.send()

    def hear(self, event: Asks | Helped | Voided | StateWanted, payload: bytes) -> None:
        """Take what other members have to say beside the log."""
        conversation = self.conversation
        if conversation.stage is Stage.STOPPED:
            return
        if isinstance(event, Voided):
            self._objections.hear(event, payload)
            return
        if not self.settled:
            return
        match event:
            case Asks():
                start = 0
                for account, size in zip(event.accounts, event.sizes, strict=False):
                    conversation.helper.hear(account, payload[start : start + size])
                    start += size
            case Helped():
                self._seeker.take(payload)
            case StateWanted():
                if conversation.in_step:
                    vouching.give_state(conversation)

    def _go_on(self) -> None:
        """Read on from where we have stopped to listen."""
        is_outside = self.conversation.stage is Stage.ABSENT and not self.conversation.record.member
        if self._link is not Link.OFFLINE and not is_outside:
            self._subscribe()

    def _subscribe(self) -> None:
        record = self.conversation.record
        position = record.position
        self._link = Link.ASKED
        self._subscription += 1
        self.conversation.overtaken = False
        request = Subscribe(
            id=0,
            conversation=record.id,
            incarnation=record.incarnation,
            after=position.seq,
            hash=position.hash or None,
        )
        then = partial(self._subscribed, self._subscription)
        self._user.ways.exchange.send(Ask(request, Subscribed), then)

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
        conversation, failures = self.conversation, self._user.failures
        failure = failures.find(commit)
        if failure is not None and failure.is_final:
            nick = self._user.nick
            conversation.explain(Cause.PASSED_OVER, author=nick, place=failure.place)
            conversation.record.head = commit.seq
            lose_seat(conversation)
        else:
            with self._user.ways.attention.on(commit):
                conversation.merge_pending(commit.seq)
                write_again(conversation, commit.seq)
        failures.forget(commit)

    def _weigh_renewal(self) -> None:
        """Let messages go without fresh keys, if there is no turn for these."""
        conversation, clock = self.conversation, self._user.clock
        if not (conversation.parcels.renewing and self.settled and amendment.renews(conversation)):
            self._renewal_asked = None
        elif self._renewal_asked is None:
            self._renewal_asked = clock()
        elif clock() - self._renewal_asked >= amendment.PATIENCE:
            conversation.is_renewal_put_off = True

    def _begin(self) -> None:
        operation = self._next()
        if operation is not None:
            about = Subject(self.conversation.id)
            self._procedure = Procedure(self._user.ways, operation, self._done, about)
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
        elif stage is Stage.OUTSIDE and self.settled and self._seeker.is_due:
            if conversation.seat is None:
                return admission.recover(conversation) if self._may_search() else None
            return admission.reenter(conversation)
        elif stage is Stage.ACTIVE and self.settled and not conversation.is_leaving:
            return amendment.amend(conversation) if amendment.is_due(conversation) else None
        return None

    def _may_search(self) -> bool:
        """Whether to look for a state of the group now, where we have no seat.

        Where the user never was, that has to wait for its time: it may be one group of thousands.
        """
        if self.conversation.record.epoch >= 0 or self.conversation.record.kind is Kind.ROOM:
            return True
        if self._search_at is None:
            self._search_at = self._spacing.reserve()
        if self._user.clock() < self._search_at:
            return False
        self._search_at = None
        return True

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
            conversation.bad_states = 0
        elif error is None or self._may_pass(error):
            self._patience.fail()
        elif isinstance(error, ContradictionError):
            conversation.stop(error.cause)
        elif isinstance(error, BadStateError):
            self._weigh_state(error.cause)
        elif isinstance(error, PeerError):
            self._patience.fail()
            conversation.stop(Cause.BAD_GROUP)
        else:
            self._patience.fail()
            conversation.fail(error)

    def _weigh_state(self, cause: Cause) -> None:
        """Try the state of another member; if none is right, wait for longer, and say so."""
        self.conversation.bad_states += 1
        if self.conversation.bad_states < STATES:
            self._patience.pause(PAUSE)
        else:
            self._patience.fail()
            self.conversation.hold_up(cause)

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
        self._user.ways.exchange.send(Ask(request, Ok), _ignore)


def _ignore(_: Reply, __: bytes) -> None:
    """Whether there was a turn to give up makes no difference."""
