"""Every conversation that the account knows."""

from collections.abc import Iterator

from geventim.chat.names import fold
from geventim.chat.replies import (
    Asks,
    ConversationInfo,
    EntryEvent,
    Helped,
    Person,
    StateWanted,
    Voided,
)
from geventim.chat.values import Kind, account_id, dm_id
from geventim.client.context import Context, is_name
from geventim.client.conversation import Conversation
from geventim.client.follower import Follower
from geventim.client.record import KEY, Record, load_records
from geventim.errors import PeerError


class Conversations:
    """Those that are kept, and those that the server tells of."""

    def __init__(self) -> None:
        self._followers: dict[bytes, Follower] = {}

    def load(self, context: Context) -> None:
        """Take up what is kept. Raises :class:`StoreError`."""
        for record in load_records(context.memory):
            self._followers[record.id] = Follower(Conversation(context, record))

    def __iter__(self) -> Iterator[Conversation]:
        return (follower.conversation for follower in tuple(self._followers.values()))

    def get(self, conversation: bytes) -> Conversation | None:
        """The one with this id."""
        follower = self._followers.get(conversation)
        return None if follower is None else follower.conversation

    def named(self, kind: Kind, name: str) -> Conversation | None:
        """The one that we are in under this name."""
        folded = fold(name)
        for conversation in self:
            record = conversation.record
            if record.kind is kind and record.member and fold(record.name) == folded:
                return conversation
        return None

    def is_keyed_elsewhere(self, info: ConversationInfo) -> bool:
        """Whether we have the key of another room of this name."""
        folded = fold(info.name)
        return any(
            conversation.id != info.id
            and conversation.record.kind is info.kind
            and conversation.record.room_key != b""
            and fold(conversation.name) == folded
            for conversation in self
        )

    def learn(self, context: Context, info: ConversationInfo) -> Conversation:
        """Take what the server says about a conversation.

        Raises :class:`PeerError` if it makes no sense.
        """
        check_info(info, context.account)
        follower = self._followers.get(info.id)
        if follower is None:
            follower = Follower(Conversation(context, Record.of(info)))
            self._followers[info.id] = follower
            _take_key(context, follower.conversation)
        elif follower.conversation.record.kind is not info.kind:
            raise PeerError("a conversation has become one of another kind")
        follower.learn(info)
        return follower.conversation

    def rejoin(self, conversation: Conversation) -> None:
        """Go on with what the server has now, since a person wants to."""
        self._followers[conversation.id].rejoin()

    def is_settled(self, conversation: Conversation) -> bool:
        """Whether we follow it, and have read what was in its log before."""
        return self._followers[conversation.id].settled

    @property
    def unread(self) -> bool:
        """Whether something is in a log that is on its way to us."""
        return any(follower.unread for follower in self._followers.values())

    @property
    def busy(self) -> bool:
        """Whether messages are on their way of which the server will soon say what became."""
        return any(
            follower.settled and follower.conversation.parcels.undelivered
            for follower in self._followers.values()
        )

    @property
    def wake_at(self) -> float | None:
        """When something is due that nothing else brings about, in seconds since the epoch."""
        times = (follower.wake_at for follower in self._followers.values())
        return min((time for time in times if time is not None), default=None)

    def take(self, entry: EntryEvent, payload: bytes) -> None:
        """Take an entry of one of the logs. Raises :class:`PeerError` if it is out of place."""
        if len(payload) < entry.welcome:
            raise PeerError("a Welcome that is longer than its entry")
        follower = self._followers.get(entry.conversation)
        if follower is None:
            raise PeerError("an entry of a conversation that was not asked for")
        follower.take(entry, payload)

    def hear(self, event: Asks | Helped | Voided | StateWanted, payload: bytes) -> None:
        """Take what other members say beside one of the logs."""
        follower = self._followers.get(event.conversation)
        if follower is not None:
            follower.hear(event, payload)

    def poll(self) -> None:
        """Do what is due in all of them."""
        for follower in tuple(self._followers.values()):
            follower.poll()

    def disconnect(self) -> None:
        """The connection is gone."""
        for follower in self._followers.values():
            follower.disconnect()


def _take_key(context: Context, conversation: Conversation) -> None:
    """Use the key of a room that came with the user from elsewhere."""
    name = KEY + conversation.id.hex()
    brought = context.memory.get(name)
    if brought is not None:
        conversation.record.room_key = brought
        conversation.keep()
        context.memory.drop(name)


def check_info(info: ConversationInfo, account: bytes) -> None:
    """Raise :class:`PeerError` unless ``info`` can be true for ``account``."""
    if not is_name(info.name):
        raise PeerError("a conversation has a name that is none")
    if (info.peer is not None) != (info.kind is Kind.DM):
        raise PeerError("two people are two, and more have no peer")
    if info.gate is not None and info.kind is not Kind.ROOM:
        raise PeerError("a gate before a conversation that is not a room")
    if info.peer is not None:
        check_person(info.peer)
        if info.id != dm_id(account, info.peer.account) or info.name != info.peer.nick:
            raise PeerError("the conversation with somebody is that with somebody else")


def check_person(person: Person) -> None:
    """Raise :class:`PeerError` unless account and key of ``person`` belong together."""
    if not is_name(person.nick) or account_id(person.identity) != person.account:
        raise PeerError("somebody has the account of another key")
