"""Every conversation that the account knows."""

from collections.abc import Iterator
from typing import Final

from geventim.chat.names import fold_again
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
from geventim.client.conversation.conversation import Conversation
from geventim.client.following.follower import Follower
from geventim.client.kept.record import KEY, Record, load_records
from geventim.client.steps.attention import Subject
from geventim.client.steps.introductions import Introductions
from geventim.client.steps.spacing import Spacing
from geventim.client.user import User, is_known_nick, is_name
from geventim.errors import PeerError

LOOK: Final = 2.0
"""Seconds from one look at all conversations to the next: it may take a tenth of that."""


class Conversations:
    """Those that are kept, and those that the server tells of.

    There can be thousands, of which hardly any has something to do. So :meth:`poll` looks at those
    alone that were stirred since :meth:`rest`, or have something under way.
    """

    def __init__(self, user: User) -> None:
        """Take up what is kept. Raises :class:`StoreError`."""
        self._user = user
        self._clock = user.clock
        self._looked = 0.0
        self._spacing = Spacing(user.clock)
        self._introductions = Introductions(user.clock)
        self._followers: dict[bytes, Follower] = {}
        self._stirred: dict[bytes, Follower] = {}
        self._engaged: dict[bytes, Follower] = {}
        self._polled: dict[bytes, Follower] = {}
        self._fresh: dict[bytes, Follower] = {}
        self._wakes: dict[bytes, float] = {}
        self._unread: set[bytes] = set()
        for record in load_records(user.memory):
            self._followers[record.id] = Follower(Conversation(user, record), self._spacing)
            user.labels.hold(record)

    def __iter__(self) -> Iterator[Conversation]:
        return (follower.conversation for follower in tuple(self._followers.values()))

    def get(self, conversation: bytes) -> Conversation | None:
        """The one with this id."""
        follower = self._followers.get(conversation)
        return None if follower is None else follower.conversation

    def named(self, kind: Kind, name: str) -> Conversation | None:
        """The one that we are in under this name."""
        folded = fold_again(name)
        for conversation in self:
            record = conversation.record
            if record.kind is kind and record.member and fold_again(conversation.name) == folded:
                return conversation
        return None

    def has_ended(self, name: str) -> bool:
        """Whether a group that we were in under this name was deleted."""
        folded = fold_again(name)
        return any(
            conversation.record.deleted
            and conversation.record.kind is Kind.GROUP
            and fold_again(conversation.name) == folded
            for conversation in self
        )

    def is_keyed_elsewhere(self, info: ConversationInfo) -> bool:
        """Whether we have the key of another room of this name."""
        folded = fold_again(info.name)
        return any(
            conversation.id != info.id
            and conversation.record.kind is info.kind
            and conversation.record.room_key != b""
            and fold_again(conversation.name) == folded
            for conversation in self
        )

    def introduce(self, info: ConversationInfo) -> None:
        """Take what the server says about a conversation into which somebody has put us.

        If it is new, and many are, that is not done at once. Raises :class:`PeerError` if it makes
        no sense.
        """
        check_info(info, self._user.account)
        if info.id in self._followers:
            self.learn(info)
        else:
            self._introductions.add(info)
            self._take_introduced()

    def learn(self, info: ConversationInfo) -> Conversation:
        """Take what the server says about a conversation.

        Raises :class:`PeerError` if it makes no sense.
        """
        user = self._user
        check_info(info, user.account)
        if info.peer is not None:
            user.directory.declare(info.peer.account, info.peer.nick)
        self._introductions.drop(info.id)
        follower = self._followers.get(info.id)
        if follower is None:
            follower = Follower(Conversation(user, Record.of(info)), self._spacing)
            self._followers[info.id] = follower
            user.labels.hold(follower.conversation.record)
            _take_key(user, follower.conversation)
        elif follower.conversation.record.kind is not info.kind:
            raise PeerError("a conversation has become one of another kind")
        was_member = follower.conversation.record.member
        follower.learn(info)
        self._stirred[info.id] = follower
        if follower.unread:
            self._unread.add(info.id)
        if info.member and not was_member:
            user.labels.tell_apart(follower.conversation.record)
        return follower.conversation

    def rejoin(self, conversation: Conversation) -> None:
        """Go on with what the server has now, since a person wants to."""
        self._followers[conversation.id].rejoin()
        self._unread.add(conversation.id)

    def is_settled(self, conversation: Conversation) -> bool:
        """Whether we follow it, and have read what was in its log before."""
        return self._followers[conversation.id].settled

    @property
    def unread(self) -> bool:
        """Whether something is in a log that is on its way to us."""
        while self._unread:
            conversation = next(iter(self._unread))
            if self._followers[conversation].unread:
                return True
            self._unread.remove(conversation)
        return False

    @property
    def busy(self) -> bool:
        """Whether messages are on their way of which the server will soon say what became."""
        return any(
            follower.settled and follower.conversation.parcels.undelivered
            for follower in self._followers.values()
        )

    @property
    def undelivered(self) -> int:
        """Messages whose fate is not known, in all of them."""
        return sum(each.parcels.undelivered for each in self)

    @property
    def wake_at(self) -> float | None:
        """When something is due that nothing else brings about, in seconds since the epoch."""
        introduction = self._introductions.wake_at
        times = () if introduction is None else (introduction,)
        return min((*times, *self._wakes.values()), default=None)

    def take(self, entry: EntryEvent, payload: bytes) -> None:
        """Take an entry of one of the logs. Raises :class:`PeerError` if it is out of place."""
        if len(payload) < entry.welcome:
            raise PeerError("a Welcome that is longer than its entry")
        follower = self._followers.get(entry.conversation)
        if follower is None:
            raise PeerError("an entry of a conversation that was not asked for")
        follower.take(entry, payload)

    def stir(self, conversation: bytes) -> None:
        """Something has happened in a conversation.

        What is due there is done by the next call of :meth:`poll` or :meth:`catch_up`.
        """
        follower = self._followers.get(conversation)
        if follower is not None:
            self._stirred[conversation] = self._fresh[conversation] = follower

    def catch_up(self) -> None:
        """Do what is due where something has happened since that was done last."""
        while self._fresh:
            self._poll(*self._fresh.popitem())

    def stir_due(self) -> None:
        """Some time has passed: what was to be done by now is due.

        Now and then all of them are looked at, in case that something else has changed.
        """
        now = self._clock()
        if abs(now - self._looked) >= LOOK:
            self._looked = now
            self.stir_all()
            return
        self._stirred.update(
            (each, self._followers[each]) for each, time in self._wakes.items() if time <= now
        )

    def stir_all(self, *, but_idle: bool = False) -> None:
        """Something has happened that may concern all of them, ``but_idle`` ones not if it says so.

        To see which are idle takes a fiftieth of what it takes to look at them.
        """
        followers = self._followers
        if but_idle:
            followers = {each: one for each, one in followers.items() if one.engaged}
        self._stirred.update(followers)

    def hear(self, event: Asks | Helped | Voided | StateWanted, payload: bytes) -> None:
        """Take what other members say beside one of the logs."""
        follower = self._followers.get(event.conversation)
        if follower is not None:
            follower.hear(event, payload)

    def poll(self) -> None:
        """Do what is due."""
        self._take_introduced()
        self._fresh.clear()
        for conversation, follower in {**self._engaged, **self._stirred}.items():
            self._poll(conversation, follower)

    def rest(self) -> None:
        """Everything that was due has been done."""
        for conversation, follower in self._polled.items():
            if follower.engaged:
                self._engaged[conversation] = follower
            else:
                self._engaged.pop(conversation, None)
            time = follower.wake_at
            if time is None:
                self._wakes.pop(conversation, None)
            else:
                self._wakes[conversation] = time
        self._polled.clear()
        self._stirred.clear()

    def disconnect(self) -> None:
        """The connection is gone."""
        for follower in self._followers.values():
            follower.disconnect()
        self._spacing.reset()
        self._introductions.reset()
        self._unread.clear()
        self.stir_all()

    def _take_introduced(self) -> None:
        for info in self._introductions.due():
            self.learn(info)

    def _poll(self, conversation: bytes, follower: Follower) -> None:
        try:
            follower.poll()
        except Exception as error:
            self._user.ways.attention.blame(error, Subject(conversation))
            raise
        self._polled[conversation] = follower
        if follower.unread:
            self._unread.add(conversation)


