"""The live end of a log, who reads it, and where each of them stands."""

import enum

from msgspec import Struct

from geventim.chat.values import Account, Conversation, Entry
from geventim.errors import MisuseError
from geventim.service.ports import Audience, Outlet


class Pace(enum.Enum):
    """How a reader gets the entries of a conversation: not, page by page, or as they come."""

    SILENT = "silent"
    BEHIND = "behind"
    LIVE = "live"


class Published(Struct, frozen=True):
    """An entry on its way to those who are live.

    ``author`` is the way to who wrote it, to whom ``reply`` is sent in its place.
    """

    entry: Entry
    frame: bytes
    author: Outlet | None = None
    reply: bytes = b""


class Feed:
    """The live end of one log, heard by the live places.

    ``places`` are all that there are in it. ``head`` is the last entry delivered, or else where the
    first live place was; below zero while there was neither. ``hash`` is the running hash there if
    it is known, and ``waiting`` is what follows. The live places that do not have exactly what was
    delivered up to ``head`` are ``apart``.
    """

    __slots__ = (
        "__weakref__",
        "apart",
        "audience",
        "conversation",
        "hash",
        "head",
        "places",
        "waiting",
    )

    def __init__(self, conversation: Conversation, audience: Audience) -> None:
        self.conversation = conversation
        self.audience = audience
        self.head = -1
        self.hash = b""
        self.waiting: list[Published] = []
        self.places: dict[Outlet, Place] = {}
        self.apart: dict[Outlet, Place] = {}


class Place:
    """A reader's place in one conversation.

    The entries above ``since`` are the account's, up to ``until``, which is None while it is a
    member. ``peer`` is the other account when they are two. The entries up to ``cursor`` need not
    be sent any more; ``sent`` is the last one that was.
    """

    __slots__ = ("cursor", "feed", "pace", "peer", "reader", "sent", "since", "until")

    def __init__(
        self,
        reader: "Reader",
        feed: Feed,
        since: int,
        until: int | None = None,
        peer: bytes | None = None,
    ) -> None:
        self.reader = reader
        self.feed = feed
        self.since = since
        self.until = until
        self.peer = peer
        self.cursor = since
        self.sent = since
        self.pace = Pace.SILENT


class Reader:
    """Whoever reads conversations through ``outlet``.

    ``places`` are the conversations of its account; of those in which it is behind, ``behind`` has
    at least all that it has not got to the end of.
    """

    __slots__ = ("_account", "behind", "outlet", "places")

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.places: dict[bytes, Place] = {}
        self.behind: dict[bytes, Place] = {}
        self._account: Account | None = None

    @property
    def account(self) -> Account:
        """Who reads; only to be asked for when :attr:`logged_in`."""
        if self._account is None:
            raise MisuseError("nobody has logged in")
        return self._account

    @account.setter
    def account(self, account: Account) -> None:
        self._account = account

    @property
    def logged_in(self) -> bool:
        """Whether the client has shown whose account it reads for."""
        return self._account is not None

    @property
    def settled(self) -> bool:
        """Whether all the conversations of the account are read."""
        return all(place.pace is not Pace.SILENT for place in self.places.values())

    def is_member(self, conversation: bytes) -> bool:
        """Whether the account is a member of a conversation now."""
        place = self.places.get(conversation)
        return place is not None and place.until is None

    def enter(
        self, feed: Feed, since: int, until: int | None = None, peer: bytes | None = None
    ) -> None:
        """Have a place in a conversation in which there was none."""
        place = Place(self, feed, since, until, peer)
        self.places[feed.conversation.id] = feed.places[self.outlet] = place

    def quit(self, conversation: bytes) -> None:
        """Have no place there any more."""
        place = self.places.pop(conversation, None)
        if place is not None:
            place.feed.places.pop(self.outlet, None)

    def end(self) -> None:
        """Have no place anywhere."""
        for place in self.places.values():
            place.feed.places.pop(self.outlet, None)
        self.places.clear()
        self.behind.clear()
