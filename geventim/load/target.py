"""Where a run takes place, and what clients say when they do not get in."""

from dataclasses import dataclass, field

from geventim.channel.connection import TruncationError
from geventim.channel.states import State
from geventim.chat.links import Link
from geventim.errors import GeventIMError, UserError
from geventim.load.room import Room


@dataclass(frozen=True, slots=True)
class Target:
    """The server, and the room on it in which the run takes place."""

    link: Link
    psk: bytes | None = field(repr=False)
    room: Room

    def check_key(self, server_key: bytes) -> None:
        """Raise :class:`UserError` with code ``untrusted_key`` if the link promises another key."""
        if self.link.server_key not in {None, server_key}:
            raise UserError(
                "untrusted_key",
                f"The server at {self.link.address} has another key than the link says.",
                "Ask its operator for a new link.",
            )

    def explain(self, error: TruncationError) -> GeventIMError:
        """What a connection that broke while a client came in most likely means."""
        if self.psk is not None and error.state is State.UNCONFIRMED:
            return UserError("wrong_access_key", "The access key is wrong.")
        return error
