"""One client: its outlet, its account once it has logged in, and what it reads."""

import enum
from typing import TYPE_CHECKING

from msgspec import Struct

from geventim.chat.codec import encode
from geventim.chat.values import Account, Nearness
from geventim.errors import MisuseError
from geventim.service.ports import Outlet
from geventim.service.refusals import Sentence

if TYPE_CHECKING:
    from geventim.service.feeds import Feed


class Happening(enum.StrEnum):
    """What an operator may want to know of a client."""

    LOGIN = "a login"
    REGISTRATION = "a registration"
    REFUSAL = "a refusal"
    DELETION = "an operator has deleted a conversation"


class Pace(enum.Enum):
    """How a session gets the entries of a conversation: not, page by page, or as they come."""

    SILENT = "silent"
    BEHIND = "behind"
    LIVE = "live"


class Place:
    """A session's place in one conversation.

    The entries above ``since`` are the account's, up to ``until``, which is None while it is a
    member. ``peer`` is the other account when they are two. The entries up to ``cursor`` need not
    be sent any more; ``sent`` is the last one that was.
    """

    __slots__ = ("cursor", "feed", "pace", "peer", "sent", "since", "until")

    def __init__(
        self, feed: "Feed", since: int, until: int | None = None, peer: bytes | None = None
    ) -> None:
        self.feed = feed
        self.since = since
        self.until = until
        self.peer = peer
        self.cursor = since
        self.sent = since
        self.pace = Pace.SILENT


class Session:
    """One connection. ``channel_key`` is what the client has shown in the handshake.

    ``address`` is where it comes from, or empty where that tells nobody from anybody else, and
    ``nearness`` how far that is.
    ``challenges`` are what it was given to sign, by conversation. ``places`` are the conversations
    of its account; of those in which it is behind, ``behind`` has at least all that it has not got
    to the end of. ``in_flight`` counts its entries that wait for the disk, large ones more than
    once, ``attempts`` what it asked before it logged in.
    """

    __slots__ = (
        "_account",
        "address",
        "attempts",
        "behind",
        "challenges",
        "channel_key",
        "in_flight",
        "nearness",
        "outlet",
        "places",
    )

    def __init__(
        self, outlet: Outlet, address: str = "", nearness: Nearness = Nearness.LOOPBACK
    ) -> None:
        self.outlet = outlet
        self.address = address
        self.nearness = nearness
        self.channel_key = b""
        self.challenges: dict[bytes, bytes] = {}
        self.in_flight = 0
        self.attempts = 0
        self.places: dict[bytes, Place] = {}
        self.behind: dict[bytes, Place] = {}
        self._account: Account | None = None

    @property
    def account(self) -> Account:
        """Whose session this is; only to be asked for when :attr:`logged_in`."""
        if self._account is None:
            raise MisuseError("nobody has logged in")
        return self._account

    @account.setter
    def account(self, account: Account) -> None:
        self._account = account

    @property
    def logged_in(self) -> bool:
        """Whether the client has shown whose session this is."""
        return self._account is not None

    @property
    def settled(self) -> bool:
        """Whether the client reads all the conversations of its account."""
        return all(place.pace is not Pace.SILENT for place in self.places.values())

    def is_member(self, conversation: bytes) -> bool:
        """Whether the account is a member of a conversation now."""
        place = self.places.get(conversation)
        return place is not None and place.until is None

    def refuse(self, request: int, sentence: Sentence) -> None:
        """Answer the ``request`` with a refusal."""
        self.outlet.note(Happening.REFUSAL, sentence.code)
        self.send(sentence.reply(request))

    def send(self, message: Struct) -> None:
        """Send a reply or an event without payload."""
        self.outlet.send(encode(message))
