"""The first steps of somebody who is new: a list that says what is done, and does what can be."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from geventim.chat.values import Kind
from geventim.client.people.trust import Standing
from geventim.terminal.screen.conversation.items import Said
from geventim.terminal.screen.layers.figure import Figure, code_of
from geventim.terminal.screen.layers.layer import Layer
from geventim.terminal.screen.layers.palette import Candidate, Palette
from geventim.terminal.screen.newcomer.saving import Saving
from geventim.terminal.screen.orders import Copy, Order
from geventim.terminal.screen.scene import Step
from geventim.terminal.screen.world import World

SAVE: Final = "a file that opens with a passphrase"
"""What saves an identity."""


class Guide:
    """Steps of who is new in ``world``, whose server has an invite ``link``.

    ``begin`` puts the beginning of a line into the input, ``open_layer`` something over the screen.
    """

    def __init__(
        self,
        world: World,
        link: str,
        saving: Saving,
        orders: list[Order],
        begin: Callable[[str], object],
        open_layer: Callable[[Layer], object],
    ) -> None:
        self._world = world
        self._link = link
        self._saving = saving
        self._orders = orders
        self._begin = begin
        self._open_layer = open_layer
        self.is_hidden = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in order."""
        return tuple(step for step, _ in self._steps())

    def shown(self) -> tuple[Step, ...]:
        """The steps, as long as somebody is new and has not done all of them."""
        world = self._world
        room = world.rooms.current
        is_home = room is not None and room.name == world.home
        if self.is_hidden or not world.is_new or not is_home:
            return ()
        steps = self.steps
        return () if all(step.is_done for step in steps) else steps

    def open(self) -> None:
        """Offer to do each of them."""
        candidates = [
            Candidate(f"{'✓' if step.is_done else '·'} {step.name}", step.detail, do)
            for step, do in self._steps()
        ]
        self._open_layer(Palette(candidates, "First steps", "Enter does it · Esc closes"))

    def invite(self) -> None:
        """Show the link for a friend, and its QR code."""
        code = code_of(self._link)
        copy = partial(self._orders.append, Copy(self._link))
        foot = "Enter copies the link · Esc closes"
        self._open_layer(Figure("Invite a friend with this link", self._link, code, copy, foot))

    def _steps(self) -> Iterator[tuple[Step, Callable[[], object]]]:
        world = self._world
        names = Step("Your name", world.nick, is_done=bool(world.server))
        yield names, lambda: None
        where = world.server or "connecting"
        yield Step("The server", where, is_done=world.is_connected), lambda: None
        yield Step("Save who you are", SAVE, is_done=self._saving.is_done), self._saving.begin
        is_met = any(nick != world.nick for nick in world.present) or any(
            room.kind is Kind.DM for room in world.rooms
        )
        yield Step("Invite a friend", "a link and a QR code", is_done=is_met), self.invite
        items = (item for room in world.rooms for item in room.timeline.items)
        has_said = any(isinstance(item, Said) and item.mine for item in items)
        yield Step("Say hello", "type it and press Enter", is_done=has_said), lambda: None
        verify = "/verify NICK, and compare the number with them"
        begin = partial(self._begin, "/verify ")
        yield Step("Verify a friend", verify, is_done=self._has_verified()), begin

    def _has_verified(self) -> bool:
        return any(
            person.standing is Standing.VERIFIED and person.nick != self._world.nick
            for room in self._world.rooms
            for person in room.people or ()
        )
