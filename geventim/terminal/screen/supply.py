"""Sees to it that what is seen is known: asks for conversations, people and members."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from geventim.client import answers, wishes
from geventim.client.answers import Refusal, Result
from geventim.client.kept.bookmark import LONGEST
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.conversation.items import Said
from geventim.terminal.screen.conversation.place import View
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.conversation.written import item_of, quoting
from geventim.terminal.screen.world import World

PAGE: Final = 100
"""Messages that are added at a time."""


class Supply:
    """Asks for ``world`` what it lacks.

    Who ``resumes`` is where they were last time, and where they are now is kept.
    """

    def __init__(self, world: World, asking: Asking, *, resumes: bool = False) -> None:
        self._world = world
        self._asking = asking
        self._is_listing = False
        self._resumes = resumes
        self._kept: str | None = None
        """What is kept of where they are, if that is known."""

    def begin(self, words: tuple[str, ...] | None = None) -> None:
        """Wishes can be taken from now on; ``words`` call the user, if they say which."""
        if words is not None:
            wish = wishes.ChangeSetting(id=0, name="highlights", value=list(words))
            self._asking.ask(wish, _accept, self._refused)
        self._world.is_stale = True
        self.look_after()

    def look_after(self) -> None:
        """Ask for what is missing of what is seen now."""
        world, room = self._world, self._world.rooms.current
        if world.is_behind:
            world.is_behind = False
            self._asking.ask(wishes.Snapshot(id=0), self._survey, _ignore)
        if self._resumes:
            self._resumes = False
            self._asking.ask(wishes.Settings(id=0), self._resume, _ignore)
        if world.is_stale and not self._is_listing:
            world.is_stale, self._is_listing = False, True
            self._asking.ask(wishes.Conversations(id=0), self._list, self._give_up)
        if world.knows_nobody and world.is_connected:
            world.knows_nobody = False
            self._asking.ask(wishes.People(id=0), self._list_people, _ignore)
        for each in world.rooms:
            self._keep(each, is_left=each is not room or not world.is_focused)
        if room is not None:
            self._fill(room)
            self._keep_place(room)

    def keep_drafts(self) -> None:
        """Have kept what is typed everywhere."""
        for room in self._world.rooms:
            self._keep(room, is_left=True)

    def _resume(self, result: Result) -> None:
        if isinstance(result, answers.Settings):
            self._kept = self._world.last = result.place

    def _keep_place(self, room: Room) -> None:
        """Have kept where the user is."""
        if self._kept not in (None, room.title):
            self._kept = room.title
            place = wishes.ChangeSetting(id=0, name="place", value=room.title)
            self._asking.ask(place, _accept, _ignore)

    def _keep(self, room: Room, *, is_left: bool) -> None:
        """Have kept what was read, and what was typed where one has left or sent it."""
        if room.is_unread:
            room.is_unread, room.marked = False, room.timeline.newest
            self._asking.ask(wishes.MarkRead(id=0, conversation=room.id), _accept, _ignore)
        text = room.editor.text
        if text != room.draft and (is_left or not text) and len(text) <= LONGEST:
            self._keep_draft(room, text)

    def _keep_draft(self, room: Room, text: str) -> None:
        def done(_: Result | Refusal) -> None:
            room.drafts_under_way -= 1

        room.draft = text
        room.drafts_under_way += 1
        self._asking.ask(wishes.Draft(id=0, conversation=room.id, text=text), done, done)

    def _fill(self, room: Room) -> None:
        """Ask who is in ``room``, and what was said there."""
        if self._world.is_connected and not room.asked_people:
            room.asked_people = True
            members = wishes.Members(id=0, conversation=room.id)
            self._asking.ask(members, partial(self._list_members, room), _ignore)
        if not room.is_filled:
            room.is_filled = True
            self._read(room, self._put_before)

    def look_around(self, view: View) -> None:
        """Ask for what was said before or after what is seen, before one gets there."""
        room = self._world.rooms.current
        if room is None or room.is_reading:
            return
        timeline = room.timeline
        if timeline.wants_older(view):
            self._read(room, self._put_before, before=timeline.oldest or None)
        elif timeline.wants_newer(view) and timeline.newest:
            self._read(room, self._put_after, after=timeline.newest)

    def show(self, room: Room, order: int, then: Callable[[], None]) -> None:
        """Have held what was said around the message with that order; then do that."""

        def take(room: Room, found: answers.Messages) -> None:
            room.timeline.restart(self._items(room, found), older=True, newer=True)
            then()

        self._read(room, take, around=order)

    def _read(
        self,
        room: Room,
        take: Callable[[Room, answers.Messages], None],
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
    ) -> None:
        """Have a page of what was said in ``room``; the last one, or that of a message."""

        def done(result: Result) -> None:
            room.is_reading = False
            if isinstance(result, answers.Messages):
                take(room, result)

        def refused(_: Refusal) -> None:
            room.is_reading = room.timeline.has_older = room.timeline.has_newer = False

        room.is_reading = True
        wish = wishes.Timeline(
            id=0, conversation=room.id, limit=PAGE, before=before, after=after, around=around
        )
        self._asking.ask(wish, done, refused)

    def _list(self, result: Result) -> None:
        self._is_listing = False
        if isinstance(result, answers.Conversations):
            self._world.list_conversations(result.conversations)

    def _refused(self, refusal: Refusal) -> None:
        self._world.remark(refusal.text, problem=True)

    def _give_up(self, _: Refusal) -> None:
        self._is_listing = False

    def _survey(self, result: Result) -> None:
        if isinstance(result, answers.Snapshot):
            self._world.survey(result)

    def _list_people(self, result: Result) -> None:
        if isinstance(result, answers.Names):
            self._world.list_people(result.names)

    def _list_members(self, room: Room, result: Result) -> None:
        if isinstance(result, answers.Members):
            self._world.list_members(room, result.members)

    def _put_before(self, room: Room, found: answers.Messages) -> None:
        is_first = not room.timeline.oldest
        if is_first and not found.messages and room.name == self._world.home:
            self._world.is_new = True
        room.timeline.put_before(self._items(room, found), more=len(found.messages) == PAGE)
        if is_first and room.new_from is not None:
            room.timeline.mark_after(room.new_from)

    def _put_after(self, room: Room, found: answers.Messages) -> None:
        room.timeline.put_after(self._items(room, found), more=len(found.messages) == PAGE)

    def _items(self, room: Room, found: answers.Messages) -> list[Said]:
        """The items of a page; how an answered message begins is known if that is held."""
        items = [item_of(each) for each in found.messages]
        near = {item.message_id: item for item in [*room.timeline.messages, *items]}
        return [_with_excerpt(item, near) for item in items]


def _with_excerpt(item: Said, near: Mapping[str, Said]) -> Said:
    quoted = item.quoted
    if quoted is None or quoted.excerpt or quoted.message_id not in near:
        return item
    return replace(item, quoted=quoting(near[quoted.message_id]))


def _accept(_: Result) -> None:
    """It is told by an event what has become of that."""


def _ignore(_: Refusal) -> None:
    """What was refused is asked for again when it is seen again."""
