"""Sees to it that what is seen is known: asks for conversations, people and members."""

from collections.abc import Callable
from functools import partial
from typing import Final

from geventim.client import answers, wishes
from geventim.client.answers import Refusal, Result
from geventim.client.sealing.content import ContentKind
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.conversation.items import Delivery, Said
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.conversation.timeline import View
from geventim.terminal.screen.world import World

PAGE: Final = 100
"""Messages that are added at a time."""

DEEPEST: Final = 10_000
"""Messages that are read of one conversation at most."""


class Supply:
    """Asks for ``world`` what it lacks."""

    def __init__(self, world: World, asking: Asking) -> None:
        self._world = world
        self._asking = asking
        self._is_listing = False

    def begin(self) -> None:
        """Wishes can be taken from now on."""
        self._world.is_stale = True
        self.look_after()

    def look_after(self) -> None:
        """Ask for what is missing of what is seen now."""
        world, room = self._world, self._world.rooms.current
        if world.is_behind:
            world.is_behind = False
            self._asking.ask(wishes.Snapshot(id=0), self._survey, _ignore)
        if world.is_stale and not self._is_listing:
            world.is_stale, self._is_listing = False, True
            self._asking.ask(wishes.Conversations(id=0), self._list, self._give_up)
        if world.knows_nobody and world.is_connected:
            world.knows_nobody = False
            self._asking.ask(wishes.People(id=0), self._list_people, _ignore)
        if room is not None:
            self._fill(room)

    def _fill(self, room: Room) -> None:
        """Ask who is in ``room``, and what was said there."""
        if self._world.is_connected and not room.asked_people:
            room.asked_people = True
            members = wishes.Members(id=0, conversation=room.id)
            self._asking.ask(members, partial(self._list_members, room), _ignore)
        if not room.is_filled:
            room.is_filled = True
            self._read(room, PAGE, self._put_before)

    def look_around(self, view: View) -> None:
        """Ask for what was said before or after what is seen, before one gets there."""
        room = self._world.rooms.current
        if room is None or room.is_reading:
            return
        if not room.timeline.oldest:
            room.depth = 0
        if room.timeline.wants_older(view) and room.depth < DEEPEST:
            self._read(room, min(room.depth + PAGE, DEEPEST), self._put_before)
        elif room.timeline.wants_newer(view):
            self._read(room, room.depth, self._put_after)

    def _read(
        self, room: Room, depth: int, take: Callable[[Room, int, answers.Messages], None]
    ) -> None:
        """Have the last messages of ``room``, so many of them."""

        def done(result: Result) -> None:
            room.is_reading = False
            if isinstance(result, answers.Messages):
                take(room, depth, result)

        def refused(_: Refusal) -> None:
            room.is_reading = room.timeline.has_older = room.timeline.has_newer = False

        room.is_reading = True
        wish = wishes.Timeline(id=0, conversation=room.id, limit=depth)
        self._asking.ask(wish, done, refused)

    def _list(self, result: Result) -> None:
        self._is_listing = False
        if isinstance(result, answers.Conversations):
            self._world.list_conversations(result.conversations)

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

    def _put_before(self, room: Room, depth: int, found: answers.Messages) -> None:
        timeline = room.timeline
        oldest = timeline.oldest or float("inf")
        older = [each for each in self._items(found) if each.order < oldest]
        timeline.put_before(older[-PAGE:], more=len(found.messages) >= depth or len(older) > PAGE)
        room.depth = max(room.depth, depth)

    def _put_after(self, room: Room, _: int, found: answers.Messages) -> None:
        newer = [each for each in self._items(found) if each.order > room.timeline.newest]
        room.timeline.put_after(newer[:PAGE], more=len(newer) > PAGE)

    def _items(self, found: answers.Messages) -> list[Said]:
        return [written(each, self._world.nick) for each in found.messages]


def written(said: answers.Written, nick: str) -> Said:
    """What was written before, as ``nick`` sees it."""
    mine = said.nick == nick
    return Said(
        said.message_id,
        said.nick,
        said.message,
        said.date,
        said.order,
        said.message_id,
        mine,
        said.verified,
        delivery=Delivery.SENT if mine else Delivery.ARRIVED,
        kind="secret" if said.kind is ContentKind.SECRET else "",
    )


def _ignore(_: Refusal) -> None:
    """What was refused is asked for again when it is seen again."""
