"""What an operation may ask for.

An operation is a generator that says what a line does, step by step. It yields effects and is
resumed with their results; what the server refuses is thrown into it as :class:`RefusedError`.
"""

import enum
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from geventim.chat.replies import Reply
from geventim.chat.requests import Request
from geventim.errors import UserError


class RefusedError(UserError):
    """The server said no."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request whose answer is a reply of the type ``expected``, with its payload.

    Its number is given when it is sent. It may be sent again after the connection was lost, so
    what changes a log must carry an id that tells the repetition from a second wish.
    """

    request: Request
    expected: type[Reply]
    payload: bytes = field(default=b"", repr=False)


class Labour(enum.Enum):
    """Kinds of work that take their time; none waits for another."""

    STRETCHING = "stretching"
    """A passphrase to a key."""
    SEALING = "sealing"
    """Keys of a large group, or many of them."""
    READING = "reading"
    """What was ever written, where it is kept."""
    MOVING = "moving"
    """Chunks of files, from and to the disk."""
    PICTURING = "picturing"
    """Small pictures of pictures."""


@dataclass(frozen=True, slots=True)
class Compute:
    """Work that takes its time: ``call`` is made elsewhere, and touches nothing but its result.

    It may read what is archived in a memory. So it is made once all changes are kept that were
    there when it was wanted.
    """

    labour: Labour
    call: Callable[[], Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do until ``over``, which is asked whenever something has happened.

    ``message_id`` is that of the message whose fate is waited for, if it is one.
    """

    over: Callable[[], bool]
    message_id: bytes = b""


@dataclass(frozen=True, slots=True)
class Leave:
    """The end: say goodbye if there is anybody to say it to."""


Effect = Ask | Compute | Wait | Leave

Result = TypeVar("Result")
Answer = TypeVar("Answer", bound=Reply)

Steps = Generator[Effect, Any, Result]
"""Steps that end with a result."""

Operation = Steps[None]


def ask(expected: type[Answer], request: Request, payload: bytes = b"") -> Steps[Answer]:
    """Send ``request`` and wait for its reply. Raises :class:`RefusedError`."""
    answer, _ = yield from fetch(expected, request, payload)
    return answer


def fetch(
    expected: type[Answer], request: Request, payload: bytes = b""
) -> Steps[tuple[Answer, bytes]]:
    """The same, for a reply that brings a payload."""
    answer: tuple[Answer, bytes] = yield Ask(request, expected, payload)
    return answer


def compute(labour: Labour, call: Callable[[], Result]) -> Steps[Result]:
    """The result of ``call``, or what it raises."""
    result: Result = yield Compute(labour, call)
    return result


def wait(over: Callable[[], bool], message_id: bytes = b"") -> Operation:
    """Go on when it is ``over``."""
    while not over():
        yield Wait(over, message_id)
