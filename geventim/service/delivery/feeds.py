"""Live delivery of log entries, and catching up.

A place is either live, and gets each entry when it is published, or behind, and is sent page after
page at its own pace: from memory where it has missed only what was said of late, else from the log.
It begins behind, falls behind when its outlet is congested, and becomes live when there is nothing
more for it. Nothing can come between that last look and becoming live without being seen, because
an entry is published only after it is in the log.

The messages of one pass of the event loop are delivered together, to all live places in the same
words. So a live place needs no cursor: it has what its feed has delivered. What is not the same for
all, because it changes who they are or because a place has read the log by itself, goes to each
session apart.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final
from weakref import WeakValueDictionary

from geventim.chat.codec import encode
from geventim.chat.replies import Reply
from geventim.chat.values import Conversation, EntryKind, Kind
from geventim.log.outcomes import Appended, Position
from geventim.service.delivery.gathering import Gathering
from geventim.service.delivery.recent import Recent
from geventim.service.delivery.wording import Wording
from geventim.service.feed import Feed, Pace, Place, Published, Reader
from geventim.service.people.accounts import Accounts
from geventim.service.ports import Audience, Journal, Timers

GATHERED: Final = (EntryKind.MESSAGE, EntryKind.LEAVE)
"""What everybody is told in the same words."""


class Feeds:
    """The feeds of the conversations that somebody is connected for."""

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        audience: Callable[[], Audience],
        timers: Timers,
        recent: Recent,
    ) -> None:
        self._journal = journal
        self._wording = Wording(accounts)
        self._audience = audience
        self._timers = timers
        self._gathering = Gathering(timers)
        self._recent = recent
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

    def position(self, place: Place, after: int) -> Position | None:
        """Where ``after`` is, if it is in the account's time and known without reading the log."""
        feed = place.feed
        if not place.since <= after <= feed.head:
            return None
        if after == feed.head:
            known: bytes | None = feed.hash
        else:
            known = self._recent.hash_before(feed.conversation.id, after + 1)
        # What is kept has not expired, nor has anything after it.
        return Position(after, known, feed.head, 0) if known else None

    def wait(self, feed: Feed) -> float:
        """Seconds that a message to ``feed`` may wait for others to share its way."""
        return 0.0 if feed.conversation.kind is Kind.DM else self._gathering.wait

    def forget(self) -> None:
        """Keep nothing in memory that may have expired."""
        self._recent.clear()

    def start_over(self) -> None:
        """Logs may not be what they were: whoever subscribes from now on reads them anew.

        What is still on its way to those who have subscribed before leads nowhere.
        """
        self._recent.clear()
        self._feeds.clear()

    def subscribe(self, reader: Reader, place: Place, position: Position) -> None:
        """Deliver everything above ``position``, which was read just now, to ``reader``."""
        feed, after = place.feed, position.seq
        self._begin(place, after, after)
        if after == position.last and after >= feed.head and place.until is None:
            # There was nothing above it, and what came meanwhile has not been delivered.
            self._go_live(place)
        else:
            reader.outlet.catch_up()
        if after == feed.head:
            feed.hash = position.hash

    def unsubscribe(self, reader: Reader, feed: Feed) -> None:
        """Take the reader out of a conversation of which it has got everything.

        What was published before this is delivered to it, and to it alone: many may leave in one
        pass.
        """
        place = reader.places.get(feed.conversation.id)
        if place is not None and feed.waiting:
            if place.pace is Pace.LIVE and reader.outlet not in feed.apart:
                place.cursor = place.sent = feed.head
            for published in feed.waiting:
                self._send(place, published)
        feed.apart.pop(reader.outlet, None)
        feed.audience.expel(reader.outlet)
        reader.quit(feed.conversation.id)

    def gather(
        self,
        feed: Feed,
        appended: Appended,
        author: Reader | None = None,
        reply: Reply | None = None,
    ) -> bool:
        """Deliver a message or a leave that is in the log, together with others of this pass.

        Its author, if connected here, gets the reply in the place of the entry: behind those
        before it. Whoever has left is unsubscribed before this. False, and nothing is done, for
        what not all are told in the same words.
        """
        is_plain = appended.entry.kind in GATHERED and appended.conversation is None
        if not is_plain or feed.conversation.kind is Kind.DM:
            return False
        # Finding out who wrote it may take a while, in which others are delivered.
        frame = self._wording.for_all(appended.entry)
        answer = encode(reply) if reply else b""
        outlet = author.outlet if author else None
        feed.waiting.append(Published(appended.entry, frame, outlet, answer))
        if len(feed.waiting) == 1:
            self._timers.soon(partial(self.flush, feed))
        return True

    def publish(self, feed: Feed, appended: Appended, author: Reader | None) -> None:
        """Deliver an entry that is in the log to everyone but who wrote it.

        Whoever the entry puts out gets nothing after it.
        """
        outlet = author.outlet if author else None
        published = Published(appended.entry, self._wording.for_all(appended.entry), outlet)
        self.flush(feed)
        if appended.conversation is not None:
            feed.conversation = appended.conversation
        present = map(feed.places.get, feed.audience.outlets())
        concerned = [place for place in present if place is not None]
        if feed.conversation.kind is not Kind.DM:
            accounts = {*appended.entry.added, *appended.gone}
            concerned = [place for place in concerned if place.reader.account.id in accounts]
        self._set_apart(feed, concerned)
        feed.waiting.append(published)
        self.flush(feed)
        for place in concerned:
            if place.until is not None and place.pace is Pace.LIVE:
                self.unsubscribe(place.reader, feed)
        if appended.gone:
            feed.audience.renew()

    def flush(self, feed: Feed) -> None:
        """Deliver what is waiting, the same to all who are where the feed is."""
        published, feed.waiting = feed.waiting, []
        if not published:
            return
        if published[0].entry.seq != feed.head + 1:
            # What was in between has expired; everybody is told the hash.
            present = map(feed.places.get, feed.audience.outlets())
            self._set_apart(feed, (place for place in present if place is not None))
        before, last = feed.head, published[-1].entry
        feed.head, feed.hash = last.seq, last.hash
        apart, feed.apart = feed.apart, {}
        for place in apart.values():
            for each in published:
                self._send(place, each)
        but = set(apart)
        author = published[0].author
        if author is not None and all(each.author is author for each in published):
            but.add(author)
        for outlet in feed.audience.deliver([each.frame for each in published], but):
            place_behind = feed.places.get(outlet)
            if place_behind is not None:
                self._fall_behind(place_behind, before, before)
        is_known = self._feeds.get(feed.conversation.id) is feed
        for each in published:
            if is_known and each.entry.kind in GATHERED:
                self._recent.keep(each.entry, each.frame)
            # Whoever was served apart, or has left since, has had the reply.
            author = each.author if each.reply else None
            if author and author not in apart and author in feed.places:
                author.send(each.reply)
        self._gathering.note_delivery()

    def _set_apart(self, feed: Feed, places: Iterable[Place]) -> None:
        """Have the next entry told to each of ``places`` by itself."""
        for place in places:
            if place.reader.outlet not in feed.apart:
                place.cursor = place.sent = feed.head
                feed.apart[place.reader.outlet] = place

    def _send(self, place: Place, published: Published) -> None:
        """Send an entry to a live place in the words that are right for it."""
        entry, feed, outlet = published.entry, place.feed, place.reader.outlet
        if outlet is published.author and published.reply:
            outlet.send(published.reply)
        if place.pace is not Pace.LIVE or place is not feed.places.get(outlet):
            return  # it fell behind, or its connection was lost
        if place.cursor < entry.seq:
            if outlet is not published.author:
                if outlet.congested:
                    self._fall_behind(place, place.cursor, place.sent)
                    return
                own = self._wording.for_one(entry, place.reader.account.id, place.sent)
                outlet.send(published.frame if own is None else own)
            place.cursor = place.sent = entry.seq
        if place.cursor == place.sent == feed.head:
            feed.apart.pop(outlet, None)
        else:
            feed.apart[outlet] = place

    def _fall_behind(self, place: Place, cursor: int, sent: int) -> None:
        self._begin(place, cursor, sent)
        place.reader.outlet.catch_up()

    def _begin(self, place: Place, cursor: int, sent: int) -> None:
        feed, reader = place.feed, place.reader
        feed.audience.discard(reader.outlet)
        feed.apart.pop(reader.outlet, None)
        place.cursor, place.sent = cursor, sent
        place.pace = Pace.BEHIND
        reader.behind[feed.conversation.id] = place

    def _go_live(self, place: Place) -> None:
        feed, outlet = place.feed, place.reader.outlet
        place.pace = Pace.LIVE
        feed.audience.add(outlet)
        if feed.head < 0:
            feed.head = place.cursor
        if not place.cursor == place.sent == feed.head:
            feed.apart[outlet] = place

    def catch_up(self, reader: Reader) -> bool:
        """Send one page to a reader that is behind; False when it is not."""
        while reader.behind:
            conversation, place = next(iter(reader.behind.items()))
            if place.pace is Pace.BEHIND and reader.places.get(conversation) is place:
                self._send_page(place)
                return True
            reader.behind.pop(conversation, None)
        return False

    def _send_page(self, place: Place) -> None:
        feed, reader, account = place.feed, place.reader, place.reader.account.id
        if self._send_recent(place):
            return
        published, cursor, sent = feed.head, place.cursor, place.sent
        page = self._journal.entries(feed.conversation.id, account, cursor)
        frames = []
        for entry in page.entries:
            frames.append(
                self._wording.for_one(entry, account, sent) or self._wording.for_all(entry)
            )
            sent = entry.seq
        # Reading may have taken a while, in which the client may have asked to begin elsewhere.
        # From here on nothing waits.
        if reader.places.get(feed.conversation.id) is not place or place.cursor != cursor:
            return
        if page.entries:
            for frame in frames:
                reader.outlet.send(frame)
            place.cursor = place.sent = sent
            if page.present and 0 <= feed.head <= sent:
                self._go_live(place)
        elif page.present:
            place.cursor = max(cursor, published)
            if place.cursor >= feed.head:
                self._go_live(place)
        elif published == feed.head:
            # Otherwise the account may have become a member again meanwhile.
            self.unsubscribe(reader, feed)

    def _send_recent(self, place: Place) -> bool:
        """Send a page to a place that has missed only what is in memory; False if it has not."""
        feed, outlet = place.feed, place.reader.outlet
        if place.until is not None or not place.since <= place.cursor == place.sent:
            return False
        frames = self._recent.frames(feed.conversation.id, place.cursor, feed.head)
        if not frames:
            return False
        for frame in frames:
            outlet.send(frame)
        place.cursor = place.sent = place.cursor + len(frames)
        if place.cursor == feed.head:
            self._go_live(place)
        return True
