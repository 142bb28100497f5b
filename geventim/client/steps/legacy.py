"""What an agent leaves to the one that takes its place, besides what is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from geventim.client.steps.attention import Subject


@dataclass(frozen=True, slots=True)
class Order:
    """What the user wanted: ``again`` gives it to another agent.

    It was not done, unless the message ``message_id``, if it has one, is on its way. ``wish`` is to
    be answered in any case, if it is one; ``asker`` is whose it is.
    """

    again: Callable[[Any], None]
    message_id: bytes
    wish: Any
    asker: int = 0


@dataclass(frozen=True, slots=True)
class Legacy:
    """``orders`` have not taken effect, as far as is kept; so many lines were ``refused``.

    Lines that name nobody go to ``room``, called ``room_name``. ``failed`` is with what the agent
    has failed, if that is known.
    """

    room: bytes
    room_name: str
    refused: int
    orders: tuple[Order, ...]
    failed: Subject | None
