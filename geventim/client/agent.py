"""One user's side of a conversation with a server: records and lines in, frames and events out.

The rim calls :meth:`Agent.connected` when the channel is open, :meth:`Agent.receive` for each
record, :meth:`Agent.disconnected` when the connection is gone, and :meth:`Agent.type` for each
line. After every call it fetches what has come of it: frames to send, events, changes to keep
(after the events were shown), and passphrases to stretch.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, get_args

from geventim.chat import codec
from geventim.chat.replies import (
    Added,
    Announcement,
    AnyEvent,
    Appended,
    ConversationInfo,
    EntryEvent,
    Error,
    Ok,
    Opened,
    Presence,
    Reply,
    Superseded,
)
from geventim.chat.requests import Append, Quit
from geventim.client import commands, entries, events, presence, talk
from geventim.client.context import Context, is_name
from geventim.client.conversations import Conversations
from geventim.client.effects import Ask, Leave, Operation, RefusedError, Stretch
from geventim.client.entrance import enter
from geventim.client.events import Speaker
from geventim.client.exchange import Exchange
from geventim.client.memory import Memory
from geventim.client.outbox import Manner, Outbox, Task
from geventim.client.profile import Profile
from geventim.client.strongbox import Strongbox
from geventim.errors import MisuseError, PeerError, UserError

STORAGE_FAILED: Final = "storage_failed"
"""The server's word for trouble of its own, which may have passed at the next attempt."""

EVENT_TYPES: Final = frozenset(event.__struct_config__.tag for event in get_args(AnyEvent))


class Phase(enum.Enum):
    """Where an agent stands."""

    OFFLINE = "offline"
    ENTERING = "entering"
    READY = "ready"
    ENDED = "ended"


MOVES: Final = {
    Phase.OFFLINE: frozenset({Phase.ENTERING, Phase.ENDED}),
    Phase.ENTERING: frozenset({Phase.READY, Phase.OFFLINE, Phase.ENDED}),
    Phase.READY: frozenset({Phase.OFFLINE, Phase.ENDED}),
    Phase.ENDED: frozenset[Phase](),
}
"""From each phase, those that may follow. An agent that has ended stays so."""


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over: the user left, or ``reason`` says why the server wants no more of this."""

    reason: UserError | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A passphrase to stretch; the result goes to :meth:`Agent.stretched`."""

    wish: Stretch
    task: Task


