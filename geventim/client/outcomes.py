"""What is said of a line, or of a wish, that is over, or has to wait."""

import math

from geventim.client.answers import Answer, Done, Refused
from geventim.client.events import Error, Event, Notice, Speaker
from geventim.client.steps.effects import RefusedError
from geventim.client.steps.outbox import Task
from geventim.client.steps.refusals import BUSY
from geventim.errors import UserError


def outcome(task: Task | None, error: UserError | None) -> list[Event | Answer]:
    """What comes of ``task``, or of a line that was none, if ``error`` has ended it.

    A line that had its effect has said so itself.
    """
    if task is not None and task.wish is not None:
        answered = task.wish.id
        return [Done(answered, task.result) if error is None else Refused.by(error, answered)]
    if isinstance(error, RefusedError):
        hint = [Notice(error.hint, speaker=Speaker.CLIENT)] if error.hint else []
        return [Notice(str(error), error.code), *hint]
    return [] if error is None else [Error(error.code, str(error))]


def entering(room: str) -> Notice:
    """It takes long until somebody is in."""
    text = f"You are not in '{room}' yet; the client goes on trying. What you type waits."
    return Notice(text, "entering", Speaker.CLIENT)


def pause(seconds: float) -> Notice:
    """The server asks for patience."""
    text = f"The server asks for a pause of {math.ceil(seconds)} seconds. Nothing is lost."
    return Notice(text, BUSY, Speaker.CLIENT)


def waiting(count: int) -> Notice:
    """So many lines keep a client from leaving."""
    lines = "1 line waits" if count == 1 else f"{count} lines wait"
    text = f"{lines} for the connection to return. Ctrl-C leaves without that."
    return Notice(text, "waiting", Speaker.CLIENT)
