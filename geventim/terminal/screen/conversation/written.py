"""What was written, now or before, as an item of its conversation."""

from typing import Any

from msgspec import UNSET

from geventim.client.answers import Moving, Written
from geventim.client.events import Message, Reacted
from geventim.client.said.aside import Attachment, Quote
from geventim.client.sealing.content import ContentKind
from geventim.lines.commands.files import amount
from geventim.terminal.screen.conversation.items import EXCERPT, Delivery, File, Quoted, Said


def item_of(said: Written) -> Said:
    """The item that a message of the history is."""
    return Said(
        said.message_id,
        said.nick,
        said.message,
        said.date,
        said.order,
        said.message_id,
        said.own,
        said.verified,
        delivery=Delivery.SENT if said.own else Delivery.ARRIVED,
        **beside(said),
    )


def beside(said: Written | Message) -> dict[str, Any]:
    """What there is beside the text of a message."""
    return {
        "kind": "secret" if said.kind is ContentKind.SECRET else "",
        "plain": said.plain is not UNSET,
        "edited": said.edited is not UNSET,
        "deleted_by": "" if said.deleted is UNSET else said.deleted,
        "quoted": None if said.reply is UNSET else quoted(said.reply),
        "reactions": () if said.reactions is UNSET else counted(said),
        "files": () if said.files is UNSET else tuple(map(file_of, said.files)),
    }


def file_of(attachment: Attachment) -> File:
    """A file that came with a message, of which nothing is known but what that says."""
    thumbnail = b"" if attachment.thumbnail is UNSET else attachment.thumbnail
    return File(attachment.name, attachment.size, thumbnail=thumbnail)


def quoting(said: Said) -> Quoted:
    """What stands above an answer to ``said``."""
    return Quoted(said.author, said.text[:EXCERPT], said.message_id, bool(said.deleted_by))


def quoted(reply: Quote) -> Quoted:
    """What a message answers."""
    return Quoted(reply.nick, reply.excerpt, reply.message_id, by=reply.quoted_by)


def under_way(moving: Moving) -> str:
    """How far a transfer is, in a few words."""
    if moving.state == "waiting":
        return "waiting"
    parts = [f"{100 * moving.done // max(moving.size, 1)} %"]
    if moving.rate:
        parts.append(f"{amount(moving.rate)}/s")
    if moving.left is not None:
        parts.append(f"{moving.left:.0f} s left")
    return " · ".join(parts)


def counted(said: Written | Message | Reacted) -> tuple[tuple[str, int], ...]:
    """The reactions to a message, with the number of people."""
    if said.reactions is UNSET:
        return ()
    return tuple((each.emoji, len(each.nicks)) for each in said.reactions)
