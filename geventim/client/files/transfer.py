"""One file on its way, as far as it is the same in both directions."""

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from geventim.chat.replies import Error, Reply
from geventim.chat.requests import Request
from geventim.client import events
from geventim.client.answers import Moving, Refusal
from geventim.client.files.disk import Disk
from geventim.client.files.pace import Pace, Window
from geventim.client.files.states import MOVES, OVER, State
from geventim.client.steps.effects import Ask, Compute, Labour
from geventim.client.steps.refusals import refusal
from geventim.client.steps.ways import Ways
from geventim.errors import AuthenticationError, DeniedError, MisuseError, PeerError, UserError

Some = TypeVar("Some", bound=Reply)


class Direction(enum.StrEnum):
    """Whether a file is sent or received."""

    SENDING = "sending"
    FETCHING = "fetching"


@dataclass(slots=True)
class Means:
    """What transfers work with.

    ``named`` says what the conversation with an id is called. ``online``: requests can be made.
    """

    ways: Ways
    disk: Disk
    clock: Callable[[], float]
    random: Callable[[int], bytes]
    emit: Callable[[events.Event], None]
    named: Callable[[bytes], str]
    online: bool = False
    window: Window = field(default_factory=Window)


@dataclass(frozen=True, slots=True)
class Label:
    """What a transfer is called: by its number, and by the conversation that it is for."""

    number: int
    direction: Direction
    name: str
    place: bytes
    message_id: str = ""


class Transfer(ABC):
    """A transfer with a ``label``.

    ``ended`` is called once, when it is over and nothing of it is under way on the disk any more:
    nothing is left then of what has come to nothing.
    """

    def __init__(
        self, means: Means, label: Label, size: int, ended: Callable[["Transfer"], None]
    ) -> None:
        self.label = label
        self.size = size
        self.state = State.WAITING
        self.error: UserError | None = None
        self.path = ""
        self._means = means
        self._ended = ended
        self._pace = Pace(means.clock, 0)
        # Grows when all is begun anew: what is computed for a try that is over does not count.
        self._try = 0
        self._at_work = 0
        self._has_left = False

    @property
    def over(self) -> bool:
        """Whether it has ended, however that was."""
        return self.state in OVER

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for a connection, or its turn."""
        return self.state is State.WAITING

    @abstractmethod
    def go_on(self) -> None:
        """Go on: there is a connection, and it has its turn."""

    @abstractmethod
    def _pump(self) -> None:
        """Have as much on its way as may be."""

    @abstractmethod
    def _release(self, *, discard: bool) -> None:
        """Let go of the disk."""

    def suspend(self) -> None:
        """The connection is gone, and with it every answer."""
        if self.state in {State.BEGINNING, State.MOVING, State.FINISHING}:
            self._move(State.WAITING)

    def cancel(self) -> None:
        """Give it up."""
        self._end(State.CANCELLED, DeniedError("cancelled"))

    def fail(self, error: UserError) -> None:
        """It has come to nothing."""
        self._end(State.FAILED, error)

    def describe(self) -> Moving:
        """Where it stands."""
        left = self._pace.left(self.size)
        return Moving(
            self.label.number,
            self.label.direction,
            self.state if self.over or self.state is State.WAITING else "running",
            self.label.name,
            self.size,
            min(self._pace.done, self.size),
            round(self._pace.rate),
            None if left is None or self.over else round(left, 1),
            self._means.named(self.label.place),
            self.label.place.hex(),
            self.label.message_id,
        )

    def _tell(self) -> None:
        error = self.error if self.state is State.FAILED else None
        failure = None if error is None else Refusal.by(error)
        self._means.emit(events.Transfer(self.describe(), self.path, failure))

    def _count(self, done: int) -> None:
        if self._pace.count(done):
            self._tell()

    def _move(self, state: State) -> None:
        if state not in MOVES[self.state]:
            raise MisuseError(f"a transfer that is {self.state} cannot be {state}")
        self.state = state

    def _end(self, state: State, error: UserError | None = None) -> None:
        if self.over:
            return
        self._move(state)
        self._try += 1
        self.error = error
        self._release(discard=state is not State.DONE)
        self._leave()

    def _leave(self) -> None:
        if self.over and not self._at_work and not self._has_left:
            self._has_left = True
            self._ended(self)
            self._tell()

    def _compute(
        self,
        call: Callable[[], Any],
        then: Callable[[Any], None],
        labour: Labour = Labour.MOVING,
        late: Callable[[Any], None] = lambda _: None,
    ) -> None:
        """Have ``call`` made elsewhere, and ``then`` with its result; ``late`` if all is anew."""
        begun = self._try

        def resume(result: Any) -> None:
            if begun == self._try:
                then(result)
            else:
                late(result)

        def fail(error: UserError | PeerError) -> None:
            if begun == self._try:
                self._not_computed(error)

        self._hand_out(call, resume, fail, labour)

    def _let_go(self, call: Callable[[], None]) -> None:
        """Have ``call`` made, which lets go of something on the disk."""
        self._hand_out(call, lambda _: None, lambda _: None)

    def _hand_out(
        self,
        call: Callable[[], Any],
        resume: Callable[[Any], None],
        fail: Callable[[UserError | PeerError], None],
        labour: Labour = Labour.MOVING,
    ) -> None:
        # Pictures are only looked at, for as long as that takes.
        counts = labour is Labour.MOVING
        self._at_work += counts

        def done(then: Callable[[Any], None], outcome: Any) -> None:
            self._at_work -= counts
            then(outcome)
            self._leave()

        self._means.ways.hand_out(Compute(labour, call), partial(done, resume), partial(done, fail))

    def _not_computed(self, error: UserError | PeerError) -> None:
        if isinstance(error, AuthenticationError):
            error = DeniedError("bad_file", name=self.label.name)
        self._fail_by(error)

    def _fail_by(self, error: UserError | PeerError) -> None:
        if isinstance(error, PeerError):
            error = DeniedError("bad_server", why=str(error))
        self.fail(error)

    def _ask(
        self,
        expected: type[Some],
        request: Request,
        then: Callable[[Some, bytes], None],
        payload: bytes = b"",
        late: Callable[[Some], None] = lambda _: None,
        refused: Callable[[UserError], None] | None = None,
    ) -> None:
        """Make a request; ``then`` gets the reply, or ``late`` if all is anew or over by then.

        ``refused`` gets a refusal, if it is another one than for other requests.
        """
        begun = self._try

        def answered(reply: Reply, content: bytes) -> None:
            if begun != self._try:
                if isinstance(reply, expected):
                    late(reply)
            elif isinstance(reply, expected):
                then(reply, content)
            elif isinstance(reply, Error):
                (refused or self._refused)(refusal(reply))

        self._means.ways.exchange.send(Ask(request, expected, payload), answered)

    def _refused(self, error: UserError) -> None:
        self.fail(error)


def closing(call: Callable[[], None]) -> Compute:
    """The work that lets go of something on the disk."""
    return Compute(Labour.MOVING, call)
