"""The conversations of the user, each with the place and the draft that were left there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from geventim.chat.names import fold
from geventim.chat.values import Kind
from geventim.client.answers import Conversation
from geventim.client.events import ConversationChanged
from geventim.client.people.trust import Standing
from geventim.terminal.screen.conversation.items import Person, Remark, Said
from geventim.terminal.screen.conversation.timeline import Timeline
from geventim.terminal.screen.conversation.written import quoting
from geventim.terminal.screen.typed.editor import Editor
from geventim.terminal.screen.typed.recollection import Recollection

SIGNS: Final = {Kind.DM: "@", Kind.ROOM: "#", Kind.GROUP: "#"}
"""Before the name of a conversation of each kind."""

ORDER: Final = (Kind.ROOM, Kind.GROUP, Kind.DM)
"""How kinds follow each other in the list."""


@dataclass(frozen=True, slots=True)
class About:
    """What is being typed answers a message, or ``edits`` it."""

    said: Said
    edits: bool = False


class Room:
    """A conversation as it is kept here; ``id`` is in hexadecimal digits."""

    def __init__(self, place: str, name: str, kind: Kind) -> None:
        self.id = place
        self.name = name
        self.kind = kind
        self.keyed = False
        self.stage = ""
        self.unread = 0
        self.mentions = 0
        self.muted = False
        self.standing: Standing | None = None
        self.people: tuple[Person, ...] | None = None
        self.asked_people = False
        self.timeline = Timeline()
        self.editor = Editor()
        self.recollection = Recollection()
        self.draft = ""
        """What is kept of what is typed."""
        self.drafts_under_way = 0
        """How often that is to be something else, and it is not known yet whether it is."""
        self.readers: dict[str, int] = {}
        """How far others have read, by their nicks: the order of a message."""
        self.read_up_to = 0
        """The order of the last message that the user has read."""
        self.is_unread = False
        """Whether it is to be told that the user has read all of it."""
        self.marked = 0
        """The order of the last message that this was told of."""
        self.hint = ""
        """Why something was not sent."""
        self.gone: set[str] = set()
        """The ids of messages that were deleted since this began."""
        self.about: About | None = None
        self.is_pasted = False
        """Whether the input is a pasted block, which is never a command."""
        self.new_from: int | None = None
        """The order behind which something was new when the user first came here, if it was."""
        self.is_filled = False
        """Whether what was said before was asked for."""
        self.is_reading = False
        """Whether more of it is on its way."""

    @property
    def title(self) -> str:
        """Its name with the sign of its kind."""
        return SIGNS[self.kind] + self.name

    @property
    def has_news(self) -> bool:
        """Whether there is something that the user has not read."""
        return bool(self.mentions or (self.unread and not self.muted))

    def describe(self, told: Conversation | ConversationChanged) -> None:
        """It is like that."""
        self.keyed, self.stage, self.muted = told.keyed, told.stage, told.muted
        self.unread, self.mentions, self.read_up_to = told.unread, told.mentions, told.read
        # One that has nobody else in it has nothing to be trusted or not.
        self.standing = told.trust if told.members > 1 else None
        if self.drafts_under_way:
            # What is told may be from before; what was typed here comes after it.
            return
        if told.draft != self.draft and self.editor.text == self.draft:
            self.editor.set(told.draft)
        self.draft = told.draft

    def edited(self) -> None:
        """The input is another one."""
        self.hint = ""
        if not self.editor.text:
            self.is_pasted = False
            self.recollection.stop()

    def give_up(self) -> None:
        """Answer nothing, and leave as it is what was being edited."""
        if self.about is not None and self.about.edits:
            self.editor.clear()
        self.about = None

    def earlier(self) -> None:
        """Have in the input what was typed before."""
        self._recall(self.recollection.previous(self.editor.text))

    def later(self) -> None:
        """Have in the input what was typed after that."""
        self._recall(self.recollection.next())

    def _recall(self, text: str | None) -> None:
        if text is not None:
            self.editor.set(text)
            self.hint = ""

    def note_reader(self, nick: str, order: int) -> None:
        """``nick`` has read what the user has written, up to the message with that order."""
        if order <= self.readers.get(nick, 0):
            return
        self.readers[nick] = order
        own = [said for said in self.timeline.messages if said.mine and 0 < said.order <= order]
        for said in own:
            readers = tuple(each for each in said.readers if each != nick)
            if said is own[-1]:
                readers = (*readers, nick)
            if readers != said.readers:
                self.timeline.replace(said.key, replace(said, readers=readers))

    def amend(self, said: Said) -> None:
        """A message is another one, and so is what stands above answers to it."""
        self.timeline.replace(said.key, said)
        for each in self._answers(said.message_id):
            self.timeline.replace(each.key, replace(each, quoted=quoting(said)))

    def forget(self, message_id: str) -> None:
        """The message with that id is gone, held or not, and nothing of it is to be read."""
        self.gone.add(message_id)
        for each in self._answers(message_id):
            if each.quoted is not None:
                quoted = replace(each.quoted, excerpt="", gone=True)
                self.timeline.replace(each.key, replace(each, quoted=quoted))

    def _answers(self, message_id: str) -> list[Said]:
        return [
            each
            for each in self.timeline.messages
            if each.quoted is not None and each.quoted.message_id == message_id
        ]

    def note_file(self, message_id: str, name: str, note: str) -> bool:
        """Say where the file ``name`` of a message is; whether that message is held here."""
        said = self.timeline.find(message_id)
        if said is None:
            return False
        files = tuple(
            replace(file, note=note) if file.name == name else file for file in said.files
        )
        self.timeline.replace(said.key, replace(said, files=files))
        return True

    def read(self) -> None:
        """The user has seen all of it."""
        if self.unread:
            self.is_unread = True
            self.new_from = self.read_up_to if self.new_from is None else self.new_from
        self.unread = self.mentions = 0


class Rooms:
    """All of them, and the current one."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self.current: Room | None = None

    def __iter__(self) -> Iterator[Room]:
        """In the order of the list."""
        return iter(
            sorted(
                self._rooms.values(),
                key=lambda room: (ORDER.index(room.kind), fold(room.name), room.id),
            )
        )

    def __len__(self) -> int:
        return len(self._rooms)

    def get(self, place: str) -> Room | None:
        """The one with that id."""
        return self._rooms.get(place)

    def named(self, name: str, kind: Kind | None = None) -> Room | None:
        """The one with that name, of that kind if it is given."""
        folded = fold(name)
        fitting = (room for room in self if kind is None or room.kind is kind)
        return next((room for room in fitting if fold(room.name) == folded), None)

    def titled(self, title: str) -> Room | None:
        """The one with that name and the sign of its kind."""
        return next((room for room in self if room.title == title), None)

    def have(self, place: str, name: str, kind: Kind) -> Room:
        """The one with that id, which has that name."""
        room = self._rooms.get(place)
        if room is None:
            room = self._rooms[place] = Room(place, name, kind)
        room.name, room.kind = name, kind
        return room

    def drop(self, place: str) -> None:
        """The user is not in it any more; why, if it was told there last, is seen where they go."""
        gone = self._rooms.pop(place, None)
        if gone is None or gone is not self.current:
            return
        self.current = next(iter(self), None)
        told = gone.timeline.items[-1:]
        if self.current is not None and told and isinstance(told[0], Remark):
            self.current.timeline.add(told[0])

    def keep_only(self, places: set[str]) -> None:
        """The user is in these and no others."""
        for place in set(self._rooms) - places:
            self.drop(place)

    def number(self, number: int) -> Room | None:
        """The one with that number in the list, from 1."""
        listed = list(self)
        return listed[number - 1] if 0 < number <= len(listed) else None

    def beside(self, steps: int) -> Room | None:
        """The one so many steps further in the list."""
        listed = list(self)
        if not listed:
            return None
        index = listed.index(self.current) if self.current in listed else -1
        return listed[(index + steps) % len(listed)]

    def with_news(self) -> Room | None:
        """The next one where something is new; first those where the user is called."""
        listed = list(self)
        index = listed.index(self.current) + 1 if self.current in listed else 0
        around = listed[index:] + listed[:index]
        others = [room for room in around if room is not self.current]
        called = (room for room in others if room.mentions)
        fresh = (room for room in others if room.has_news)
        return next(called, None) or next(fresh, None)
