"""What is said of a line, or of a wish, that is over."""

from geventim.client.answers import Answer, Done, Refused
from geventim.client.events import Error, Event, Notice, Speaker
from geventim.client.steps.effects import RefusedError
from geventim.client.steps.outbox import Task
from geventim.errors import UserError


def outcome(task: Task, error: UserError | None) -> list[Event | Answer]:
    """What comes of ``task``, which ``error`` has ended, if one did.

    A line that had its effect has said so itself.
    """
    if task.wish is not None:
        answered = task.wish.id
        return [Done(answered, task.result) if error is None else Refused.by(error, answered)]
    if isinstance(error, RefusedError):
        hint = [Notice(error.hint, speaker=Speaker.CLIENT)] if error.hint else []
        return [Notice(str(error), error.code), *hint]
    return [] if error is None else [Error(error.code, str(error))]
