"""An outbox for each front end, so that none of them waits for what another one wants.

What one of them wants takes effect in its order. The last task of the first one, which leaves, ends
all: it waits for everything that others have given before, and nothing can be given after it.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from geventim.client.steps.outbox import Outbox, Spoken, Task
from geventim.errors import PeerError, UserError


class Outboxes:
    """Those of all askers, beginning with that of the ``first``; see :class:`.Outbox`."""

    def __init__(
        self,
        first: int,
        perform: Callable[[Task], None],
        report: Callable[[Task, UserError | None], None],
    ) -> None:
        self._perform = perform
        self._report = report
        self._first = Outbox(perform, self._reported, self._may_end)
        self._boxes = {first: self._first}
        self._start: Callable[[Outbox], None] | None = None

    @property
    def advancing(self) -> Task | None:
        """The task of which a step is taken just now."""
        return next((box.advancing for box in self._boxes.values() if box.advancing), None)

    @property
    def failed(self) -> Task | None:
        """The task that the program has failed with."""
        return next((box.failed for box in self._boxes.values() if box.failed), None)

    @property
    def talked(self) -> bool:
        """Whether what was put or polled last was for texts only; see :class:`.Outbox`."""
        return all(box.talked for box in self._boxes.values())

    @property
    def late_at(self) -> float | None:
        """When the first message is late that is not delivered, in seconds since the epoch."""
        times = (box.late_at for box in self._boxes.values())
        return min((time for time in times if time is not None), default=None)

    def lines(self, asker: int) -> int:
        """Tasks of ``asker`` that are not done, not counting the last one."""
        box = self._boxes.get(asker)
        return 0 if box is None else box.lines

    def take_late(self, now: float) -> dict[int, list[Spoken]]:
        """The messages that are late, by asker; each is handed out once."""
        late = {asker: box.take_late(now) for asker, box in self._boxes.items()}
        return {asker: lines for asker, lines in late.items() if lines}

    def open(self) -> None:
        """There is a connection: let tasks begin."""
        self._let(Outbox.open)

    def cut_off(self) -> None:
        """There is no connection: see :meth:`.Outbox.cut_off`."""
        self._let(Outbox.cut_off)

    @property
    def is_leaving(self) -> bool:
        """Whether there is a last task."""
        return self._first.is_ending

    @property
    def unkept(self) -> int:
        """Tasks that come to nothing if the process ends; see :meth:`.Outbox.unkept`."""
        return sum(box.unkept for box in self._boxes.values())

    def put(self, task: Task) -> bool:
        """Add a task after all others of its asker; whether it was: none is after the last one."""
        if self._first.is_ending:
            return False
        box = self._boxes.get(task.asker)
        if box is None:
            box = self._boxes[task.asker] = Outbox(self._perform, self._reported)
            if self._start is not None:
                self._start(box)
        return box.put(task)

    def begun(self) -> Iterator[Task]:
        """The tasks that wait for the result of an effect, in the order of each asker."""
        return chain.from_iterable(box.begun() for box in self._all())

    def awaiting(self, message_id: bytes) -> Task | None:
        """The task that waits for the fate of that message, if one does."""
        return next((task for task in self.begun() if task.message_id == message_id), None)

    def settle(self) -> None:
        """What has come of all tasks is being kept."""
        for asker, box in list(self._boxes.items()):
            box.settle()
            if box.is_empty and box is not self._first:
                del self._boxes[asker]

    def unsettled(self) -> list[Task]:
        """Tasks that are not done, or began since :meth:`settle`; not the one that has failed.

        The last one is the last.
        """
        others = [box for box in self._all() if box is not self._first]
        return [task for box in (*others, self._first) for task in box.unsettled()]

    def resume(self, task: Task, result: Any) -> None:
        """Go on with ``task``."""
        self._boxes[task.asker].resume(task, result)

    def refuse(self, task: Task, error: UserError | PeerError) -> None:
        """Go on with ``task``, whose effect came to nothing."""
        self._boxes[task.asker].refuse(task, error)

    def find(self, asker: int, wish: int | str) -> Task | None:
        """The task that ``asker`` has wished for with the id ``wish``, if it is not done."""
        box = self._boxes.get(asker)
        tasks = [] if box is None else box.unsettled()
        return next((task for task in tasks if task.wish and task.wish.id == wish), None)

    def drop(self, task: Task, error: UserError) -> bool:
        """Do not begin ``task``, but report ``error``; whether that was possible."""
        return self._boxes[task.asker].drop(task, error)

    def poll(self) -> bool:
        """Go on with the tasks whose wait is over; whether there were any."""
        return any(box.poll() for box in self._all())

    def _all(self) -> list[Outbox]:
        return list(self._boxes.values())

    def _let(self, start: Callable[[Outbox], None]) -> None:
        self._start = start
        for box in self._all():
            start(box)

    def _may_end(self) -> bool:
        return all(box.is_empty or box is self._first for box in self._boxes.values())

    def _reported(self, task: Task, error: UserError | None) -> None:
        self._report(task, error)
        if self._first.is_ending:
            self._first.begin()
