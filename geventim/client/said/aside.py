"""What stands beside the text of a message: what came with it, and what was said about it since.

However often and in whatever order changes come, the same changes give the same message. So two
clients that have read the same log show the same: what counts is decided by the numbers of entries,
never by what came first here.
"""

from typing import Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from geventim.client.said.changes import Change, Edit, Opinion, Retraction
from geventim.client.said.thumbnail import is_small
from geventim.client.sealing.content import Content, File, Format, Reply

KINDS: Final = 20
"""Kinds of reactions that are shown."""

OPINIONS: Final = 1_000
"""People whose reactions to one message are kept, as many as a room has."""


class Count(Struct, frozen=True):
    """How many people have reacted with an ``emoji``, and who they are."""

    emoji: str
    nicks: tuple[str, ...]


class Quote(Struct, frozen=True):
    """The message that another one answers: whose it is, and how it begins.

    That is in words without markup. Where there is no copy at hand, it is as ``quoted_by`` says.
    Without an ``excerpt`` it is an older one that can be looked up.
    """

    message_id: str
    nick: str
    excerpt: str
    quoted_by: str = ""

    def __repr__(self) -> str:
        return f"<quote of {self.message_id}>"


class Attachment(Struct, frozen=True):
    """A file that came with a message.

    A picture has a width and a height, in pixels, and may have a small one of it, a JPEG.
    """

    name: str
    type: str
    size: int
    width: int = 0
    height: int = 0
    thumbnail: bytes | UnsetType = UNSET


class Given(Struct, frozen=True, array_like=True):
    """The reaction of somebody, by their entry ``seq``; ``emoji`` is empty if it was taken back."""

    account: bytes
    nick: str
    seq: int
    emoji: str

    def __repr__(self) -> str:
        return "<a reaction>"


class Aside(Struct, frozen=True, array_like=True):
    """What stands beside a text.

    ``edited`` and ``retracted`` are the entries that did that, or 0, ``by`` is who retracted it.
    ``opinions`` are in the order of their accounts; those that were taken back are among them.
    ``lifetime`` are seconds from reading to deletion, or 0.
    """

    edited: int = 0
    retracted: int = 0
    by: str = ""
    opinions: tuple[Given, ...] = ()
    reply: Reply | None = None
    lifetime: int = 0
    is_plain: bool = False
    files: tuple[File, ...] = ()

    def __repr__(self) -> str:
        return "<what stands beside a message>"

    @property
    def counts(self) -> list[Count]:
        """The reactions, those of most people first, then those that came first."""
        kinds: dict[str, list[Given]] = {}
        for each in sorted(self.opinions, key=lambda each: each.seq):
            if each.emoji:
                kinds.setdefault(each.emoji, []).append(each)
        order = sorted(kinds.items(), key=lambda kind: -len(kind[1]))
        return [Count(emoji, tuple(each.nick for each in given)) for emoji, given in order[:KINDS]]


NOTHING: Final = Aside()


def read_aside(said: Content) -> Aside:
    """What came with what somebody ``said``."""
    return Aside(
        reply=said.reply,
        lifetime=said.lifetime,
        is_plain=said.format is Format.PLAIN,
        files=tuple(map(_harmless, said.files)),
    )


def _harmless(file: File) -> File:
    """The same without a small picture that is none, or not small once it is decoded."""
    if not file.thumbnail or is_small(file.thumbnail):
        return file
    return msgspec.structs.replace(file, thumbnail=b"")


def alter(text: str, aside: Aside, author: bytes, change: Change) -> tuple[str, Aside]:
    """What a message of the account ``author`` is after ``change``, which may not count.

    An edit counts if it is the author's, and the last; none does once the message was retracted,
    by its author or by who may do that. Of several reactions of one account the last counts.
    """
    match change:
        case Retraction() if change.account == author or change.by_founder:
            if not aside.retracted or change.seq < aside.retracted:
                lifetime = aside.lifetime
                return "", Aside(retracted=change.seq, by=change.nick, lifetime=lifetime)
        case Edit() if change.account == author and not aside.retracted:
            if change.seq > aside.edited:
                altered = msgspec.structs.replace(
                    aside, edited=change.seq, is_plain=change.is_plain
                )
                return change.text, altered
        case Opinion() if not aside.retracted:
            opinions = _with(aside.opinions, change)
            return text, msgspec.structs.replace(aside, opinions=opinions)
    return text, aside


def unquote(aside: Aside, change: Retraction) -> Aside:
    """The same without the words of the message that was retracted, if it is the one answered.

    That one is not here, so its author is who is said to be.
    """
    reply = aside.reply
    if reply is None or reply.to != change.about:
        return aside
    return shorten(aside) if change.by_founder or change.nick == reply.nick else aside


def shorten(aside: Aside) -> Aside:
    """The same without the words of the message that is answered."""
    if aside.reply is None or not aside.reply.excerpt:
        return aside
    return msgspec.structs.replace(aside, reply=Reply(aside.reply.to, aside.reply.nick))


def _with(opinions: tuple[Given, ...], new: Opinion) -> tuple[Given, ...]:
    kept = [Given(new.account, new.nick, new.seq, new.emoji)]
    for each in opinions:
        if each.account != new.account:
            kept.append(each)
        elif each.seq >= new.seq:
            return opinions
    kept.sort(key=lambda each: each.account)
    # Whoever is left out is so by every client, whatever came first.
    return tuple(kept[:OPINIONS])
