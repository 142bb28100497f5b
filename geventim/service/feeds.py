"""Live delivery of log entries, and catching up from the log.

A place is either live, and gets each entry when it is published, or behind, and reads the log page
by page at its own pace. It begins behind, falls behind when its outlet is congested, and becomes
live when a page has nothing more for it. Nothing can come between that last look and becoming live
without being seen, because an entry is published only after it is in the log.
"""

from collections.abc import Callable
from weakref import WeakValueDictionary

from geventim.chat.codec import encode
from geventim.chat.log import Appended
from geventim.chat.replies import EntryEvent
from geventim.chat.values import Conversation, Entry
from geventim.service.accounts import Accounts
from geventim.service.ports import Audience, Journal
from geventim.service.sessions import Pace, Place, Session


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

    def known(self, conversation: bytes) -> Feed | None:
        """The feed of a conversation if somebody holds it."""
        return self._feeds.get(conversation)

    def subscribe(self, session: Session, place: Place, after: int) -> None:
        """Deliver everything above ``after`` to ``session``."""
        place.cursor = place.sent = after
        place.pace = Pace.BEHIND
        place.feed.audience.add(session.outlet)
        session.outlet.catch_up()

    def unsubscribe(self, session: Session, feed: Feed) -> None:
        """Take the session out of a conversation of which it has got everything."""
        feed.audience.discard(session.outlet)
        session.places.pop(feed.conversation.id, None)

    def publish(self, feed: Feed, appended: Appended, author: Session | None) -> None:
        """Deliver an entry that is in the log to everyone but the session that wrote it.

        Whoever the entry puts out gets nothing after it.
        """
        entry = appended.entry
        feed.head = entry.seq
        if appended.conversation is not None:
            feed.conversation = appended.conversation
        shared = self._frame(entry)
        for outlet in feed.audience.outlets():
            session = outlet.session
            place = session.places.get(entry.conversation)
            if place is None or place.pace is not Pace.LIVE or place.cursor >= entry.seq:
                continue
            if session is not author:
                if outlet.congested:
                    place.pace = Pace.BEHIND
                    outlet.catch_up()
                    continue
                own = self._own_frame(entry, session.account.id, place.sent)
                outlet.send(shared if own is None else own)
            place.cursor = place.sent = entry.seq
            if place.until is not None:
                self.unsubscribe(session, feed)

    def catch_up(self, session: Session) -> bool:
        """Send one page to a session that is behind; False when it is not."""
        for place in list(session.places.values()):
            if place.pace is Pace.BEHIND:
                self._send_page(session, place)
                return True
        return False

    def _send_page(self, session: Session, place: Place) -> None:
        feed, account = place.feed, session.account.id
        published, cursor, sent = feed.head, place.cursor, place.sent
        page = self._journal.entries(feed.conversation.id, account, cursor)
        frames = []
        for entry in page.entries:
            frames.append(self._own_frame(entry, account, sent) or self._frame(entry))
            sent = entry.seq
        # Reading may have taken a while, in which the client may have asked to begin elsewhere.
        # From here on nothing waits.
        if session.places.get(feed.conversation.id) is not place or place.cursor != cursor:
            return
        if page.entries:
            for frame in frames:
                session.outlet.send(frame)
            place.cursor = place.sent = sent
        elif page.present:
            place.cursor = max(cursor, published)
            if place.cursor >= feed.head:
                place.pace = Pace.LIVE
        elif published == feed.head:
            # Otherwise the account may have become a member again meanwhile.
            self.unsubscribe(session, feed)

    def _frame(self, entry: Entry) -> bytes:
        """What everybody gets of ``entry``, but those for whom there is :meth:`_own_frame`."""
        return self._encode(entry, b"", None)

    def _own_frame(self, entry: Entry, account: bytes, sent: int) -> bytes | None:
        """What ``account``, to whom ``sent`` was the last entry sent, gets instead; often None."""
        if account in entry.added:
            return self._encode(entry, entry.welcome, entry.previous)
        return None if entry.seq == sent + 1 else self._encode(entry, b"", entry.previous)

    def _encode(self, entry: Entry, welcome: bytes, previous: bytes | None) -> bytes:
        person = self._accounts.person
        event = EntryEvent(
            conversation=entry.conversation,
            seq=entry.seq,
            time=entry.time,
            author=person(entry.author).nick,
            account=entry.author,
            message_id=entry.message_id,
            kind=entry.kind,
            head=entry.head,
            added=tuple(map(person, entry.added)),
            removed=tuple(map(person, entry.removed)),
            welcome=len(welcome),
            previous=previous,
            payload=len(entry.payload) + len(welcome),
        )
        return encode(event, entry.payload + welcome)