def _take_key(user: User, conversation: Conversation) -> None:
    """Use the key of a room that came with the user from elsewhere."""
    name = KEY + conversation.id.hex()
    brought = user.memory.get(name)
    if brought is not None:
        conversation.record.room_key = brought
        conversation.keep()
        user.memory.drop(name)


def check_info(info: ConversationInfo, account: bytes) -> None:
    """Raise :class:`PeerError` unless ``info`` can be true for ``account``."""
    is_named = is_known_nick(info.name) if info.kind is Kind.DM else is_name(info.name)
    if not is_named:
        raise PeerError("a conversation has a name that is none")
    if (info.peer is not None) != (info.kind is Kind.DM):
        raise PeerError("two people are two, and more have no peer")
    if info.keyed and info.kind is not Kind.ROOM:
        raise PeerError("a gate before a conversation that is not a room")
    if (info.gate is not None) != (info.keyed and info.member):
        raise PeerError("a gate is for the members of a keyed room")
    if (info.founder is not None) != (info.kind is Kind.GROUP):
        raise PeerError("a group has a founder, and nothing else has")
    if info.peer is not None:
        check_person(info.peer)
        if info.id != dm_id(account, info.peer.account) or info.name != info.peer.nick:
            raise PeerError("the conversation with somebody is that with somebody else")


def check_person(person: Person) -> None:
    """Raise :class:`PeerError` unless account and key of ``person`` belong together."""
    if not is_known_nick(person.nick) or account_id(person.identity) != person.account:
        raise PeerError("somebody has the account of another key")
