"""Steps that are taken beside the lines a user types, as long as one connection lasts."""

from collections.abc import Callable
from typing import Any

from geventim.chat.replies import Error, Reply
from geventim.chat.requests import Commit
from geventim.client.steps.attention import Subject
from geventim.client.steps.effects import Ask, Compute, Operation, Wait
from geventim.client.steps.outbox import Task
from geventim.client.steps.refusals import refusal
from geventim.client.steps.ways import Ways
from geventim.errors import MisuseError, PeerError, UserError


class Procedure:
    """``operation`` under way; ``done`` is told how it ended: with an error, or with None.

    It asks, computes and waits, but does not leave. Once closed, whatever comes is ignored. If it
    is about something, that is to blame for what it raises.
    """

    def __init__(
        self,
        ways: Ways,
        operation: Operation,
        done: Callable[[UserError | PeerError | None], None],
        about: Subject | None = None,
    ) -> None:
        self._ways = ways
        self._done = done
        self._about = about
        self._task: Task | None = Task(operation)

    @property
    def is_committing(self) -> bool:
        """Whether a commit is on its way that nobody can call back."""
        effect = None if self._task is None else self._task.effect
        return isinstance(effect, Ask) and isinstance(effect.request, Commit)

    @property
    def over(self) -> bool:
        """Whether it has ended, or was closed."""
        return self._task is None

    def begin(self) -> None:
        """Take the first steps."""
        self._advance(lambda task: task.resume())

    def poll(self) -> bool:
        """Go on if what it waits for has happened, and tell whether it has."""
        task = self._task
        if task is not None and isinstance(task.effect, Wait) and task.effect.over():
            self._advance(lambda task: task.resume())
            return True
        return False

    def close(self) -> None:
        """Take no more steps."""
        task, self._task = self._task, None
        if task is not None and task.effect is not None:
            task.operation.close()

    def _advance(self, step: Callable[[Task], bool]) -> None:
        if self._about is None:
            self._go_on(step)
            return
        with self._ways.attention.on(self._about):
            self._go_on(step)

    def _go_on(self, step: Callable[[Task], bool]) -> None:
        task = self._task
        if task is None:
            return
        error: UserError | PeerError | None = None
        try:
            unfinished = step(task)
        except (UserError, PeerError) as raised:
            unfinished, error = False, raised
        if self._task is not task:
            return
        if unfinished:
            self._perform(task)
        else:
            self._task = None
            self._done(error)

    def _perform(self, task: Task) -> None:
        effect = task.effect
        if isinstance(effect, Ask):
            self._ways.exchange.send(effect, self._answer)
        elif isinstance(effect, Compute):
            self._ways.hand_out(effect, self._resume, self._fail)
        elif not isinstance(effect, Wait):
            raise MisuseError("a procedure asks, computes or waits")

    def _answer(self, reply: Reply, payload: bytes) -> None:
        if isinstance(reply, Error):
            self._fail(refusal(reply))
        else:
            self._resume((reply, payload))

    def _resume(self, result: Any) -> None:
        self._advance(lambda task: task.resume(result))

    def _fail(self, error: UserError | PeerError) -> None:
        self._advance(lambda task: task.refuse(error))
