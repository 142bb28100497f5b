"""One client: its outlet, its account once it has logged in, and what it reads."""

from msgspec import Struct

from geventim.chat.codec import encode
from geventim.chat.values import Nearness
from geventim.service.feed import Reader
from geventim.service.happenings import Happening
from geventim.service.ports import Outlet
from geventim.service.refusals import Sentence


class Unstored(Struct, frozen=True):
    """A message that is to be repeated ``until`` then, before others of its author come."""

    message_id: bytes
    until: float


class Session(Reader):
    """One connection. ``channel_key`` is what the client has shown in the handshake.

    ``address`` is where it comes from, or empty where that tells nobody from anybody else, and
    ``nearness`` how far that is.
    ``challenges`` are what it was given to sign, by conversation. ``in_flight`` counts its entries
    that wait for the disk, large ones more than once, ``chunks`` its requests to put or get a chunk
    that are not answered, ``attempts`` what it asked before it logged in. ``unstored`` has, by
    conversation, the message that the store has failed with.
    """

    __slots__ = (
        "address",
        "attempts",
        "challenges",
        "channel_key",
        "chunks",
        "in_flight",
        "nearness",
        "unstored",
    )

    def __init__(
        self, outlet: Outlet, address: str = "", nearness: Nearness = Nearness.LOOPBACK
    ) -> None:
        super().__init__(outlet)
        self.address = address
        self.nearness = nearness
        self.channel_key = b""
        self.challenges: dict[bytes, bytes] = {}
        self.in_flight = 0
        self.chunks = 0
        self.attempts = 0
        self.unstored: dict[bytes, Unstored] = {}

    def refuse(self, request: int, sentence: Sentence) -> None:
        """Answer the ``request`` with a refusal."""
        self.outlet.note(Happening.REFUSAL, sentence.code)
        self.send(sentence.reply(request))

    def send(self, message: Struct) -> None:
        """Send a reply or an event without payload."""
        self.outlet.send(encode(message))
