"""What is known of the user's conversations and people, as far as the screen shows it."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

from geventim.chat.values import Status
from geventim.client import answers
from geventim.client.answers import Conversation, Member
from geventim.terminal.screen.conversation.items import (
    Delivery,
    Item,
    Person,
    Quoted,
    Remark,
    Said,
    Tone,
)
from geventim.terminal.screen.conversation.rooms import Room, Rooms
from geventim.terminal.screen.conversation.timeline import Timeline


class World:
    """What ``nick`` knows, at first in ``home``; ``clock`` gives seconds since the epoch."""

    def __init__(self, nick: str, home: str, clock: Callable[[], float]) -> None:
        self.nick = nick
        self.clock = clock
        self.rooms = Rooms()
        self.unplaced = Timeline()
        """What was told before there was a room."""
        self.server = ""
        self.home = home
        self.last = ""
        """Where the user was last time, if they are to be there again."""
        self.is_connected = False
        self.is_new = False
        """Whether nothing had been said here when the user came."""
        self.is_stale = False
        """Whether the conversations are to be asked for."""
        self.knows_nobody = False
        """Whether it is to be asked who is connected."""
        self.is_behind = False
        """Whether events are missing."""
        self.back_at: float | None = None
        """When the next attempt to connect comes."""
        self.present: dict[str, Status] = {}
        self.own_status = Status.NORMAL
        self.is_focused = True
        self._keys = count()

    @property
    def timeline(self) -> Timeline:
        """What is seen."""
        return self.rooms.current.timeline if self.rooms.current else self.unplaced

    def key(self) -> str:
        """A key that no item has had."""
        return f"item {next(self._keys)}"

    def list_conversations(self, listed: tuple[Conversation, ...]) -> None:
        """These are all that the user is in."""
        self.is_stale = False
        for each in listed:
            room = self.rooms.have(each.id, each.name, each.kind)
            room.describe(each)
        self.rooms.keep_only({each.id for each in listed})
        self.begin()
        self.look()

    def begin(self) -> None:
        """Be somewhere, as soon as there is a place."""
        if self.rooms.current is None:
            home = self.rooms.titled(self.last) or self.rooms.named(self.home)
            self.rooms.current = home or next(iter(self.rooms), None)
            self._place_what_was_said()

    def list_members(self, room: Room, members: tuple[Member, ...]) -> None:
        """These are in ``room``."""
        room.people = tuple(Person(each.nick, "", each.standing) for each in members)

    def list_people(self, names: tuple[str, ...]) -> None:
        """These are connected."""
        self.present = {nick: self.present.get(nick, Status.NORMAL) for nick in names}

    def survey(self, found: answers.Snapshot) -> None:
        """Everything is like that."""
        self.nick, self.server, self.own_status = found.nick, found.server, found.status
        self.is_connected = found.connection is answers.Connection.ONLINE
        self.present = {each.nick: each.status for each in found.people}
        self.list_conversations(found.conversations)
        for room in self.rooms:
            if room.id in found.members:
                self.list_members(room, found.members[room.id])

    def people(self, room: Room | None) -> tuple[Person, ...]:
        """Who is in ``room``, those who are there first."""
        if room is None or room.people is None:
            return ()
        shown = [
            Person(each.nick, self._status_of(each.nick), each.standing) for each in room.people
        ]
        return tuple(sorted(shown, key=lambda each: (not each.status, each.nick.casefold())))

    def remark(self, text: str, *, problem: bool = False) -> None:
        """Say something where the user looks."""
        tone = Tone.PROBLEM if problem else Tone.NOTICE
        self.timeline.add(Remark(self.key(), self.clock(), text, tone))

    def look(self) -> None:
        """The user sees what is seen now."""
        room = self.rooms.current
        if room is not None and self.is_focused and room.timeline.at_end:
            room.read()

    def leave(self, room: Room) -> None:
        """The user goes elsewhere, or looks elsewhere."""
        self.look()
        if room.timeline.at_end:
            room.timeline.mark_read()
            # What came just now was seen, and is told to be unread only after it.
            is_seen = self.is_focused and room.timeline.newest > max(room.read_up_to, room.marked)
            room.is_unread = room.is_unread or is_seen

    def focus(self, focused: bool) -> None:
        """Whether somebody looks here."""
        room = self.rooms.current
        if room is not None and self.is_focused and not focused:
            self.leave(room)
        self.is_focused = focused
        self.look()

    def queue(
        self,
        room: Room,
        text: str,
        wish: int | str,
        *,
        plain: bool = False,
        quoted: Quoted | None = None,
    ) -> None:
        """The user has said ``text`` in ``room``, and it is on its way."""
        said = Said(
            self.key(), self.nick, text, self.clock(), mine=True, delivery=Delivery.QUEUED,
            wish=wish, plain=plain, quoted=quoted,
        )  # fmt: skip
        room.timeline.forget_mark()
        room.timeline.to_end()
        room.timeline.add(said)

    def settle(self, room: Room, wish: int | str, message_id: str) -> None:
        """The server has what the user has wished to say."""
        item = room.timeline.awaiting(wish)
        if item is None:
            return
        known = room.timeline.find(message_id)
        if known is not None and known is not item:
            room.timeline.remove(item.key)
            return
        sent = replace(item, message_id=message_id, delivery=Delivery.SENT)
        room.timeline.replace(item.key, sent)

    def refuse(self, room: Room, wish: int | str, reason: str) -> None:
        """It will never have that."""
        item = room.timeline.awaiting(wish)
        if item is not None:
            refused = replace(item, delivery=Delivery.REFUSED, reason=reason)
            room.timeline.replace(item.key, refused)

    def withdraw(self, room: Room, wish: int | str) -> None:
        """The user has it back in the input."""
        item = room.timeline.awaiting(wish)
        if item is not None:
            room.timeline.remove(item.key)

    def forget_people(self) -> None:
        """Who is in each conversation is to be asked again."""
        for room in self.rooms:
            room.asked_people = False

    def _status_of(self, nick: str) -> str:
        if nick == self.nick:
            return self.own_status.value
        status = self.present.get(nick)
        return "" if status is None else status.value

    def _place_what_was_said(self) -> None:
        if self.rooms.current is None:
            return
        item: Item
        for item in self.unplaced.items:
            self.rooms.current.timeline.add(item)
        self.unplaced = Timeline()
