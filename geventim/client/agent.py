"""One user's side of a conversation with a server: records and wishes in, frames and events out.

The rim calls :meth:`Agent.connected` when the channel is open, :meth:`Agent.receive` for each
record, :meth:`Agent.disconnected` when the connection is gone, :meth:`Agent.grant` for each wish,
and :meth:`Agent.tick` at :attr:`Agent.wake_at`. After every call it fetches what has come of it,
all at the same moment. It shows the events, then keeps the changes, then sends the frames, so that
nothing leaves whose loss would not be remembered. It also has work done that takes its time.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, get_args

from geventim.chat import codec
from geventim.chat.replies import (
    Added,
    Announcement,
    AnyEvent,
    Asks,
    ConversationInfo,
    Dismissed,
    EntryEvent,
    Error,
    Helped,
    LowOnKeyPackages,
    Ok,
    Presence,
    Reply,
    StateWanted,
    Superseded,
    Voided,
)
from geventim.chat.requests import GetChunk, ListConversations, PutChunk, Quit, Request
from geventim.client import events
from geventim.client.answers import LEAVING, Answer
from geventim.client.files.disk import Disk, NoDisk
from geventim.client.files.records import Records
from geventim.client.files.transfer import Means
from geventim.client.files.transfers import Transfers
from geventim.client.kept.memory import Memory
from geventim.client.measures import USUAL, Measures
from geventim.client.operations import granting, presence, speech
from geventim.client.operations.cancelling import cancel
from geventim.client.operations.context import Context
from geventim.client.operations.conversations import Conversations
from geventim.client.operations.overview import Overview
from geventim.client.operations.parting import leave
from geventim.client.operations.reading import recall
from geventim.client.operations.saying import files
from geventim.client.operations.threshold import Threshold
from geventim.client.operations.upkeep import Upkeep
from geventim.client.outcomes import farewell, outcome, pause
from geventim.client.people.profile import ADMITTED, Profile, moved_out
from geventim.client.phases import MOVES, Ended, Phase
from geventim.client.steps.attention import Subject
from geventim.client.steps.clocks import Clocks
from geventim.client.steps.effects import Ask, Compute, Labour, Leave, RefusedError
from geventim.client.steps.exchange import Exchange
from geventim.client.steps.legacy import Legacy, Order
from geventim.client.steps.outbox import Manner, Task
from geventim.client.steps.outboxes import Outboxes
from geventim.client.steps.refusals import STORAGE_FAILED, refusal
from geventim.client.steps.ways import Ways
from geventim.client.steps.workshop import Work, Workshop
from geventim.client.told import OWN, Told, cause
from geventim.client.user import User
from geventim.client.wishes import BadWishError, Wish
from geventim.errors import DeniedError, MisuseError, PeerError, UserError

EVENT_TYPES: Final = frozenset(event.__struct_config__.tag for event in get_args(AnyEvent))


class Agent:
    """The client of ``profile``.

    ``clock`` gives seconds since the epoch, ``random`` so many unpredictable bytes. Files come from
    ``disk`` and go there, if there is one. Raises :class:`StoreError` if what is kept is damaged.
    """

    def __init__(
        self,
        profile: Profile,
        memory: Memory,
        *,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        disk: Disk | None = None,
        measures: Measures = USUAL,
    ) -> None:
        self._memory = memory
        self._clocks = Clocks(clock)
        self._clock = clock = self._clocks.now
        self._ended: Ended | None = None
        self._told: list[Told] = []
        self._workshop = Workshop()
        self._exchange = Exchange(clock, lambda seconds: self._tell(pause(seconds)))
        ways = Ways(self._exchange, self._workshop.hand_out)
        self._user = User(profile, memory, ways, self._clocks, random, self._tell, measures)
        means = Means(ways, disk or NoDisk(), clock, random, self._tell, self._name_of)
        self._user.transfers = Transfers(means, Records(memory))
        self._conversations = Conversations(self._user)
        self._context = Context(self._user, self._conversations)
        self._threshold = Threshold(self._context, self._entered)
        self._overview = Overview(self._context)
        self._upkeep = Upkeep(self._context)
        self._outbox = Outboxes(OWN, self._perform, self._report)
        self._context.cancel = partial(cancel, self._context, self._outbox)
        self._refused = 0
        self._server = profile.server
        self._check: Callable[[], None] = lambda: None
        if self.has_been_in:
            self._context.return_to(profile.room)
            self._outbox.cut_off()

    @property
    def has_been_in(self) -> bool:
        """Whether there is something to do before there is a connection."""
        return self._memory.get(ADMITTED) is not None

    @property
    def phase(self) -> Phase:
        """Where the agent stands."""
        return self._context.phase

    @property
    def ended(self) -> Ended | None:
        """How it ended, once it has."""
        return self._ended

    @property
    def undelivered(self) -> int:
        """Wishes of the process itself that have not taken effect yet."""
        return self.pending(OWN)

    @property
    def unkept(self) -> int:
        """Those of them that come to nothing if the process ends."""
        return self._outbox.unkept - len(self._user.letters)

    @property
    def refused(self) -> int:
        """Wishes of the process itself that came to nothing, so far."""
        return self._refused

    @property
    def may_leave_for_now(self) -> bool:
        """Whether the user wants to leave, and nothing but messages that are kept is left to do."""
        return self._outbox.is_leaving and not self.unkept

    @property
    def wake_at(self) -> float | None:
        """When to call :meth:`tick`, by the clock that says :attr:`now`."""
        if self.phase is Phase.ENDED:
            return None
        user = self._user
        parts = (self._conversations, self._exchange, user.digest, self._overview, self._upkeep)
        times = [self._outbox.late_at, self._threshold.wake_at, *(part.wake_at for part in parts)]
        return min((time for time in times if time is not None), default=None)

    @property
    def now(self) -> float:
        """Seconds since the epoch by a clock that never goes back."""
        return self._clock()

    @property
    def signs_life(self) -> bool:
        """Whether this connection has signs of life, as both sides have announced."""
        return self.phase is not Phase.OFFLINE and self._context.life_signs

    @property
    def is_waiting(self) -> bool:
        """Whether the server should answer soon."""
        return self._exchange.is_awaited

    def pending(self, asker: int) -> int:
        """What ``asker`` wanted, and has not taken effect yet."""
        return self._outbox.lines(asker)

    @property
    def context(self) -> Context:
        """What operations work with."""
        return self._context

    def connected(self, address: str = "") -> None:
        """The channel to the server is open, at ``address`` if it has several."""
        if self._user.has_moved_out:
            self._end(Ended(moved_out(self._user.nick)))
            return
        self._move(Phase.ENTERING)
        self._server = address or self._user.profile.server
        self._threshold.begin()
        self._settle_all()

    def disconnected(self) -> None:
        """The channel is gone; what was not answered will be asked again on the next one."""
        if self.phase is Phase.ENDED:
            return
        self._move(Phase.OFFLINE)
        self._threshold.close()
        self._upkeep.close()
        self._exchange.reset()
        self._user.transfers.suspend()
        self._context.life_signs = False
        self._conversations.disconnect()
        if any(isinstance(task.effect, Leave) for task in self._outbox.begun()):
            self._end(Ended())
        elif self.has_been_in:
            self._outbox.cut_off()

    def receive(self, record: bytes) -> None:
        """Take the content of a record.

        Raises :class:`PeerError` for what a server must not send; then the connection has to be
        ended, and :meth:`disconnected` called.
        """
        for message, payload in codec.replies.decode(record):
            if self.phase is Phase.ENDED:
                return
            # What one message has made possible is done before the next one is read.
            self._conversations.catch_up()
            if isinstance(message, codec.Malformed):
                # An event of a later version can be left out; a reply or an entry cannot.
                if message.id is not None or message.type in EVENT_TYPES:
                    raise PeerError(f"a '{message.type}' that is not valid")
            elif isinstance(message, Reply):
                with self._user.ways.attention.on(self._exchange.subject(message)):
                    self._attend(self._exchange.receive(message, payload))
            else:
                self._receive_event(message, payload)
                self._attend(message)
        self._settle()

    def grant(self, wish: Wish, asker: int = OWN) -> None:
        """Take a wish of ``asker``. It is answered after those of theirs before it."""
        task = granting.grant(self._context, wish, self._clocks.date(), asker)
        task.asker, task.again = asker, lambda agent: agent.grant(wish, asker)
        if not self._outbox.put(task):
            self._report(task, DeniedError(LEAVING))
        self._settle_all(but_idle=self._outbox.talked)

    def reject(self, error: UserError, asker: int = OWN) -> None:
        """Answer, in its turn, what ``asker`` has said instead of a wish."""
        wish = error if isinstance(error, BadWishError) else BadWishError(None, error.code)
        task = Task(granting.refuse(error), wish=wish, asker=asker)
        task.again = lambda agent: agent.reject(error, asker)
        self._outbox.put(task)
        self._settle_all()

    def leave(self) -> None:
        """Take the wish to leave, after all others."""
        self._outbox.put(Task(leave(self._context), Manner.LAST, Agent.leave))

    def tick(self) -> None:
        """Some time has passed."""
        self._conversations.stir_due()
        self._settle()
        if self.phase is Phase.ENDED:
            return
        self._threshold.tick()
        for asker, late in self._outbox.take_late(self._clock()).items():
            lines, requests = zip(*((each.line, each.wish) for each in late), strict=True)
            self._told.append(Told.to(asker, events.Delayed(lines, requests)))

    def finished(self, work: Work, result: Any) -> None:
        """Take the result of ``work``."""
        work.resume(result)
        self._settle_after(work)

    def failed(self, work: Work, error: UserError | PeerError) -> None:
        """Take what came of ``work`` instead of a result."""
        work.fail(error)
        self._settle_after(work)

    def recall(self, count: int) -> None:
        """Tell the user again the last ``count`` messages that were shown; reads them at once."""
        recall.begin_with(self._context, count)

    def take_up(self, orders: Sequence[Order] = ()) -> None:
        """Deliver what was left to be delivered, but what ``orders`` are for."""
        for task in speech.take_up(self._context, orders):
            self._outbox.put(task)

    def bequeath(self) -> Legacy:
        """What another agent needs that takes the place of this one, which has failed."""
        context = self._context
        orders = [
            Order(task.again, task.message_id, task.wish, task.asker)
            for task in self._outbox.unsettled()
            if task.again is not None
        ]
        failed = self._outbox.failed
        if failed is not None and failed.wish is not None:
            error, asker = BadWishError.of(failed.wish), failed.asker
            orders.insert(0, Order(lambda agent: agent.reject(error, asker), b"", None))
        blamed = self._user.ways.attention.failed
        return Legacy(context.room, context.room_name, self._refused, tuple(orders), blamed)

    def inherit(self, legacy: Legacy) -> None:
        """Go on for an agent that has failed; from now on, see that each entry can be kept."""
        self._context.room, self._context.room_name = legacy.room, legacy.room_name
        self._refused = legacy.refused
        # What is wrong with a change may come to light when it is taken, if it is not looked for.
        self._check = self._memory.settle
        parcels = [conversation.parcels for conversation in self._conversations]
        kept = {parcel.message_id: parcel for each in parcels for parcel in each.waiting()}
        self.take_up(legacy.orders)
        for order in legacy.orders:
            parcel = kept.get(order.message_id)
            steps = None
            if parcel is not None:
                steps = speech.follow(parcel)
            elif order.wish is not None:
                steps = speech.resume(self._context, order.wish, order.asker)
            if steps is None:
                order.again(self)
            elif order.wish is not None:
                task = Task(steps, Manner.TOGETHER, order.again, None, order.wish, order.asker)
                self._outbox.put(task)

    def take_frames(self) -> list[bytes]:
        """The frames to send, in order; each is handed out once."""
        return self._exchange.take_frames()

    def take_chunk(self) -> bytes | None:
        """A frame with a part of a file, to be sent when nothing else waits; handed out once."""
        return self._exchange.take_chunk()

    def take_told(self) -> list[Told]:
        """What to tell all front ends of the user, or one; each is handed out once."""
        taken, self._told = self._told, []
        return taken

    def take_events(self) -> list[events.Event | Answer]:
        """The same, where there is one front end."""
        return [told.item for told in self.take_told()]

    def take_changes(self) -> dict[str, bytes | None]:
        """What to keep before any frame that was taken with it is sent; None means to forget."""
        changes = self._memory.take_changes()
        self._outbox.settle()
        return changes

    def take_work(self) -> list[Work]:
        """What to compute; each is handed out once."""
        return self._workshop.take()

    def _move(self, phase: Phase) -> None:
        if phase not in MOVES[self.phase]:
            raise MisuseError(f"an agent that is {self.phase.value} cannot be {phase.value}")
        self._context.phase = phase

    def _end(self, ended: Ended) -> None:
        self._move(Phase.ENDED)
        self._ended = ended
        self._user.digest.close()

    def _receive_event(self, event: AnyEvent, payload: bytes) -> None:
        match event:
            case EntryEvent():
                self._take(event, payload)
            case Presence():
                presence.tell(self._context, event)
            case Added():
                self._conversations.introduce(event.conversation)
            case Asks() | Helped() | Voided() | StateWanted():
                self._conversations.hear(event, payload)
            case LowOnKeyPackages():
                self._user.packages.run_low(event.left)
            case Announcement():
                self._user.emit(events.Announcement(event.text))
            case Superseded() | Dismissed():
                self._end(Ended(farewell(self._user.nick, event)))

    def _take(self, entry: EntryEvent, payload: bytes) -> None:
        subject = Subject(entry.conversation, entry.seq)
        with self._user.ways.attention.on(subject):
            self._conversations.take(entry, payload)
            self._check()
        self._user.failures.forget(subject)
        if self._user.has_moved_out:
            self._end(Ended(moved_out(self._user.nick)))

    def _entered(self, error: UserError | PeerError | None) -> None:
        """The entrance procedure has ended."""
        if isinstance(error, PeerError):
            raise error
        if isinstance(error, RefusedError) and error.code == STORAGE_FAILED:
            raise PeerError("the server could not let us in") from error
        if error is not None:
            self._end(Ended(error))
            return
        self._move(Phase.READY)
        name = room.name if (room := self._context.room_joined) else ""
        self._user.emit(events.Connected(self._user.nick, self._server, name))
        for task in self._outbox.begun():
            self._speak(task)
        self._outbox.open()

    def _settle_after(self, work: Work) -> None:
        if work.wish.labour in {Labour.MOVING, Labour.PICTURING}:
            self._settle()
        else:
            self._settle_all()

    def _name_of(self, conversation: bytes) -> str:
        place = self._conversations.get(conversation)
        return "" if place is None else place.name

    def _attend(self, message: Request | AnyEvent) -> None:
        """Do what has become possible by an event, or by the reply to a request."""
        conversation = getattr(message, "conversation", None)
        if isinstance(message, Presence | ListConversations | PutChunk | GetChunk):
            return
        if isinstance(conversation, bytes):
            self._conversations.stir(conversation)
        elif isinstance(conversation, ConversationInfo):
            self._conversations.stir(conversation.id)
        else:
            self._settle_all()

    def _settle_all(self, *, but_idle: bool = False) -> None:
        """Do everything that has become possible, anywhere."""
        self._conversations.stir_all(but_idle=but_idle)
        self._settle()

    def _settle(self) -> None:
        """Do everything that has become possible where something has happened."""
        if self.phase is Phase.ENDED:
            return
        self._user.digest.tick()
        self._overview.tick()
        if self.phase is not Phase.OFFLINE:
            self._exchange.poll()
            self._conversations.poll()
            if self._threshold.poll():
                self._conversations.stir_all()
        is_ready = self.phase is Phase.READY
        self._upkeep.poll(is_ready=is_ready)
        self._user.transfers.poll(is_ready=is_ready)
        files.post_sent(self._context)
        while self._outbox.poll():
            self._conversations.stir_all(but_idle=self._outbox.talked)
            self._conversations.poll()
        self._conversations.poll()
        self._conversations.rest()

    def _perform(self, task: Task) -> None:
        """Carry out the effect that ``task`` waits for, or leave it until it is possible."""
        if isinstance(task.effect, Compute):
            resume, refuse = partial(self._outbox.resume, task), partial(self._outbox.refuse, task)
            self._workshop.hand_out(task.effect, resume, refuse)
        elif self.phase is Phase.READY:
            self._speak(task)
        elif isinstance(task.effect, Leave) and self.phase is Phase.OFFLINE:
            self._end(Ended())

    def _speak(self, task: Task) -> None:
        """Say to the server what ``task`` waits to be answered."""
        if isinstance(task.effect, Ask):
            self._exchange.send(task.effect, partial(self._answer, task))
        elif isinstance(task.effect, Leave):
            self._exchange.send(Ask(Quit(id=0), Ok), lambda *_: self._end(Ended()))

    def _answer(self, task: Task, reply: Reply, payload: bytes) -> None:
        if isinstance(reply, Error):
            self._outbox.refuse(task, refusal(reply))
        else:
            self._outbox.resume(task, (reply, payload))

    def _report(self, task: Task, error: UserError | None) -> None:
        """Say what came of a wish."""
        self._refused += error is not None and task.asker == OWN
        self._told.extend(Told.to(task.asker, item) for item in outcome(task, error))

    def _tell(self, event: events.Event) -> None:
        """Tell the user of ``event``, and who has caused it."""
        self._told.append(Told.of(event, cause(event, self._outbox)))
