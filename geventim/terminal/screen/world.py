"""What the client has told, as far as the screen shows it: rooms, people, and the connection."""

from collections.abc import Callable
from itertools import count
from typing import Final

from geventim.chat.values import Kind, Status
from geventim.client import events
from geventim.client.answers import Conversation, Member
from geventim.client.events import Event
from geventim.client.people.trust import Standing
from geventim.client.sealing.content import ContentKind
from geventim.terminal.rendering import Renderer
from geventim.terminal.rendering import Tone as LineTone
from geventim.terminal.screen.attention import Attention
from geventim.terminal.screen.items import Delivery, Item, Person, Remark, Said, Tone, Traffic
from geventim.terminal.screen.orders import Alert
from geventim.terminal.screen.rooms import Room, Rooms
from geventim.terminal.screen.timeline import Timeline

KINDS: Final = {
    ContentKind.ROOM: Kind.ROOM,
    ContentKind.GROUP: Kind.GROUP,
    ContentKind.PRIVATE: Kind.DM,
    ContentKind.SECRET: Kind.DM,
}

LEAST: Final = (Standing.CHANGED, Standing.UNVERIFIED, Standing.VERIFIED)
"""Standings, the one that deserves most attention first."""


class World:
    """Everything that was told to ``nick``; ``clock`` gives seconds since the epoch."""

    def __init__(self, nick: str, clock: Callable[[], float], attention: Attention) -> None:
        self.nick = nick
        self.rooms = Rooms()
        self.unplaced = Timeline()
        """What was told before there was a room."""
        self.server = ""
        self.home = ""
        self.is_connected = False
        self.is_stale = False
        """Whether the conversations are to be asked for."""
        self.back_at: float | None = None
        self.present: dict[str, Status] = {}
        self.own_status = Status.NORMAL
        self.is_focused = True
        self.alerts: list[Alert] = []
        self._clock = clock
        self._attention = attention
        self._sentences = Renderer("", None)
        self._keys = count()

    @property
    def timeline(self) -> Timeline:
        """What is seen."""
        return self.rooms.current.timeline if self.rooms.current else self.unplaced

    def key(self) -> str:
        """A key that no item has had."""
        return f"item {next(self._keys)}"

    def hear(self, event: Event) -> None:
        """Take what has happened."""
        match event:
            case events.Message():
                self._message(event)
            case events.Sent():
                self._sent(event)
            case events.Joined():
                self._presence((event.nick, *event.others), Status.NORMAL)
            case events.Left():
                self._presence((event.nick, *event.others), None)
            case events.StatusChanged():
                for nick in (event.nick, *event.others):
                    self.present[nick] = event.status
            case events.Names(conversation=""):
                self.present = {nick: self.present.get(nick, Status.NORMAL) for nick in event.names}
                self._say(event)
            case events.Members():
                self._members(event)
            case events.Connected():
                self.server, self.home, self.is_connected = event.server, event.room, True
                self.nick, self.back_at, self.is_stale = event.nick, None, True
            case events.Entered():
                self._entered(event)
            case events.Reconnecting():
                self.is_connected, self.back_at = False, self._clock() + event.delay
            case events.Group() | events.KeyChanged() | events.Trusted():
                self.is_stale = True
                self._forget_people()
                self._say(event)
            case events.Delayed():
                pass  # what is on its way is shown as such
            case _:
                self._say(event)

    def list_conversations(self, listed: tuple[Conversation, ...]) -> None:
        """These are all that the user is in."""
        self.is_stale = False
        for each in listed:
            room = self.rooms.have(each.id, each.name, each.kind)
            room.keyed, room.stage = each.keyed, each.stage
        self.rooms.keep_only({each.id for each in listed})
        if self.rooms.current is None:
            self.rooms.current = self.rooms.named(self.home) or next(iter(self.rooms), None)
            self._place_what_was_said()

    def list_members(self, room: Room, members: tuple[Member, ...]) -> None:
        """These are in ``room``."""
        room.people = tuple(Person(each.nick, "", each.standing) for each in members)
        others = [each.standing for each in members if each.nick != self.nick]
        room.standing = next((each for each in LEAST if each in others), None)

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
        self.timeline.add(Remark(self.key(), self._clock(), text, "* ", tone))

    def queue(self, room: Room, text: str, wish: int | str) -> None:
        """The user has said ``text`` in ``room``, and it is on its way."""
        said = Said(
            self.key(), self.nick, text, self._clock(), mine=True, delivery=Delivery.QUEUED,
            wish=wish,
        )  # fmt: skip
        room.timeline.forget_mark()
        room.timeline.to_end()
        room.timeline.add(said)

    def _status_of(self, nick: str) -> str:
        if nick == self.nick:
            return self.own_status.value
        status = self.present.get(nick)
        return "" if status is None else status.value

    def _message(self, event: events.Message) -> None:
        room = self._room_of(event.conversation_id, event.conversation, event.kind)
        mine = event.nick == self.nick
        is_called = not mine and self._attention.calls(self.nick, event.message)
        said = Said(
            event.message_id or self.key(),
            event.nick,
            event.message,
            event.date,
            event.order,
            event.message_id,
            mine,
            event.verified,
            is_called,
            Delivery.SENT if mine else Delivery.ARRIVED,
            kind="secret" if event.kind is ContentKind.SECRET else "",
        )
        if room.timeline.find(event.message_id):
            return
        room.timeline.add(said)
        if mine or event.history:
            return
        is_seen = room is self.rooms.current and self.is_focused and room.timeline.at_end
        if not is_seen:
            room.unread += 1
            room.mentions += is_called
        is_looked_at = room is self.rooms.current and self.is_focused
        if not is_looked_at and not room.muted and (is_called or room.kind is Kind.DM):
            alert = self._attention.alert(room.title, room.kind, event.nick, event.message)
            self.alerts.append(alert)

    def _sent(self, event: events.Sent) -> None:
        """What was said by a typed line appears where it went; the rest is there already."""
        room = self._room_of(event.conversation_id, event.conversation, event.kind)
        if event.kind is ContentKind.SECRET or room.timeline.find(event.message_id):
            return
        waiting = [each for each in room.timeline.messages if each.delivery is Delivery.QUEUED]
        if any(each.text == event.message for each in waiting):
            return
        room.timeline.add(
            Said(
                event.message_id, self.nick, event.message, self._clock(), 0, event.message_id,
                mine=True, delivery=Delivery.SENT,
            )
        )  # fmt: skip

    def _room_of(self, place: str, name: str, kind: ContentKind) -> Room:
        found = self.rooms.get(place)
        if found is None:
            self.is_stale = True
            found = self.rooms.have(place or f"{kind} {name}", name, KINDS.get(kind, Kind.ROOM))
        return found

    def _presence(self, nicks: tuple[str, ...], status: Status | None) -> None:
        for nick in nicks:
            if status is None:
                self.present.pop(nick, None)
            else:
                self.present[nick] = status
        came, went = (nicks, ()) if status is not None else ((), nicks)
        for room in self.rooms:
            if room.people is None or room.kind is Kind.DM:
                continue
            here = {person.nick for person in room.people}
            self._add_traffic(
                room,
                tuple(nick for nick in came if nick in here),
                tuple(nick for nick in went if nick in here),
            )

    def _members(self, event: events.Members) -> None:
        room = self.rooms.get(event.conversation_id) or self.rooms.named(event.conversation)
        self.is_stale = True
        if room is None:
            return
        room.asked_people = False
        here = {person.nick for person in room.people or ()}
        if event.by in {"", *event.added, *event.removed}:
            added = tuple(nick for nick in event.added if nick not in here)
            self._add_traffic(room, added, event.removed)
        else:
            self._say(event, room)

    def _add_traffic(self, room: Room, came: tuple[str, ...], went: tuple[str, ...]) -> None:
        if came or went:
            room.timeline.add(Traffic(self.key(), self._clock(), came, went))

    def _entered(self, event: events.Entered) -> None:
        self.is_stale = True
        room = self.rooms.get(event.conversation_id) or self.rooms.named(event.room)
        if room is None and event.conversation_id:
            room = self.rooms.have(event.conversation_id, event.room, Kind.ROOM)
        here = self.rooms.current
        # Whoever is typing goes nowhere by themselves: what they type stands in another input then.
        if room is not None and (here is None or not here.editor.text):
            self.rooms.current = room

    def _forget_people(self) -> None:
        for room in self.rooms:
            room.asked_people = False

    def _say(self, event: Event, room: Room | None = None) -> None:
        """Say by a sentence what has happened, where the user looks if it is of no room."""
        line = self._sentences.render(event)
        if line is None:
            return
        tone = Tone.PROBLEM if line.tone is LineTone.PROBLEM else Tone.NOTICE
        timeline = self.timeline if room is None else room.timeline
        timeline.add(Remark(self.key(), self._clock(), line.text, line.prefix, tone))

    def _place_what_was_said(self) -> None:
        if self.rooms.current is None:
            return
        item: Item
        for item in self.unplaced.items:
            self.rooms.current.timeline.add(item)
        self.unplaced = Timeline()
