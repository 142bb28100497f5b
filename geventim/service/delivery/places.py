"""Where sessions stand in conversations: as members or as former ones, since when, and with whom.

A place is made when a session begins, for each conversation of its account, or when the account
becomes a member while it is connected. It goes when the account has left, or has got everything.
"""

from geventim.chat.replies import Added, ConversationInfo
from geventim.chat.values import Conversation, EntryKind, Kind, Membership
from geventim.log.outcomes import Appended
from geventim.service import refusals
from geventim.service.bounds import USUAL, Bounds
from geventim.service.delivery.feeds import Feeds
from geventim.service.feed import Feed
from geventim.service.people.accounts import Accounts
from geventim.service.people.presence import Connected
from geventim.service.ports import Journal
from geventim.service.sessions import Session


class Places:
    """Gives every session its places."""

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        connected: Connected,
        feeds: Feeds,
        bounds: Bounds = USUAL,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._connected = connected
        self._feeds = feeds
        self._most = bounds.listed

    def list_for(
        self, session: Session, after: bytes = b""
    ) -> tuple[tuple[ConversationInfo, ...], bool]:
        """A page of what the session's account is a member of, or was until it was put out.

        It is what comes behind the conversation ``after``, and whether there is more of it.
        """
        found = self._journal.memberships(session.account.id, after, self._most + 1)
        page = tuple(self._take(session, each) for each in found[: self._most])
        return page, len(found) > self._most

    def admit(self, session: Session, conversation: Conversation, peer: bytes | None) -> None:
        """Let a session have its place in a conversation of which it is a member since it began."""
        if conversation.id not in session.places:
            feed = self._feeds.feed(conversation)
            session.enter(feed, 0, None, peer)

    def introduce(self, account: bytes, conversation: Conversation, peer: bytes) -> None:
        """Tell ``account``, if it is connected here, that ``peer`` has begun their conversation."""
        session = self._connected.session(account)
        if session is not None and conversation.id not in session.places:
            self.admit(session, conversation, peer)
            session.send(Added(conversation=self.describe(session, conversation)))

    def describe(self, session: Session, conversation: Conversation) -> ConversationInfo:
        """A conversation as the session's account sees it now.

        Raises :class:`geventim.errors.UserError`: ``no_conversation``.
        """
        head = self._journal.head(conversation.id)
        if head is None:
            raise refusals.NO_CONVERSATION.error()
        place = session.places.get(conversation.id)
        if place is None:
            return self._info(Membership(conversation, 0, 0, head.members, present=False))
        is_present = place.until is None
        last = head.seq if place.until is None else place.until
        return self._info(
            Membership(conversation, place.since, last, head.members, is_present, place.peer)
        )

    def change(self, feed: Feed, appended: Appended, author: Session | None) -> None:
        """Let those who are connected know what an entry has done to their membership.

        This comes before the entry is published, and waits for nothing. Without an ``author`` it
        is an entry that another node has written.
        """
        entry = appended.entry
        for account in appended.gone:
            session = self._connected.session(account)
            place = session.places.get(entry.conversation) if session else None
            if place is not None:
                place.until = entry.seq
        if appended.conversation is not None:
            for account, since in appended.joined:
                self._join(account, feed, since, appended, appended.conversation, author)
        if entry.kind is EntryKind.LEAVE:
            # The account may have logged in again before its leave was stored.
            newer = self._connected.session(entry.author)
            for session in (author, newer):
                if session is not None:
                    self._feeds.unsubscribe(session, feed)

    def _join(
        self,
        account: bytes,
        feed: Feed,
        since: int,
        appended: Appended,
        conversation: Conversation,
        author: Session | None,
    ) -> None:
        session = self._connected.session(account)
        if session is None:
            return
        place = session.places.get(conversation.id)
        if place is None:
            session.enter(feed, since)
        else:
            place.since, place.until = since, None
        if session is not author:
            membership = Membership(conversation, since, appended.entry.seq, appended.members)
            session.send(Added(conversation=self._info(membership)))

    def _take(self, session: Session, membership: Membership) -> ConversationInfo:
        conversation = membership.conversation
        if conversation.id not in session.places:
            until = None if membership.present else membership.head
            feed = self._feeds.feed(conversation)
            session.enter(feed, membership.since, until, membership.peer)
        return self._info(membership)

    def _info(self, membership: Membership) -> ConversationInfo:
        conversation = membership.conversation
        name, peer = conversation.name, None
        if conversation.kind is Kind.DM and membership.peer is not None:
            peer = self._accounts.person(membership.peer)
            name = peer.nick
        return ConversationInfo(
            conversation.id,
            conversation.kind,
            name,
            conversation.incarnation,
            membership.present,
            membership.since,
            membership.head,
            membership.members,
            peer,
            keyed=bool(conversation.gate),
            gate=(conversation.gate or None) if membership.present else None,
            founder=conversation.creator if conversation.kind is Kind.GROUP else None,
        )
