"""Rooms, groups and conversations of two: finding them, and putting entries into their logs."""

from functools import partial

from geventim.chat import limits, log
from geventim.chat.names import check_name
from geventim.chat.replies import Added, Appended, ConversationInfo, Opened, Subscribed
from geventim.chat.requests import Append, CreateGroup, OpenDm, OpenGroup, OpenRoom, Subscribe
from geventim.chat.values import Account, Conversation, EntryKind, Kind, Membership, dm_id
from geventim.errors import StoreError, UserError
from geventim.service import refusals
from geventim.service.accounts import Accounts
from geventim.service.feeds import Feed, Feeds
from geventim.service.ports import Journal, Timers
from geventim.service.presence import Connected
from geventim.service.sessions import Place, Session


class Conversations:
    """What members do with conversations; ``room_limit`` bounds the members of a room."""

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        connected: Connected,
        feeds: Feeds,
        timers: Timers,
        room_limit: int,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._connected = connected
        self._feeds = feeds
        self._timers = timers
        self._room_limit = room_limit

    def list_for(self, session: Session) -> tuple[ConversationInfo, ...]:
        """What the session's account is a member of."""
        return tuple(
            self._take_place(session, membership)
            for membership in self._journal.memberships(session.account.id)
        )

    def open_room(self, session: Session, request: OpenRoom) -> Opened:
        """Join a room, creating it if need be."""
        name = check_name(request.name)
        room = self._journal.conversation_named(Kind.ROOM, name)
        if room is None:
            creator = session.account.id
            proposed = Conversation(request.conversation, Kind.ROOM, name, creator)
            room = self._create(proposed, (creator,), request.conversation)
        # Somebody else may have created it in between.
        room = room or self._journal.conversation_named(Kind.ROOM, name)
        if room is None:
            raise refusals.NO_CONVERSATION.error()
        outcome = self._commit(log.Join(room.id, session.account.id, self._room_limit))
        if outcome == log.ROOM_FULL:
            raise refusals.room_full(room.name, self._room_limit).error()
        if not isinstance(outcome, Membership):
            raise refusals.NO_CONVERSATION.error()
        return Opened(id=request.id, conversation=self._take_place(session, outcome))

    def open_group(self, session: Session, request: OpenGroup) -> Opened:
        """Find a group that the account is a member of, or may delete."""
        group = self._journal.conversation_named(Kind.GROUP, request.name)
        if group is None:
            raise refusals.no_group(request.name).error()
        if group.id not in session.places and not session.account.operator:
            raise refusals.not_in_group(request.name).error()
        return Opened(id=request.id, conversation=_info(group, group.name))

    def open_dm(self, session: Session, request: OpenDm) -> Opened:
        """Find or begin the conversation with somebody."""
        account = session.account
        peer = self._accounts.named(request.nick)
        if peer.id == account.id:
            raise refusals.ONESELF.error()
        dm = Conversation(dm_id(account.id, peer.id), Kind.DM, "", account.id)
        if dm.id not in session.places:
            if self._create(dm, (account.id, peer.id), dm.id) is None:
                raise refusals.NO_CONVERSATION.error()
            self._tell(dm)
        return Opened(id=request.id, conversation=_info(dm, peer.nick))

    def create_group(self, session: Session, request: CreateGroup) -> Opened:
        """Begin a group of the account and those it names."""
        account = session.account
        name = check_name(request.name)
        people = self._find(account, request.members)
        members = tuple(person.id for person in people)
        proposed = Conversation(request.conversation, Kind.GROUP, name, account.id)
        group = self._create(proposed, members, request.message_id)
        if group is None:
            raise refusals.GROUP_EXISTS.error()
        self._tell(group)
        return Opened(
            id=request.id,
            conversation=_info(group, group.name),
            members=tuple(person.nick for person in people),
        )

    def subscribe(self, session: Session, request: Subscribe) -> Subscribed:
        """Deliver a log from now on, and first what is missing of it."""
        place = session.places.get(request.conversation)
        if place is None:
            raise refusals.NOT_A_MEMBER.error()
        head = self._journal.head(request.conversation)
        after = min(max(place.since, request.after), head)
        self._feeds.subscribe(session, place, after)
        return Subscribed(id=request.id, after=after, head=head)

    def append(self, session: Session, request: Append, payload: bytes) -> None:
        """Put an entry into a log; the reply is sent when it is on disk."""
        if request.kind is EntryKind.COMMIT:
            raise refusals.malformed("append", "it does not take commits").error()
        if len(payload) > limits.PAYLOAD_SIZE:
            raise refusals.TOO_LARGE.error()
        place = session.places.get(request.conversation)
        # Without a place it may be an operator's delete, or the repetition of a leave.
        feed = place.feed if place else self._feed(request.conversation)
        peer = self._journal.account(place.peer) if place and place.peer else None
        account = session.account
        change = log.Append(
            request.conversation,
            account.id,
            request.kind,
            request.message_id,
            self._timers.now(),
            payload,
            operator=account.operator,
        )
        session.in_flight += 1
        self._journal.submit(change, partial(self._appended, session, request.id, feed, peer))

    def _appended(
        self,
        session: Session,
        request: int,
        feed: Feed,
        peer: Account | None,
        outcome: log.Outcome | StoreError,
    ) -> None:
        session.in_flight -= 1
        if not isinstance(outcome, log.Appended):
            session.send(_refused(outcome, peer).reply(request))
            return
        entry = outcome.entry
        recipient = self._connected.recipient(peer) if peer else None
        session.send(Appended(id=request, seq=entry.seq, time=entry.time, recipient=recipient))
        if outcome.repeated:
            return
        self._feeds.publish(feed, entry, session)
        newer = self._connected.session(entry.author)
        if newer is not None and entry.kind is EntryKind.LEAVE:
            # The account may have logged in again, as a member, before the leave was stored.
            self._feeds.unsubscribe(newer, feed)

    def _feed(self, conversation: bytes) -> Feed:
        found = self._journal.conversation(conversation)
        if found is None:
            raise refusals.NO_CONVERSATION.error()
        return self._feeds.feed(found)

    def _find(self, creator: Account, nicks: tuple[str, ...]) -> list[Account]:
        """The people of a new group, its creator first, each once."""
        found = {creator.id: creator}
        unknown = []
        for nick in nicks:
            try:
                person = self._accounts.named(nick)
            except UserError:
                unknown.append(nick)
            else:
                found[person.id] = person
        if unknown:
            raise refusals.users_not_found(unknown).error()
        return list(found.values())

    def _create(
        self, proposed: Conversation, members: tuple[bytes, ...], message_id: bytes
    ) -> Conversation | None:
        """The conversation as it exists now; None when another one has its name."""
        outcome = self._commit(log.Create(proposed, members, message_id, self._timers.now()))
        return outcome if isinstance(outcome, Conversation) else None

    def _commit(self, change: log.Change) -> log.Outcome:
        return self._journal.commit([change])[0]

    def _tell(self, conversation: Conversation) -> None:
        """Give members that are connected their place; the others find it when they log in.

        Creating may be a repetition, so it counts who is a member now, not who was named.
        """
        for member in self._journal.members(conversation.id):
            session = self._connected.session(member)
            if session is not None and conversation.id not in session.places:
                info = self._take_place(session, Membership(conversation, 0, 0))
                session.send(Added(conversation=info))

    def _take_place(self, session: Session, membership: Membership) -> ConversationInfo:
        conversation = membership.conversation
        peer, name = None, conversation.name
        if conversation.kind is Kind.DM:
            members = self._journal.members(conversation.id)
            peer = next(member for member in members if member != session.account.id)
            name = self._accounts.nick(peer)
        if conversation.id not in session.places:
            feed = self._feeds.feed(conversation)
            session.places[conversation.id] = Place(feed, membership.since, peer)
        return _info(conversation, name, membership)


def _info(
    conversation: Conversation, name: str, membership: Membership | None = None
) -> ConversationInfo:
    since, head = (membership.since, membership.head) if membership else (0, 0)
    return ConversationInfo(conversation.id, conversation.kind, name, since, head)


def _refused(outcome: log.Outcome | StoreError, peer: Account | None) -> refusals.Sentence:
    if outcome == log.DO_NOT_DISTURB and peer is not None:
        return refusals.do_not_disturb(peer.nick)
    if isinstance(outcome, log.Refusal):
        return refusals.BY_REFUSAL[outcome]
    return refusals.STORAGE_FAILED
