"""What a change does to a log: the difference that a store has to write.

A part of it is of whom a state is kept for newcomers, and which commits they have called void.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from geventim.chat import limits
from geventim.chat.values import Conversation, Entry
from geventim.log.changes import GiveState


@dataclass(frozen=True, slots=True)
class Giver:
    """Somebody of whom a state is kept, given when the commit ``at`` was the last.

    The last commit that the account has called void is ``called``.
    """

    account: bytes
    at: int
    called: int = 0


class Effect(Struct, frozen=True):
    """All that is another than before; a store writes the whole of it, or nothing.

    ``entry`` comes at the end of the log. Those who ``joined`` are entitled to it and to what
    follows, those who are ``gone`` to nothing behind it; ``is_left`` says that these have left.
    ``conversation``, ``commit`` (the last one), how many ``members`` there are, and whether the
    conversation is ``deleted`` are as they are now. ``givers`` are those of whom a state is kept
    now, the latest of them with this ``group_info``; None leaves all of these as they are.
    """

    conversation: Conversation
    commit: int
    members: int
    deleted: bool = False
    entry: Entry | None = None
    joined: tuple[bytes, ...] = ()
    gone: tuple[bytes, ...] = ()
    is_left: bool = False
    givers: list[Giver] | None = None
    group_info: bytes = b""


def give(givers: Sequence[Giver], account: bytes, at: int, called: int = 0) -> list[Giver]:
    """Those of whom a state is kept when ``account`` gives one, the latest first.

    What it calls void counts only if it is the last.
    """
    known = next((each.called for each in givers if each.account == account), 0)
    others = [each for each in givers if each.account != account]
    return [Giver(account, at, max(known, called)), *others][: limits.STATES]


def has_called(givers: Sequence[Giver], change: GiveState) -> bool:
    """Whether the account has called this commit void before, or a later one."""
    return any(each.account == change.account and each.called >= change.seq > 0 for each in givers)
