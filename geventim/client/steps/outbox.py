"""Lines that take effect one after the other, each exactly once.

A line becomes a task. Its operation advances one effect at a time, and the next task begins when it
is done; only texts for the room may be on their way together, since nothing happens between them,
and beside what changes nothing and takes long everything goes on. A task keeps its effect until the
result is there, so that it can be carried out again on the next connection: what it asks for bears
its own ids, and the server knows a repetition when it sees one.
"""

import enum
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from geventim.client.steps.effects import Effect, Steps, Wait
from geventim.errors import DeniedError, PeerError, UserError

TOGETHER: Final = 32
"""Texts that may be on their way at the same time."""

CUT_OFF: Final = 1_000
"""Texts that may be queued while there is no connection."""


LATE: Final = 5.0
"""Seconds after which a message that is not delivered should be told."""

NEARLY: Final = 1.0
"""Seconds by which others that are told with it may be younger."""


class Manner(enum.Enum):
    """How a task stands to others that have begun.

    It is alone, together with its like, beside any, or after all of them; or apart from them, which
    is at once, connected or not.
    """

    ALONE = "alone"
    TOGETHER = "together"
    BESIDE = "beside"
    LAST = "last"
    APART = "apart"


TALKING: Final = frozenset({Manner.TOGETHER, Manner.APART})
"""Those of texts, and of what is done at once."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a wish says to others, fit to be shown, and when it came (:attr:`.Agent.now`).

    ``wish`` is its id.
    """

    line: str
    date: float
    wish: int | str = ""

    def __repr__(self) -> str:
        return "<what was said>"


class Task:
    """An operation under way; ``effect`` is what it waits for.

    ``again`` gives what it came from to another agent, if that is possible. ``spoken`` is the
    message that it delivers, if it does, until somebody was told that it is late. ``wish`` is
    what it came from if a program wants to be answered, and ``result`` what came of it; ``asker``
    is whose it is. One that ``goes_ahead`` needs nothing of those before it as long as there is no
    connection.
    """

    __slots__ = (
        "_goes_ahead",
        "again",
        "asker",
        "effect",
        "manner",
        "operation",
        "result",
        "spoken",
        "wish",
    )

    def __init__(
        self,
        operation: Steps[Any],
        manner: Manner = Manner.ALONE,
        again: Callable[[Any], None] | None = None,
        spoken: Spoken | None = None,
        wish: Any = None,
        asker: int = 0,
        *,
        goes_ahead: Callable[[], bool] = lambda: False,
    ) -> None:
        self.operation = operation
        self._goes_ahead: Callable[[], bool] | bool = goes_ahead
        self.manner = manner
        self.again = again
        self.spoken = spoken
        self.wish = wish
        self.asker = asker
        self.result: Any = None
        self.effect: Effect | None = None

    @property
    def goes_ahead(self) -> bool:
        """Whether it needs nothing of those before it; found out when somebody asks first."""
        if callable(self._goes_ahead):
            self._goes_ahead = self._goes_ahead()
        return self._goes_ahead

    @property
    def message_id(self) -> bytes:
        """The id of the message whose fate it waits for, or nothing."""
        return self.effect.message_id if isinstance(self.effect, Wait) else b""

    def resume(self, result: Any = None) -> bool:
        """Go on with the result of the effect; False when the operation is done.

        Raises whatever the operation does not deal with itself.
        """
        return self._run(lambda: self.operation.send(result))

    def refuse(self, error: UserError | PeerError) -> bool:
        """Go on with ``error`` in the place of a result."""
        return self._run(lambda: self.operation.throw(error))

    def _run(self, step: Callable[[], Effect]) -> bool:
        self.effect = None
        try:
            self.effect = step()
        except StopIteration as end:
            self.result = end.value
            return False
        return True


