"""What an operation may ask for.

An operation is a generator that says what a line does, step by step. It yields effects and is
resumed with their results; what the server refuses is thrown into it as :class:`RefusedError`.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from geventim.chat.replies import Reply
from geventim.chat.requests import Request
from geventim.errors import UserError


class RefusedError(UserError):
    """The server said no."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request whose answer is a reply of the type ``expected``.

    Its number is given when it is sent. It may be sent again after the connection was lost, so
    what changes a log must carry an id that tells the repetition from a second wish.
    """

    request: Request
    expected: type[Reply]
    payload: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A passphrase to stretch with :func:`.secret.stretch`, which takes its time."""

    passphrase: str = field(repr=False)
    salt: bytes


@dataclass(frozen=True, slots=True)
class Leave:
    """The end: say goodbye if there is anybody to say it to."""


Effect = Ask | Stretch | Leave

Result = TypeVar("Result")
Answer = TypeVar("Answer", bound=Reply)

Steps = Generator[Effect, Any, Result]
"""Steps that end with a result."""

Operation = Steps[None]


def ask(expected: type[Answer], request: Request, payload: bytes = b"") -> Steps[Answer]:
    """Send ``request`` and wait for its reply. Raises :class:`RefusedError`."""
    answer: Answer = yield Ask(request, expected, payload)
    return answer


def stretch(passphrase: str, salt: bytes) -> Steps[bytes]:
    """Wait until ``passphrase`` is stretched."""
    key: bytes = yield Stretch(passphrase, salt)
    return key
