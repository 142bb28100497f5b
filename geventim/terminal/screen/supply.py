"""Sees to it that what is seen is known: asks for conversations, people and members."""

from functools import partial

from geventim.client import answers, wishes
from geventim.client.answers import Refusal, Result
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.world import World


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
        if room is not None and world.is_connected and not room.asked_people:
            room.asked_people = True
            wish = wishes.Members(id=0, conversation=room.id)
            self._asking.ask(wish, partial(self._list_members, room), _ignore)

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


def _ignore(_: Refusal) -> None:
    """What was refused is asked for again when it is seen again."""
