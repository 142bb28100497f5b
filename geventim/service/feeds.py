"""Live delivery of log entries, and catching up from the log.

A place is either live, and gets each entry when it is published, or behind, and reads the log page
by page at its own pace. It begins behind, falls behind when its outlet is congested, and becomes
live when a page has nothing more for it. Nothing can come between that last look and becoming live
without being seen, because an entry is published only after it is in the log.
"""

from collections.abc import Callable
from typing import Final
from weakref import WeakValueDictionary

from geventim.chat.codec import encode
from geventim.chat.replies import EntryEvent
from geventim.chat.values import Conversation, Entry, EntryKind
from geventim.service.accounts import Accounts
from geventim.service.ports import Audience, Journal
from geventim.service.sessions import Pace, Place, Session

ENDS_FOR_AUTHOR: Final = frozenset({EntryKind.LEAVE, EntryKind.DELETE})
"""Entries after which their author is out."""


class Feed:
    """The live end of one log; ``head`` is the last entry published since this exists."""

    __slots__ = ("__weakref__", "audience", "conversation", "head")

    def __init__(self, conversation: Conversation, audience: Audience) -> None:
        self.conversation = conversation
        self.audience = audience
        self.head = 0


class Feeds:
    """The feeds of the conversations that somebody is connected for."""

    def __init__(
        self, journal: Journal, accounts: Accounts, audience: Callable[[], Audience]
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._audience = audience
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
        place.feed.audience.add(session.outlet)
        session.outlet.catch_up()

    def unsubscribe(self, session: Session, feed: Feed) -> None:
        """Take the session out of a conversation that its account has left."""
        feed.audience.discard(session.outlet)
        session.places.pop(feed.conversation.id, None)

    def publish(self, feed: Feed, entry: Entry, author: Session | None) -> None:
        """Deliver an entry that is in the log to everyone but the session that wrote it.

        Whoever the entry puts out gets nothing after it.
        """
        feed.head = entry.seq
        frame = self._frame(entry)
        for outlet in feed.audience.outlets():
            session = outlet.session
            place = session.places.get(entry.conversation)
            if place is None or place.pace is not Pace.LIVE or place.cursor >= entry.seq:
                continue
            if session is author:
                place.cursor = entry.seq
            elif outlet.congested:
                place.pace = Pace.BEHIND
                outlet.catch_up()
            else:
                place.cursor = entry.seq
                outlet.send(frame)
                if entry.kind is EntryKind.DELETE:
                    self.unsubscribe(session, feed)
        if author is not None and entry.kind in ENDS_FOR_AUTHOR:
            self.unsubscribe(author, feed)

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
