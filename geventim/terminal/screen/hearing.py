"""Events into what is known: each goes where it belongs, and what nobody says becomes a remark."""

from dataclasses import replace
from typing import Final

from geventim.chat.values import Kind, Status
from geventim.client import events, stream
from geventim.client.events import Event
from geventim.client.sealing.content import ContentKind
from geventim.client.wishes import Id
from geventim.terminal.rendering import LOCAL, Renderer
from geventim.terminal.rendering import Tone as LineTone
from geventim.terminal.screen.attention import Attention
from geventim.terminal.screen.conversation.items import Delivery, Remark, Said, Tone, Traffic
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.conversation.written import beside, counted, under_way
from geventim.terminal.screen.orders import Alert
from geventim.terminal.screen.world import World

UNDER_WAY: Final = frozenset({"waiting", "running"})
"""States of a transfer that is not over."""

KINDS: Final = {
    ContentKind.ROOM: Kind.ROOM,
    ContentKind.GROUP: Kind.GROUP,
    ContentKind.PRIVATE: Kind.DM,
    ContentKind.SECRET: Kind.DM,
}


class Hearing:
    """Tells ``world`` what happens; ``alerts`` are those who called the user meanwhile."""

    def __init__(self, world: World, attention: Attention) -> None:
        self._world = world
        self._attention = attention
        self._sentences = Renderer("")
        self.alerts: list[Alert] = []

    def hear(self, event: Event, request: Id | None = None) -> None:
        """Take what has happened, by the wish ``request`` of this front end if there is one."""
        match event:
            case events.Message():
                self._message(event, request)
            case events.Sent():
                self._sent(event, request)
            case events.Joined() | events.Left() | events.StatusChanged() | events.Names():
                self._who_is_there(event)
            case events.Connected() | events.Reconnecting() | stream.Behind():
                self._connection(event)
            case events.ConversationChanged():
                self._changed(event)
            case events.Edited() | events.Deleted() | events.Reacted() | events.Read():
                self._amend(event)
            case events.Members():
                self._members(event)
            case events.Entered():
                self._entered(event)
            case events.Transfer():
                self._transfer(event)
            case events.Delayed() | stream.Closing() | stream.Attached() | events.Found():
                pass  # what is on its way is shown as such, and who attaches asks anew
            case _:
                if isinstance(event, events.Group | events.KeyChanged | events.Trusted):
                    self._world.is_stale = True
                    self._world.forget_people()
                place = event.conversation_id if isinstance(event, events.Away) else ""
                self._say(event, self._world.rooms.get(place))
                self._call_if_added(event)

    def _connection(self, event: events.Connected | events.Reconnecting | stream.Behind) -> None:
        world = self._world
        match event:
            case events.Connected():
                world.server, world.home, world.nick = event.server, event.room, event.nick
                world.is_connected, world.back_at = True, None
                world.is_stale = world.knows_nobody = True
                world.forget_people()
            case events.Reconnecting():
                world.is_connected, world.back_at = False, world.clock() + event.delay
            case stream.Behind():
                world.is_behind = True

    def _who_is_there(
        self, event: events.Joined | events.Left | events.StatusChanged | events.Names
    ) -> None:
        match event:
            case events.Joined():
                self._presence((event.nick, *event.others), Status.NORMAL)
            case events.Left():
                self._presence((event.nick, *event.others), None)
            case events.StatusChanged():
                for nick in (event.nick, *event.others):
                    self._world.present[nick] = event.status
                    if nick == self._world.nick:
                        self._world.own_status = event.status
            case events.Names():
                if not event.conversation:
                    self._world.list_people(event.names)
                self._say(event)

    def _message(self, event: events.Message, request: Id | None) -> None:
        room = self._room_of(event.conversation_id, event.conversation, event.kind)
        mine = event.is_own or event.nick == self._world.nick
        delivery = Delivery.SENT if mine else Delivery.ARRIVED
        if isinstance(event.delivery, events.Delivery):
            delivery = Delivery(event.delivery.value)
        said = Said(
            event.message_id or self._world.key(),
            event.nick,
            event.message,
            event.date,
            event.order,
            event.message_id,
            mine,
            event.verified,
            event.mention,
            delivery,
            **beside(event),
        )
        known = room.timeline.find(event.message_id) or room.timeline.awaiting(request)
        if known is not None and (known.author, known.text) == (said.author, said.text):
            room.timeline.replace(known.key, replace(said, key=known.key, wish=known.wish))
            room.timeline.put_in_order(known.key)
            return
        if known is not None:
            # Authors draw the ids: one who takes that of another message replaces nothing.
            said = replace(said, key=self._world.key(), message_id="")
        room.timeline.add(said)
        if not event.history:
            # Who came back soon after they were lost was not announced.
            self._world.present.setdefault(event.nick, Status.NORMAL)
        is_looked_at = room is self._world.rooms.current and self._world.is_focused
        is_for_user = event.mention or room.kind is Kind.DM
        if mine or event.history or is_looked_at or room.muted:
            return
        if self._attention.calls(room.title, is_for_user=is_for_user):
            alert = self._attention.alert(room.title, room.kind, event.nick, event.message)
            self.alerts.append(alert)

    def _call_if_added(self, event: Event) -> None:
        """Somebody may have added the user to groups, which is meant for them alone."""
        if not isinstance(event, events.Notice) or event.code != "added":
            return
        name = event.facts.get("name", "")
        room = self._world.rooms.named(name, Kind.GROUP)
        is_muted = room is not None and room.muted
        line = self._sentences.render(event)
        if line and not is_muted and self._attention.calls(f"#{name}", is_for_user=True):
            author = event.facts.get("nick", "")
            self.alerts.append(self._attention.invitation(author, line.text))

    def _amend(self, event: events.Edited | events.Deleted | events.Reacted | events.Read) -> None:
        """What stands in a message, or beside it, is something else now."""
        room = self._world.rooms.get(event.conversation_id)
        if isinstance(event, events.Read):
            if room is not None and event.nick != self._world.nick:
                room.note_reader(event.nick, event.order)
            return
        if room is not None and isinstance(event, events.Deleted):
            room.forget(event.message_id)
        said = room.timeline.find(event.message_id) if room else None
        if room is None or said is None:
            return
        match event:
            case events.Edited():
                said = replace(said, text=event.message, edited=True, plain=event.plain)
            case events.Deleted(nick=nick) if nick:
                said = replace(
                    said,
                    text="",
                    deleted_by=nick,
                    edited=False,
                    quoted=None,
                    files=(),
                    reactions=(),
                )
            case events.Deleted():
                room.timeline.remove(said.key)
                return
            case events.Reacted():
                said = replace(said, reactions=counted(event))
        room.amend(said)

    def _transfer(self, event: events.Transfer) -> None:
        """A file is on its way: that is told with its message, or alone as long as that is not."""
        moving = event.transfer
        room = self._world.rooms.get(moving.conversation_id)
        if event.failure is not None:
            self._say(event, room)
        if room is None:
            return
        text = under_way(moving) if moving.state in UNDER_WAY else ""
        note = text or (f"saved: {event.path}" if event.path else "")
        key = f"transfer {moving.number}"
        if room.note_file(moving.message_id, moving.name, note) or not text:
            room.timeline.remove(key)
            return
        told = Remark(key, self._world.clock(), f"{moving.name}: {text}", Tone.PROGRESS)
        if not room.timeline.replace(key, told):
            room.timeline.add(told)

    def _changed(self, event: events.ConversationChanged) -> None:
        """A conversation is another one, or gone."""
        world = self._world
        if event.gone:
            world.rooms.drop(event.conversation_id)
            return
        room = world.rooms.have(event.conversation_id, event.conversation, event.kind)
        if room.people is not None and event.members != len(room.people):
            room.asked_people = False
        room.describe(event)
        world.begin()
        world.look()

    def _sent(self, event: events.Sent, request: Id | None) -> None:
        """What was said by a typed line appears where it went; the rest is there already."""
        room = self._room_of(event.conversation_id, event.conversation, event.kind)
        if room.timeline.awaiting(request) is not None and request is not None:
            self._world.settle(room, request, event.message_id)
        elif event.kind is not ContentKind.SECRET and not room.timeline.find(event.message_id):
            said = Said(
                event.message_id,
                self._world.nick,
                event.message,
                self._world.clock(),
                message_id=event.message_id,
                mine=True,
                delivery=Delivery.SENT,
            )
            room.timeline.add(said)

    def _room_of(self, place: str, name: str, kind: ContentKind) -> Room:
        found = self._world.rooms.get(place)
        if found is None:
            self._world.is_stale = True
            found = self._world.rooms.have(
                place or f"{kind} {name}", name, KINDS.get(kind, Kind.ROOM)
            )
        return found

    def _presence(self, nicks: tuple[str, ...], status: Status | None) -> None:
        for nick in nicks:
            if status is None:
                self._world.present.pop(nick, None)
            else:
                self._world.present[nick] = status
        came, went = (nicks, ()) if status is not None else ((), nicks)
        for room in self._world.rooms:
            if room.people is None or room.kind is Kind.DM:
                continue
            here = {person.nick for person in room.people}
            self._add_traffic(
                room,
                tuple(nick for nick in came if nick in here),
                tuple(nick for nick in went if nick in here),
            )

    def _members(self, event: events.Members) -> None:
        room = self._world.rooms.get(event.conversation_id) or self._world.rooms.named(
            event.conversation
        )
        self._world.is_stale = True
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
            room.timeline.add(Traffic(self._world.key(), self._world.clock(), came, went))

    def _entered(self, event: events.Entered) -> None:
        self._world.is_stale = True
        room = self._world.rooms.get(event.conversation_id) or self._world.rooms.named(event.room)
        if room is None and event.conversation_id:
            room = self._world.rooms.have(event.conversation_id, event.room, Kind.ROOM)
        here = self._world.rooms.current
        # Whoever is typing goes nowhere by themselves: what they type stands in another input then.
        if room is not None and (here is None or not here.editor.text):
            self._world.rooms.current = room

    def _say(self, event: Event, room: Room | None = None) -> None:
        """Say by a sentence what has happened, where the user looks if it is of no room."""
        line = self._sentences.render(event)
        if line is None:
            return
        tone = Tone.PROBLEM if line.tone is LineTone.PROBLEM else Tone.NOTICE
        timeline = self._world.timeline if room is None else room.timeline
        prefix = "" if line.prefix == LOCAL else line.prefix
        timeline.add(Remark(self._world.key(), self._world.clock(), f"{prefix}{line.text}", tone))
