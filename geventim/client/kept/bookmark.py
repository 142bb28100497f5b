"""How far the user has read a conversation, and what they have begun to write there.

It is ``mark/ID``, and written with whatever else the same entry changes.
"""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

MARK: Final = "mark/"

QUOTED: Final = "> "
"""What each line of a message begins with that is quoted."""

LONGEST: Final = 32 * 2**10
"""Characters of a draft; what is longer is cut."""


class _Kept(Struct, array_like=True):
    read: int = 0
    unread: int = 0
    mentions: int = 0
    draft: str = ""
    is_muted: bool = False
    seen: int = 0
    told: int = 0
    away_wanted: int = 0
    away_told: int = 0


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Kept)


class Bookmark:
    """That of one conversation, as it is in ``memory``; ``changed`` is called when it changes.

    Raises :class:`StoreError` if what is kept is damaged.
    """

    def __init__(
        self, memory: Memory, conversation: bytes, changed: Callable[[], None] = lambda: None
    ) -> None:
        self._memory = memory
        self._name = MARK + conversation.hex()
        self._changed = changed
        kept = memory.get(self._name)
        try:
            self._kept = _Kept() if kept is None else _decoder.decode(kept)
        except msgspec.MsgspecError:
            raise StoreError("what is kept of what was read is damaged") from None

    @property
    def read(self) -> int:
        """The number in the history of the last message that was read, or 0."""
        return self._kept.read

    @property
    def unread(self) -> int:
        """Messages of others since then."""
        return self._kept.unread

    @property
    def mentions(self) -> int:
        """Those of them that mention the user."""
        return self._kept.mentions

    @property
    def draft(self) -> str:
        """What was typed and not sent."""
        return self._kept.draft

    @property
    def is_muted(self) -> bool:
        """Whether the user does not want to be called by what is written there."""
        return self._kept.is_muted

    @property
    def seen(self) -> int:
        """The number in the log of the last entry of others that was read, or 0."""
        return self._kept.seen

    @property
    def owes_mark(self) -> bool:
        """Whether they were not told that yet."""
        return self._kept.seen > self._kept.told

    def see(self, seq: int) -> None:
        """The user has read what others wrote up to that entry; it never goes back."""
        if seq > self._kept.seen:
            self._kept.seen = seq
            self._keep()

    def tell(self) -> None:
        """Others are told how far the user has read."""
        self._kept.told = self._kept.seen
        self._keep()

    @property
    def away_told(self) -> int:
        """In which turn others were told why the user is away; 0 if they know of nothing."""
        return self._kept.away_told

    @property
    def away_wanted(self) -> int:
        """In which turn somebody has written who would want to know that."""
        return self._kept.away_wanted

    def want_away(self, turn: int) -> None:
        """Somebody has written who would want to know why the user is away."""
        if turn != self._kept.away_wanted:
            self._kept.away_wanted = turn
            self._keep()

    def tell_away(self, turn: int) -> None:
        """They were told so, or with 0 that the user is back."""
        self._kept.away_told = turn
        self._keep()

    def recount(self, order: int, unread: int, mentions: int) -> None:
        """Count so many more, or fewer, for a message that has changed, if it was not read."""
        kept = self._kept
        if order > kept.read and (unread or mentions):
            kept.unread = max(0, kept.unread + unread)
            kept.mentions = max(0, kept.mentions + mentions)
            self._keep()

    def note(self, *, mention: bool) -> None:
        """Somebody else has written."""
        self._kept.unread += 1
        self._kept.mentions += mention
        self._keep()

    def move(self, order: int, unread: int = 0, mentions: int = 0) -> None:
        """The message with this number was read, and so many came after it; it never goes back."""
        kept = self._kept
        before = (kept.read, kept.unread, kept.mentions)
        kept.read = max(kept.read, order)
        kept.unread, kept.mentions = unread, mentions
        if (kept.read, unread, mentions) != before:
            self._keep()

    def write(self, draft: str) -> None:
        """Keep ``draft`` as what was typed and not sent."""
        if draft != self._kept.draft:
            self._kept.draft = draft[:LONGEST]
            self._keep()

    def add(self, text: str) -> None:
        """Put a message that could not be sent below what was typed."""
        self.write(f"{self.draft}\n{text}" if self.draft else text)

    def unquote(self, text: str) -> None:
        """A message that said ``text`` is gone: also from what was typed, where it is quoted."""
        quoted = "".join(f"\n{QUOTED}{line}" for line in text.split("\n")) + "\n"
        draft = f"\n{self.draft}\n"
        if text and quoted in draft:
            self.write(draft.replace(quoted, "\n")[1:].removesuffix("\n"))

    def mute(self, *, is_muted: bool) -> None:
        """The user does not want to be called by what is written there, or does again."""
        if is_muted != self._kept.is_muted:
            self._kept.is_muted = is_muted
            self._keep()

    def _keep(self) -> None:
        self._memory.put_later(self._name, lambda: _encoder.encode(self._kept))
        self._changed()
