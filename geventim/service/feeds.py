"""Live delivery of log entries, and catching up from the log.

A place is either live, and gets each entry when it is published, or behind, and reads the log page
by page at its own pace. It begins behind, falls behind when its outlet is congested, and becomes
live when a page has nothing more for it. Nothing can come between that last look and becoming live
without being seen, because an entry is published only after it is in the log.

The entries of one pass of the event loop are delivered together, to all live places in the same
words. So a live place needs no cursor: it has what its feed has delivered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from weakref import WeakValueDictionary

from geventim.chat.codec import encode
from geventim.chat.replies import EntryEvent
from geventim.chat.values import Conversation, Entry, EntryKind
from geventim.service.accounts import Accounts
from geventim.service.ports import Audience, Journal, Outlet, Timers
from geventim.service.sessions import Pace, Place, Session

ENDS_FOR_AUTHOR: Final = frozenset({EntryKind.LEAVE, EntryKind.DELETE})
"""Entries after which their author is out."""


@dataclass(frozen=True, slots=True)
class Published:
    """An entry on its way to those who are live; ``author`` is the session that wrote it."""

    entry: Entry
    frame: bytes
    author: Session | None


class Feed:
    """The live end of one log, heard by the live places.

    ``head`` is the last entry delivered since this exists, and ``waiting`` is what follows. Some
    place has read the log up to ``reached`` by itself before it became live.
    """

    __slots__ = ("__weakref__", "audience", "conversation", "head", "reached", "waiting")

    def __init__(self, conversation: Conversation, audience: Audience) -> None:
        self.conversation = conversation
        self.audience = audience
        self.head = 0
        self.reached = 0
        self.waiting: list[Published] = []


class Feeds:
    """The feeds of the conversations that somebody is connected for."""

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        audience: Callable[[], Audience],
        timers: Timers,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._audience = audience
        self._timers = timers
        self._feeds: WeakValueDictionary[bytes, Feed] = WeakValueDictionary()

    def feed(self, conversation: Conversation) -> Feed:
        """The feed of a conversation; it lives as long as somebody holds it."""
        feed = self._feeds.get(conversation.id)
        if feed is None:
            feed = self._feeds[conversation.id] = Feed(conversation, self._audience())
        return feed

    def subscribe(self, session: Session, place: Place, after: int) -> None:
        """Deliver everything above ``after`` to ``session``."""
        place.cursor = after
        place.pace = Pace.BEHIND
        place.feed.audience.discard(session.outlet)
        session.outlet.catch_up()

    def unsubscribe(self, session: Session, feed: Feed) -> None:
        """Take the session out of a conversation that its account has left.

        What was published before this is delivered to it.
        """
        place = session.places.pop(feed.conversation.id, None)
        if place is not None and place.pace is Pace.LIVE:
            self._send_rest(session, place, feed.waiting)
        feed.audience.expel(session.outlet)

    def publish(self, feed: Feed, entry: Entry, author: Session | None) -> None:
        """Deliver an entry that is in the log to everyone but the session that wrote it.

        Whoever the entry puts out gets nothing after it.
        """
        # Finding out the author's nick may take a while, in which others are delivered.
        published = Published(entry, self._frame(entry), author)
        feed.waiting.append(published)
        if len(feed.waiting) == 1:
            self._timers.soon(partial(self._deliver, feed))
        if entry.kind in ENDS_FOR_AUTHOR:
            feed.audience.renew()
            if author is not None:
                self.unsubscribe(author, feed)

    def _deliver(self, feed: Feed) -> None:
        published, feed.waiting = feed.waiting, []
        before, feed.head = feed.head, published[-1].entry.seq
        but = self._serve_apart(feed, published)
        for outlet in feed.audience.deliver([each.frame for each in published], but):
            feed.audience.discard(outlet)
            place = outlet.session.places.get(feed.conversation.id)
            if place is not None:
                place.cursor = max(place.cursor, before)
                place.pace = Pace.BEHIND
                outlet.catch_up()
        if published[-1].entry.kind is EntryKind.DELETE:
            for outlet in feed.audience.outlets():
                self.unsubscribe(outlet.session, feed)

    def _serve_apart(self, feed: Feed, published: Sequence[Published]) -> set[Outlet]:
        """Those for whom what all are told would be wrong; they have what they need."""
        apart = set()
        if feed.reached >= published[0].entry.seq:
            for outlet in feed.audience.outlets():
                place = outlet.session.places.get(feed.conversation.id)
                if place is not None and place.cursor >= published[0].entry.seq:
                    self._send_rest(outlet.session, place, published)
                    apart.add(outlet)
        author = published[0].author
        if author is not None and all(each.author is author for each in published):
            apart.add(author.outlet)
        return apart

    def _send_rest(self, session: Session, place: Place, published: Sequence[Published]) -> None:
        """Send what ``place`` does not have and the session has not written."""
        for each in published:
            if each.entry.seq > place.cursor and each.author is not session:
                session.outlet.send(each.frame)

    def catch_up(self, session: Session) -> bool:
        """Send one page to a session that is behind; False when it is not."""
        for place in list(session.places.values()):
            if place.pace is Pace.BEHIND:
                self._send_page(session, place)
                return True
        return False

    def _send_page(self, session: Session, place: Place) -> None:
        feed = place.feed
        published = feed.head
        page = self._journal.entries(feed.conversation.id, session.account.id, place.cursor)
        frames = [(entry.seq, self._frame(entry)) for entry in page]
        # Reading may have taken a while; from here on nothing waits.
        if session.places.get(feed.conversation.id) is not place:
            return
        for seq, frame in frames:
            session.outlet.send(frame)
            place.cursor = seq
        if not page:
            place.cursor = max(place.cursor, published)
            if place.cursor >= feed.head:
                place.pace = Pace.LIVE
                feed.reached = max(feed.reached, place.cursor)
                feed.audience.add(session.outlet)
        elif page[-1].kind is EntryKind.DELETE:
            self.unsubscribe(session, feed)

    def _frame(self, entry: Entry) -> bytes:
        nick = self._accounts.nick
        event = EntryEvent(
            conversation=entry.conversation,
            seq=entry.seq,
            time=entry.time,
            author=nick(entry.author),
            kind=entry.kind,
            added=tuple(map(nick, entry.added)),
            payload=len(entry.payload),
        )
        return encode(event, entry.payload)