class Outbox:
    """Tasks in order. ``perform`` is called with a task whose effect is to be carried out.

    ``report`` gets each task that is over, with the error that ended it, if one did. Nothing begins
    before :meth:`open` or :meth:`cut_off`, and the last one not before it ``may_end``.
    ``advancing`` is the task of which a step is taken just now.
    """

    def __init__(
        self,
        perform: Callable[[Task], None],
        report: Callable[[Task, UserError | None], None],
        may_end: Callable[[], bool] = lambda: True,
    ) -> None:
        self._perform = perform
        self._report = report
        self._may_end = may_end
        self.advancing: Task | None = None
        self.failed: Task | None = None
        self._waiting: deque[Task] = deque()
        self._begun: list[Task] = []
        self._fresh: list[Task] = []
        self._limit = 0
        # Whether what was put or polled last was for texts only, which concern nothing but the
        # places that they go to.
        self.talked = False

    @property
    def lines(self) -> int:
        """Tasks that are not done, not counting the last one, and those apart."""
        return sum(task.manner not in {Manner.LAST, Manner.APART} for task in self._tasks())

    @property
    def late_at(self) -> float | None:
        """When the first message is late that is not delivered, in seconds since the epoch."""
        first = next((task.spoken for task in self._tasks() if task.spoken), None)
        return None if first is None else first.date + LATE

    def take_late(self, now: float) -> list[Spoken]:
        """The messages that are late; each is handed out once, and some a moment too early."""
        late_at = self.late_at
        if late_at is None or late_at > now:
            return []
        late = []
        for task in self._tasks():
            if task.spoken is not None and task.spoken.date <= now - LATE + NEARLY:
                late.append(task.spoken)
                task.spoken = None
        return late

    def open(self) -> None:
        """There is a connection: let tasks begin."""
        self._limit = TOGETHER
        self.begin()

    def cut_off(self) -> None:
        """There is no connection: let tasks begin all the same.

        Those that go ahead do not wait for others then, which wait for the connection.
        """
        self._limit = CUT_OFF
        self.begin()

    @property
    def unkept(self) -> int:
        """Tasks that are not done, but for the last and for messages that outlive the process."""
        return sum(task.manner is not Manner.LAST and not task.message_id for task in self._tasks())

    def put(self, task: Task) -> bool:
        """Add a task after all others; whether it was: nothing can be added after the last one."""
        if self.is_ending:
            return False
        if task.manner is Manner.APART:
            self._note_talk()
            self._start(task)
            return True
        self._waiting.append(task)
        self._note_talk()
        self.begin()
        return True

    def begun(self) -> Iterator[Task]:
        """The tasks that wait for the result of an effect, in order."""
        return iter(tuple(self._begun))

    @property
    def is_empty(self) -> bool:
        """Whether there are no tasks."""
        return not self._begun and not self._waiting

    @property
    def is_ending(self) -> bool:
        """Whether nothing can be added any more."""
        tasks = self._waiting or self._begun
        return bool(tasks) and tasks[-1].manner is Manner.LAST

    def settle(self) -> None:
        """What has come of all tasks is being kept."""
        self._fresh.clear()
        if self.is_empty:
            self.talked = True

    def unsettled(self) -> list[Task]:
        """Tasks that are not done, or began since :meth:`settle`; not the one that has failed."""
        before = [task for task in self._begun if task not in self._fresh]
        return [*before, *self._fresh, *self._waiting]

    def resume(self, task: Task, result: Any) -> None:
        """Go on with ``task``."""
        self._advance(task, lambda: task.resume(result))

    def refuse(self, task: Task, error: UserError | PeerError) -> None:
        """Go on with ``task``, whose effect came to nothing."""
        self._advance(task, lambda: task.refuse(error))

    def drop(self, task: Task, error: UserError) -> bool:
        """Do not begin ``task``, but report ``error``; whether that was possible."""
        if task not in self._waiting:
            return False
        self._waiting.remove(task)
        self._report(task, error)
        self.begin()
        return True

    def poll(self) -> bool:
        """Go on with the tasks whose wait is over; whether there were any."""
        ready = [
            task for task in self._begun if isinstance(task.effect, Wait) and task.effect.over()
        ]
        if not ready:
            return False
        self._note_talk()
        for task in ready:
            self._advance(task, task.resume)
        return True

    def _note_talk(self) -> None:
        self.talked = all(task.manner in TALKING for task in self._tasks())

    def _tasks(self) -> Iterator[Task]:
        return chain(self._begun, self._waiting)

    def begin(self) -> None:
        """Begin what may begin now."""
        while (task := self._next()) is not None:
            self._waiting.remove(task)
            self._start(task)

    def _start(self, task: Task) -> None:
        self._begun.append(task)
        self._fresh.append(task)
        self._advance(task, task.resume)

    def _next(self) -> Task | None:
        """The task that may begin now, if there is one."""
        if self._waiting and self._may_begin(self._waiting[0]):
            return self._waiting[0]
        if self._limit == CUT_OFF and len(self._begun) < CUT_OFF:
            return next((task for task in self._waiting if task.goes_ahead), None)
        return None

    def _may_begin(self, task: Task) -> bool:
        if len(self._begun) >= self._limit:
            return False
        manners = {begun.manner for begun in self._begun} - {Manner.APART}
        if task.manner is Manner.LAST:
            return not manners and self._may_end()
        manners.discard(Manner.BESIDE)
        if not manners or task.manner is Manner.BESIDE:
            return True
        return manners == {task.manner} == {Manner.TOGETHER}

    def _advance(self, task: Task, step: Callable[[], bool]) -> None:
        failure: UserError | None = None
        before, self.advancing = self.advancing, task
        try:
            unfinished = step()
        except UserError as error:
            unfinished, failure = False, error
        except PeerError as error:
            # An answer that cannot be true is as good as none.
            unfinished, failure = False, DeniedError("bad_server", why=str(error))
        except Exception:
            self.failed = task
            self._begun.remove(task)
            if task in self._fresh:
                self._fresh.remove(task)
            raise
        finally:
            self.advancing = before
        if unfinished:
            self._perform(task)
            return
        self._begun.remove(task)
        self._report(task, failure)
        self.begin()