class Agent:
    """The client of ``profile``.

    ``clock`` gives seconds since the epoch, ``random`` so many unpredictable bytes.
    """

    def __init__(
        self,
        profile: Profile,
        memory: Memory,
        *,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
    ) -> None:
        self._profile = profile
        self._memory = memory
        self._clock = clock
        self._phase = Phase.OFFLINE
        self._ended: Ended | None = None
        self._opening: int | None = None
        self._events: list[events.Event] = []
        self._work: list[Work] = []
        self._exchange = Exchange()
        self._context = Context(
            profile.nick, profile.room, random, self._events.append, Strongbox(memory)
        )
        self._conversations = Conversations(self._exchange, memory, self._report_loss)
        self._outbox = Outbox(self._perform, self._report)

    @property
    def phase(self) -> Phase:
        """Where the agent stands."""
        return self._phase

    @property
    def ended(self) -> Ended | None:
        """How it ended, once it has."""
        return self._ended

    @property
    def asks_for_key(self) -> bool:
        """Whether the next line is the key of a secret."""
        return self._opening is not None

    @property
    def undelivered(self) -> int:
        """Lines that have not taken effect yet."""
        return self._outbox.lines

    def connected(self) -> None:
        """The channel to the server is open."""
        self._move(Phase.ENTERING)
        entrance = Task(enter(self._profile, self._context, self._conversations))
        self._step(entrance, entrance.resume)

    def disconnected(self) -> None:
        """The channel is gone; what was not answered will be asked again on the next one."""
        if self._phase is Phase.ENDED:
            return
        self._move(Phase.OFFLINE)
        self._exchange.reset()
        self._conversations.reset()
        if any(isinstance(task.effect, Leave) for task in self._outbox.begun()):
            self._end(Ended())

    def receive(self, record: bytes) -> None:
        """Take the content of a record.

        Raises :class:`PeerError` for what a server must not send; then the connection has to be
        ended, and :meth:`disconnected` called.
        """
        for message, payload in codec.replies.decode(record):
            if self._phase is Phase.ENDED:
                return
            if isinstance(message, codec.Malformed):
                # An event of a later version can be left out; a reply or an entry cannot.
                if message.id is not None or message.type in EVENT_TYPES:
                    raise PeerError(f"a '{message.type}' that is not valid")
            elif isinstance(message, Reply):
                self._receive_reply(message)
            else:
                self._receive_event(message, payload)
            self._settle()

    def type(self, text: str) -> None:
        """Take a line from the user. It takes effect after those before it."""
        if self._opening is not None:
            self._take_key(self._opening, text.strip())
        elif text.strip():
            self._opening = commands.asks_for_key(self._context, text)
            if self._opening is None:
                self._outbox.put(commands.interpret(self._context, text, self._clock()))
            else:
                question = f"Enter the key of secret #{self._opening}; an empty line cancels."
                self._emit(events.Notice(question, speaker=Speaker.CLIENT))

    def reject(self, error: UserError) -> None:
        """Take, in its turn, a line that cannot be read."""
        self._opening = None
        self._outbox.put(Task(_reject(error)))

    def leave(self) -> None:
        """Take the wish to leave, after all lines."""
        self._opening = None
        self._outbox.put(Task(_leave(), Manner.LAST))

    def stretched(self, work: Work, key: bytes) -> None:
        """Take the result of ``work``."""
        self._outbox.resume(work.task, key)

    def take_frames(self) -> list[bytes]:
        """The frames to send, in order; each is handed out once."""
        return self._exchange.take_frames()

    def take_events(self) -> list[events.Event]:
        """What to tell the user; each event is handed out once."""
        taken = self._events[:]
        self._events.clear()
        return taken

    def take_changes(self) -> dict[str, bytes | None]:
        """What to keep, once the events taken before are shown; None means to forget."""
        return self._memory.take_changes()

    def take_work(self) -> list[Work]:
        """Passphrases to stretch; each is handed out once."""
        work, self._work = self._work, []
        return work

    def _move(self, phase: Phase) -> None:
        if phase not in MOVES[self._phase]:
            raise MisuseError(f"an agent that is {self._phase.value} cannot be {phase.value}")
        self._phase = phase

    def _end(self, ended: Ended) -> None:
        self._move(Phase.ENDED)
        self._ended = ended

    def _emit(self, event: events.Event) -> None:
        self._context.emit(event)

    def _receive_reply(self, reply: Reply) -> None:
        if isinstance(reply, Opened) and not is_name(reply.conversation.name):
            raise PeerError("a conversation has a name that is none")
        self._exchange.receive(reply)

    def _receive_event(self, event: AnyEvent, payload: bytes) -> None:
        match event:
            case EntryEvent():
                info = self._conversations.take(event)
                if info is not None:
                    entries.read(self._context, info, event, payload)
            case Presence():
                presence.tell(self._context, event)
            case Added():
                self._conversations.follow(event.conversation)
            case Announcement():
                self._emit(events.Announcement(event.text))
            case Superseded():
                text = f"{self._profile.nick} has logged in elsewhere."
                self._end(Ended(UserError("superseded", text, "This session has ended.")))

    def _step(self, entrance: Task, step: Callable[[], bool]) -> None:
        try:
            unfinished = step()
        except RefusedError as refused:
            if refused.code == STORAGE_FAILED:
                raise PeerError("the server could not let us in") from refused
            self._end(Ended(refused))
            return
        if unfinished and isinstance(entrance.effect, Ask):
            self._exchange.send(entrance.effect, partial(self._enter, entrance))

    def _enter(self, entrance: Task, reply: Reply) -> None:
        if isinstance(reply, Error):
            refused = _refusal(reply)
            self._step(entrance, lambda: entrance.refuse(refused))
        else:
            self._step(entrance, lambda: entrance.resume(reply))

    def _settle(self) -> None:
        """Be ready when nothing is left to be done before."""
        if self._phase is Phase.ENTERING and self._exchange.idle:
            self._move(Phase.READY)
            profile = self._profile
            self._emit(events.Connected(profile.nick, profile.server, self._context.room_name))
            for task in self._outbox.begun():
                self._speak(task)
            self._outbox.open()

    def _perform(self, task: Task) -> None:
        """Carry out the effect that ``task`` waits for, or leave it until it is possible."""
        if isinstance(task.effect, Stretch):
            self._work.append(Work(task.effect, task))
        elif self._phase is Phase.READY:
            self._speak(task)
        elif isinstance(task.effect, Leave) and self._phase is Phase.OFFLINE:
            self._end(Ended())

    def _speak(self, task: Task) -> None:
        """Say to the server what ``task`` waits to be answered."""
        if isinstance(task.effect, Ask):
            self._exchange.send(task.effect, partial(self._answer, task, task.effect))
        elif isinstance(task.effect, Leave):
            self._exchange.send(Ask(Quit(id=0), Ok), lambda _: self._end(Ended()))

    def _answer(self, task: Task, ask: Ask, reply: Reply) -> None:
        if isinstance(reply, Error):
            self._outbox.refuse(task, _refusal(reply))
            return
        if isinstance(reply, Appended) and isinstance(ask.request, Append):
            self._conversations.acknowledge(ask.request.conversation, reply.seq)
        self._outbox.resume(task, reply)

    def _report(self, error: UserError) -> None:
        if isinstance(error, RefusedError):
            self._emit(events.Notice(str(error), error.code))
        else:
            self._emit(events.Error(error.code, str(error)))

    def _report_loss(self, info: ConversationInfo) -> None:
        text = f"The server has lost the end of '{info.name}'; some messages may be gone."
        self._emit(events.Error("history_lost", text))

    def _take_key(self, number: int, key: str) -> None:
        self._opening = None
        if key:
            self._outbox.put(Task(talk.open_secret(self._context, number, key)))
        else:
            text = f"Secret #{number} stays closed."
            self._emit(events.Notice(text, speaker=Speaker.CLIENT))


def _leave() -> Operation:
    yield Leave()


def _reject(error: UserError) -> Operation:
    yield from ()
    raise error


def _refusal(error: Error) -> RefusedError:
    return RefusedError(error.code, error.text, error.advice)
