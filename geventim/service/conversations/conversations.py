"""Rooms, groups and conversations of two: finding them, beginning them, and reading their logs."""

from collections.abc import Callable

from geventim.chat.bulletins import Introduced
from geventim.chat.names import check_name, fold
from geventim.chat.replies import ListedRoom, Opened, RoomList, Subscribed
from geventim.chat.requests import (
    CreateGroup,
    CreateRoom,
    ListRooms,
    OpenDm,
    OpenGroup,
    OpenRoom,
    Subscribe,
)
from geventim.chat.values import ID_SIZE, Account, Conversation, Kind, Sanction, dm_id
from geventim.errors import UserError
from geventim.log.changes import Create
from geventim.log.outcomes import NAME_TAKEN, TOO_MANY
from geventim.service import refusals
from geventim.service.bounds import USUAL, Bounds
from geventim.service.delivery.feeds import Feeds
from geventim.service.delivery.places import Places
from geventim.service.feed import Place
from geventim.service.people.accounts import Accounts, introduce
from geventim.service.people.quotas import Allotments
from geventim.service.ports import Journal, Neighbours
from geventim.service.sessions import Session


class Conversations:
    """What people do with conversations; ``random_bytes`` draws ids and incarnations."""

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        feeds: Feeds,
        places: Places,
        neighbours: Neighbours,
        allotments: Allotments,
        random_bytes: Callable[[int], bytes],
        bounds: Bounds = USUAL,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._feeds = feeds
        self._places = places
        self._neighbours = neighbours
        self._allotments = allotments
        self._random_bytes = random_bytes
        self._listed = bounds.rooms_listed

    def list_rooms(self, _: Session, request: ListRooms) -> RoomList:
        """Some of all rooms, be one in them or not."""
        most = self._listed
        found = self._journal.rooms(fold(request.after), most + 1)
        listed = (ListedRoom(room.name, bool(room.gate)) for room in found[:most])
        return RoomList(id=request.id, rooms=tuple(listed), more=len(found) > most)

    def open_room(self, session: Session, request: OpenRoom) -> Opened:
        """Find a room."""
        name = check_name(request.name)
        room = self._journal.room_named(name)
        if room is None:
            raise refusals.no_room(name).error()
        return Opened(id=request.id, conversation=self._places.describe(session, room))

    def create_room(self, session: Session, request: CreateRoom) -> Opened:
        """Begin a room, without a member."""
        proposed = self._propose(Kind.ROOM, check_name(request.name), session, request.gate or b"")
        room = self._create(proposed, session, (), request.message_id)
        return Opened(id=request.id, conversation=self._places.describe(session, room))

    def open_group(self, session: Session, request: OpenGroup) -> Opened:
        """A group that the account is a member of."""
        place = session.places.get(request.conversation)
        if place is None or place.until is not None:
            raise refusals.NOT_A_MEMBER.error()
        group = place.feed.conversation
        if group.kind is not Kind.GROUP:
            raise refusals.NOT_A_MEMBER.error()
        return Opened(id=request.id, conversation=self._places.describe(session, group))

    def open_dm(self, session: Session, request: OpenDm) -> Opened:
        """Find or begin the conversation with somebody."""
        account = session.account
        peer = self._accounts.named(request.nick)
        if peer.id == account.id:
            raise refusals.ONESELF.error()
        place = session.places.get(dm_id(account.id, peer.id))
        if place is not None:
            conversation = place.feed.conversation
        elif peer.sanction.has_ended:
            raise refusals.account_ended(peer.nick).error()
        else:
            conversation = self._begin_dm(session, peer)
        return Opened(id=request.id, conversation=self._places.describe(session, conversation))

    def create_group(self, session: Session, request: CreateGroup) -> Opened:
        """Begin a group that has its creator as the only member."""
        account = session.account
        name = check_name(request.name)
        people = self._find(account, request.members)
        proposed = self._propose(Kind.GROUP, name, session)
        group = self._create(proposed, session, (account.id,), request.message_id)
        # This may be a repetition, and its creator have left since.
        if account.id in self._journal.members(group.id):
            self._places.admit(session, group, None)
        return Opened(
            id=request.id,
            conversation=self._places.describe(session, group),
            people=tuple(map(introduce, people)),
        )

    def subscribe(self, session: Session, request: Subscribe) -> Subscribed:
        """Deliver a log from now on, and first what is missing of it."""
        place = session.places.get(request.conversation)
        if place is None:
            raise refusals.NOT_A_MEMBER.error()
        if place.feed.conversation.incarnation != request.incarnation:
            raise refusals.OTHER_HISTORY.error()
        position = self._feeds.position(place, request.after)
        if position is None:
            position = self._journal.position(request.conversation, request.after)
        is_same = request.hash in {None, position.hash} or position.seq != request.after
        if request.after > position.last or not is_same:
            raise refusals.OTHER_HISTORY.error()
        if session.places.get(request.conversation) is not place:
            raise refusals.NOT_A_MEMBER.error()
        self._feeds.subscribe(session, place, position)
        return Subscribed(
            id=request.id,
            after=position.seq,
            head=position.last if place.until is None else place.until,
            hash=position.hash,
            expired=_expired(request, place, position.floor),
        )

    def _begin_dm(self, session: Session, peer: Account) -> Conversation:
        account = session.account
        if account.sanction is Sanction.MUTED:
            raise refusals.MUTED.error()
        proposed = Conversation(
            dm_id(account.id, peer.id), Kind.DM, "", account.id, self._random_bytes(ID_SIZE)
        )
        begun = self._create(proposed, session, (account.id, peer.id), None)
        self._places.admit(session, begun, peer.id)
        self._places.introduce(peer.id, begun, account.id)
        self._neighbours.tell(Introduced(peer.id, begun.id, account.id))
        return begun

    def _find(self, creator: Account, nicks: tuple[str, ...]) -> list[Account]:
        """The people of a new group, its creator first, each once."""
        found = {creator.id: creator}
        unknown = []
        for nick in nicks:
            try:
                person = self._accounts.reachable(nick)
            except UserError:
                unknown.append(nick)
            else:
                found[person.id] = person
        if unknown:
            raise refusals.users_not_found(unknown).error()
        return list(found.values())

    def _propose(self, kind: Kind, name: str, creator: Session, gate: bytes = b"") -> Conversation:
        """A conversation with an id that nobody has chosen."""
        drawn, incarnation = self._random_bytes(ID_SIZE), self._random_bytes(ID_SIZE)
        return Conversation(drawn, kind, name, creator.account.id, incarnation, gate)

    def _create(
        self,
        proposed: Conversation,
        creator: Session,
        members: tuple[bytes, ...],
        message_id: bytes | None,
    ) -> Conversation:
        """The conversation that was created, now or the first time that this was asked for.

        Raises :class:`geventim.errors.UserError`: ``name_taken``, ``no_conversation``,
        ``quota_created``.
        """
        bound = self._allotments.bound(creator.account.allowance)
        most = None if proposed.kind is Kind.DM else bound.created
        (outcome,) = self._journal.commit([Create(proposed, members, message_id, most)])
        creator.outlet.pause(0.0)  # many are done in one transaction
        if outcome == NAME_TAKEN:
            raise refusals.name_taken(proposed.name).error()
        if outcome == TOO_MANY and most is not None:
            raise refusals.quota_created(most).error()
        if not isinstance(outcome, Conversation):
            raise refusals.NO_CONVERSATION.error()
        return outcome


def _expired(request: Subscribe, place: Place, floor: int) -> int:
    """Up to where messages have expired that the account could have read."""
    read = place.since if request.hash is None else request.after
    return floor if floor > max(read, request.after) else 0
