"""How sessions end."""

from dataclasses import dataclass
from typing import Final

from geventim.chat.links import DEFAULT_PORT
from geventim.errors import GeventIMError, NetworkError, PeerError, UserError
from geventim.net.dial import OtherProtocolError

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NO_SERVER: Final = 3
UNTRUSTED: Final = 4
REFUSED: Final = 5
INTERRUPTED: Final = 130

_CODES: Final = {
    "server_key": UNTRUSTED,
    "in_use": FAILED,
    "locked": FAILED,
    "wrong_passphrase": FAILED,
    "other_version": NO_SERVER,
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a session ended: its exit code, and the error that explains it.

    So many lines were ``undelivered``, and so many ``refused``. Of what was said, so many messages
    are ``queued``: they go when the user connects again.
    """

    exit_code: int
    error: UserError | None = None
    undelivered: int = 0
    refused: int = 0
    queued: int = 0


def leaving(how: Ending, undelivered: int, refused: int, queued: int = 0) -> Ending:
    """``how`` it ended, with lines that have not taken effect, or came to nothing."""
    waits = undelivered or queued
    exit_code = NO_SERVER if waits and how.exit_code == DONE else how.exit_code
    return Ending(exit_code, how.error, undelivered, refused, queued)


def failed(error: GeventIMError) -> Ending:
    """The session cannot go on because of ``error``."""
    if isinstance(error, UserError):
        return Ending(_CODES.get(error.code, REFUSED), error)
    if isinstance(error, NetworkError):
        return Ending(NO_SERVER, UserError("no_server", f"{error}.", "Is the server running?"))
    if isinstance(error, OtherProtocolError):
        advice = f"Check the address and the port: without another one it is {DEFAULT_PORT}."
        text = f"What answers at {error.address} is {error.what}."
        return Ending(NO_SERVER, UserError("other_protocol", text, advice))
    if isinstance(error, PeerError) and isinstance(error.__cause__, UserError):
        return Ending(NO_SERVER, error.__cause__)  # it has trouble, and says so itself
    if isinstance(error, PeerError):
        text = f"The server does not keep to the protocol: {error}."
        return Ending(NO_SERVER, UserError("bad_server", text))
    return Ending(FAILED, UserError("failed", f"{error}."))
