"""What stands in a conversation, one under the other; as it came, and not safe to show yet.

``key`` names an item among those of its conversation for as long as it stands there.
"""

import enum
from dataclasses import dataclass, replace
from typing import Final

from geventim.app.files.raster import Raster
from geventim.client.people.trust import Standing

EXCERPT: Final = 100
"""Characters of a message that are shown with what answers it."""

TOGETHER: Final = 1.0
"""Seconds within which sentences are told at the same time."""

REMARK_LINES: Final = 50
"""Lines of a remark from which on none is put to it."""


class Delivery(enum.StrEnum):
    """What has become of a message of the user; those of others have arrived."""

    ARRIVED = "arrived"
    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"


class Tone(enum.StrEnum):
    """What a remark is about: what is told, what is under way, or something to be done."""

    NOTICE = "notice"
    PROGRESS = "progress"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a message answers: how it begins, if that is known and it is not ``gone``.

    ``by`` is who says so, where it is not known whether that is true.
    """

    author: str
    excerpt: str
    message_id: str = ""
    gone: bool = False
    by: str = ""

    def __repr__(self) -> str:
        return "<quoted>"


@dataclass(frozen=True, slots=True)
class File:
    """What came with a message: its ``size`` in bytes, and a ``note`` on where it is now.

    A picture may have a small one of it, the ``thumbnail``; once somebody has looked at that, its
    place is taken by the ``raster``, if there is something to be seen.
    """

    name: str
    size: int
    note: str = ""
    thumbnail: bytes = b""
    raster: Raster | None = None

    def __repr__(self) -> str:
        return "<file>"


@dataclass(frozen=True, slots=True)
class Said:
    """A message. ``order`` is its place among all of the user's; 0 as long as it has none.

    ``message_id`` is empty until it is known. ``reason`` is why it was refused. ``kind`` is a word
    for one that is not like all others here, such as a secret that was opened. ``readers`` have
    read up to here, as far as they tell it, and nothing of the user behind it.
    """

    key: str
    author: str
    text: str
    date: float
    order: int = 0
    message_id: str = ""
    mine: bool = False
    verified: bool = False
    mention: bool = False
    delivery: Delivery = Delivery.ARRIVED
    reason: str = ""
    kind: str = ""
    wish: int | str | None = None
    plain: bool = False
    edited: bool = False
    deleted_by: str = ""
    quoted: Quoted | None = None
    reactions: tuple[tuple[str, int], ...] = ()
    files: tuple[File, ...] = ()
    readers: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<said {self.key}>"


@dataclass(frozen=True, slots=True)
class Traffic:
    """Who ``came`` and who ``went``, one after the other, with nothing said in between."""

    key: str
    date: float
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()

    def joined_by(self, other: "Traffic") -> "Traffic":
        """Both as one; who went after they came did neither, and the other way round."""
        came = [nick for nick in self.came if nick not in other.went]
        went = [nick for nick in self.went if nick not in other.came]
        came += [nick for nick in other.came if nick not in self.went and nick not in came]
        went += [nick for nick in other.went if nick not in self.came and nick not in went]
        return replace(self, came=tuple(came), went=tuple(went))


@dataclass(frozen=True, slots=True)
class Remark:
    """Sentences that nobody in the conversation has said, one in a line."""

    key: str
    date: float
    text: str
    tone: Tone = Tone.NOTICE

    def joined_by(self, other: "Remark") -> "Remark | None":
        """Both as one, if they are told at the same time and are not too long for that."""
        is_same = (
            other.tone is self.tone is not Tone.PROGRESS and 0 <= other.date - self.date <= TOGETHER
        )
        if not is_same or self.text.count("\n") >= REMARK_LINES:
            return None
        return replace(self, text=f"{self.text}\n{other.text}")


@dataclass(frozen=True, slots=True)
class Day:
    """Here a day begins; ``date`` is that of the first item."""

    key: str
    date: float


@dataclass(frozen=True, slots=True)
class New:
    """Here the user stopped reading."""

    key: str = "new"


Item = Said | Traffic | Remark
"""What is kept of a conversation."""

Mark = Day | New
"""What is put between items."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as the lists show them; ``status`` is a word, or empty for who is not there."""

    nick: str
    status: str = ""
    standing: Standing = Standing.UNVERIFIED
