"""What the nodes of one service tell each other."""

from typing import Final

import msgspec
from msgspec import Struct

from geventim.chat.replies import Change
from geventim.chat.values import Purpose, Status


class Guest(Struct, frozen=True):
    """Somebody who is connected to another node."""

    account: bytes
    nick: str
    status: Status


class Alive(Struct, frozen=True, tag=True):
    """The node is there. It says so every :data:`BEAT`."""


class Hello(Struct, frozen=True, tag=True):
    """The node does not know who is connected elsewhere; all others answer :class:`Present`."""


class Present(Struct, frozen=True, tag=True):
    """Everybody who is connected to the node, and nobody else is."""

    guests: tuple[Guest, ...]


class Entered(Struct, frozen=True, tag=True):
    """Somebody has logged in at the node, and is connected nowhere else from now on."""

    guest: Guest


class Left(Struct, frozen=True, tag=True):
    """Somebody is not connected any more: has quit, or was lost."""

    account: bytes
    change: Change


class StatusChanged(Struct, frozen=True, tag=True):
    """Somebody has another status now."""

    guest: Guest


class Announced(Struct, frozen=True, tag=True):
    """The operator says something to everyone."""

    text: str


class Introduced(Struct, frozen=True, tag=True):
    """``peer`` has begun a conversation of two with ``account``."""

    account: bytes
    conversation: bytes
    peer: bytes


class AccountChanged(Struct, frozen=True, tag=True):
    """The operator of the server has changed what an account may do."""

    account: bytes


class KeyPackagesLow(Struct, frozen=True, tag=True):
    """An account has only so many key packages ``left``."""

    account: bytes
    left: int


class Asked(Struct, frozen=True, tag=True):
    """``account`` asks for help with what the commit ``seq`` has closed."""

    conversation: bytes
    account: bytes
    seq: int
    payload: bytes


class Helped(Struct, frozen=True, tag=True):
    """Somebody helps ``account``."""

    conversation: bytes
    account: bytes
    payload: bytes


class CalledVoid(Struct, frozen=True, tag=True):
    """``account`` says that the commit ``seq`` of ``author`` does not count; its state is kept."""

    conversation: bytes
    seq: int
    author: bytes
    account: bytes


class StateWanted(Struct, frozen=True, tag=True):
    """Members of a conversation should give states."""

    conversation: bytes


class MessageDelayed(Struct, frozen=True, tag=True):
    """A message was refused, because a commit came before it."""

    conversation: bytes


class TurnUsed(Struct, frozen=True, tag=True):
    """``account`` has committed in a turn that it had for this ``purpose``.

    It goes ``first``, and others wait after it: who has founded a group took somebody out, or
    somebody got in anew who had not of late.
    """

    conversation: bytes
    account: bytes
    purpose: Purpose
    first: bool


class TurnPassed(Struct, frozen=True, tag=True):
    """``account`` had a turn, and has not committed."""

    conversation: bytes
    account: bytes


class TurnUrgent(Struct, frozen=True, tag=True):
    """Somebody at the node waits for a turn who goes before those of a ``rank`` above this one."""

    conversation: bytes
    rank: int


class TurnSettled(Struct, frozen=True, tag=True):
    """Nobody does any more."""

    conversation: bytes


OfTurn = MessageDelayed | TurnUsed | TurnPassed | TurnUrgent | TurnSettled
OfConversation = Introduced | Asked | Helped | CalledVoid | StateWanted | OfTurn
Bulletin = (
    Alive
    | Hello
    | Present
    | Entered
    | Left
    | StatusChanged
    | Announced
    | AccountChanged
    | KeyPackagesLow
    | OfConversation
)

BEAT: Final = 2.0
"""Seconds from one :class:`Alive` to the next."""

SILENCE: Final = 3 * BEAT
"""Seconds after which a node that says nothing is gone, and everybody with it."""


class Numbered(Struct, frozen=True):
    """The ``number``-th bulletin of a node; it may be read twice."""

    number: int
    bulletin: Bulletin


pack: Final = msgspec.msgpack.Encoder().encode
unpack: Final = msgspec.msgpack.Decoder(Numbered).decode
