"""What is said of a wish that is over, or of something that has to wait."""

import math

from geventim.chat.replies import Dismissed, Superseded
from geventim.client.answers import Answer, Done, Refused
from geventim.client.events import Notice
from geventim.client.steps.outbox import Task
from geventim.client.steps.refusals import BUSY
from geventim.errors import DeniedError, UserError


def outcome(task: Task, error: UserError | None) -> list[Answer]:
    """What comes of ``task``, which ``error`` has ended if it is one.

    That is nothing for the last one, for which nobody has wished.
    """
    if task.wish is None:
        return []
    answered = task.wish.id
    return [Done(answered, task.result) if error is None else Refused.by(error, answered)]


def farewell(nick: str, event: Superseded | Dismissed) -> UserError:
    """Why the server has ended what ``nick`` did here."""
    if isinstance(event, Dismissed):
        return UserError(event.code, event.text, event.advice)
    return DeniedError("superseded", nick=nick)


def entering(room: str) -> Notice:
    """It takes long until somebody is in."""
    return Notice.own("entering", name=room)


def pause(seconds: float) -> Notice:
    """The server asks for patience."""
    return Notice.own(BUSY, seconds=math.ceil(seconds))
