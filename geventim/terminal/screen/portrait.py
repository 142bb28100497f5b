"""The scene as the world is: what of everything that is known is to be seen now."""

from geventim.chat.values import Kind
from geventim.terminal.screen.attention import unread_title
from geventim.terminal.screen.conversation.place import View
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.scene import (
    Choices,
    Input,
    Overlay,
    Place,
    Scene,
    Status,
    Step,
)
from geventim.terminal.screen.world import World


def portray(
    world: World,
    view: View,
    typed: Input,
    now: float,
    *,
    selected: str,
    shows_people: bool,
    choices: Choices | None,
    overlay: Overlay | None,
    guide: tuple[Step, ...],
) -> Scene:
    """What is to be seen of ``world``, ``now`` in seconds since the epoch."""
    room = world.rooms.current
    places = tuple(
        _place(each, number, is_current=each is room) for number, each in enumerate(world.rooms, 1)
    )
    others = [each for each in world.rooms if each is not room]
    calling = (each.mentions or (each.unread if each.kind is Kind.DM else 0) for each in others)
    people = world.people(room)
    status = Status(
        next((place for place in places if place.is_current), None),
        len(people),
        connection(world, now),
        world.is_connected,
        world.own_status.value,
        sum(each.unread for each in others if not each.muted),
        sum(each.mentions for each in others),
        view.below,
        not view.at_end,
    )
    return Scene(
        unread_title(room.title if room else "geventim", calling),
        places,
        view,
        people,
        status,
        typed,
        world.nick,
        selected,
        shows_people,
        choices,
        overlay,
        guide,
    )


def connection(world: World, now: float) -> str:
    """How the connection is, in a word or two."""
    if world.is_connected:
        return "ready"
    if world.back_at is None:
        return "connecting"
    left = max(0, round(world.back_at - now))
    return f"reconnecting in {left} s" if left else "reconnecting"


def _place(room: Room, number: int, *, is_current: bool) -> Place:
    return Place(
        room.name,
        room.kind,
        number if number < 10 else 0,
        room.unread,
        room.mentions,
        room.muted,
        room.keyed,
        room.standing,
        bool(room.editor.text),
        is_current,
    )
