"""Pages of the history: some of what was written in one conversation, sealed as one value.

A page is ``history/ID/ORDER``, after its conversation and its first utterance. Utterances are
numbered across all conversations in the order in which they were shown, so that pages sort by age.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from geventim.client.said.aside import NOTHING, Aside, alter, unquote
from geventim.client.said.changes import Change, Retraction
from geventim.client.sealing.content import ContentKind
from geventim.errors import StoreError

PREFIX: Final = "history/"

PAGE_LINES: Final = 64
PAGE_SIZE: Final = 16 * 2**10
"""Utterances and bytes after which a page is full; it is rewritten as long as it grows."""

LARGEST: Final = 64 * 2**10
"""Bytes that a page does not outgrow for one more utterance."""

_DIGITS: Final = 12

BELONGING: Final = (PREFIX, "gone/", "altered/", "index/", "orphans/", "fading/", "faded/")
"""How names begin of what belongs to the history, and stays where it stays."""


class Utterance(Struct, frozen=True, array_like=True):
    """What ``nick`` wrote, in the entry ``seq``, at ``date`` by their clock.

    ``order`` numbers what was shown; ``verified`` says whether the author was, then.
    ``message_id`` and ``account`` are empty for what was written down before they were known here.
    ``aside`` is what stands beside it, if there is anything.
    """

    order: int
    kind: ContentKind
    nick: str
    text: str
    date: float
    seq: int
    verified: bool = False
    message_id: bytes = b""
    account: bytes = b""
    aside: Aside | None = None

    def __repr__(self) -> str:
        return f"<utterance {self.order}>"

    @property
    def size(self) -> int:
        """Bytes that it takes in a page."""
        return len(_encoder.encode(self))

    @property
    def beside(self) -> Aside:
        """What stands beside it."""
        return NOTHING if self.aside is None else self.aside

    @property
    def keys(self) -> list[bytes]:
        """What it is found by: the message, and the one whose words came with it."""
        keys = [self.message_id] if self.message_id else []
        reply = self.beside.reply
        if reply is not None and reply.excerpt:
            keys += [quoted(reply.to), quoted_of(reply.to, reply.nick)]
        return keys

    def beside_which(self, aside: Aside) -> "Utterance":
        """The same with ``aside`` beside it."""
        return msgspec.structs.replace(self, aside=None if aside == NOTHING else aside)

    def altered(self, changes: Iterable[Change]) -> "Utterance":
        """What it is after ``changes``, of which some are about others."""
        text, aside = self.text, self.beside
        for change in changes:
            if change.about == self.message_id:
                text, aside = alter(text, aside, self.account, change)
            elif isinstance(change, Retraction):
                aside = unquote(aside, change)
        if text == self.text and aside == self.beside:
            return self
        return msgspec.structs.replace(self, text=text).beside_which(aside)


class Page(Struct, array_like=True):
    """Part of the conversation ``name``, oldest first."""

    name: str
    utterances: list[Utterance] = []

    def encode(self) -> bytes:
        """What is sealed."""
        return _encoder.encode(self)

    @classmethod
    def decode(cls, kept: bytes) -> "Page":
        """The page that was kept. Raises :class:`StoreError` if it is damaged."""
        try:
            page = _decoder.decode(kept)
        except msgspec.MsgspecError:
            raise StoreError("a page of the history is damaged") from None
        if not page.utterances:
            raise StoreError("a page of the history is empty")
        return page

    def without(self, orders: Iterable[int]) -> "Page":
        """What is left when the utterances with these numbers are gone."""
        gone = frozenset(orders)
        return Page(self.name, [each for each in self.utterances if each.order not in gone])

    def altered(self, changes: Sequence[Change]) -> "Page":
        """The same with ``changes`` of what is in it."""
        return Page(self.name, [each.altered(changes) for each in self.utterances])

    @property
    def keys(self) -> list[bytes]:
        """What it is found by."""
        return [key for each in self.utterances for key in each.keys]

    def joined(self, other: "Page") -> "Page":
        """The same with what is in an ``other`` one."""
        orders = {each.order: each for each in (*self.utterances, *other.utterances)}
        return Page(self.name, [orders[order] for order in sorted(orders)])

    def split(self) -> "list[Page]":
        """The same as pages that are not too long, but for one whose only utterance is."""
        pages: list[Page] = []
        size = LARGEST
        for each in self.utterances:
            if not pages or size + each.size > LARGEST:
                pages.append(Page(self.name, []))
                size = 0
            pages[-1].utterances.append(each)
            size += each.size
        return pages


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Page)


def quoted(message_id: bytes) -> bytes:
    """What those are found by who have words of a message, in the place of its id."""
    return message_id[::-1] + b"words"


def quoted_of(message_id: bytes, nick: str) -> bytes:
    """The same, for words that ``nick`` is said to have written.

    Somebody who makes up many answers to one message must not have all of them looked through
    whenever anybody deletes it.
    """
    return quoted(message_id) + nick.encode()


def page_name(conversation: bytes, number: int) -> str:
    """Under which name the page is kept whose first utterance has this ``number``."""
    return f"{PREFIX}{conversation.hex()}/{number:0{_DIGITS}}"


def split_name(name: str) -> tuple[bytes, int]:
    """The conversation and the number of the page ``name``, which stands behind the prefix.

    Raises :class:`StoreError` if that is no name of a page.
    """
    conversation, _, number = name.partition("/")
    try:
        return bytes.fromhex(conversation), int(number)
    except ValueError:
        raise StoreError("a page of the history has no name of one") from None


def closed_pages(names: Iterable[str]) -> set[str]:
    """Those of the pages called ``names`` that need not be loaded: no utterance will be added.

    Only the last page of a conversation grows.
    """
    last: dict[str, str] = {}
    closed = set()
    for name in sorted(names):
        conversation = name.rpartition("/")[0]
        if conversation in last:
            closed.add(last[conversation])
        last[conversation] = name
    return closed
