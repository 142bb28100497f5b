"""What an entry of a log means to its reader."""

from typing import Final

from geventim.chat.replies import ConversationInfo, EntryEvent
from geventim.chat.values import EntryKind, Kind
from geventim.client import content
from geventim.client.content import ContentKind
from geventim.client.context import Context, is_name
from geventim.client.events import Error, Group, GroupAction, Message, Notice, Secret
from geventim.client.strongbox import Sealed
from geventim.errors import PeerError

FITTING: Final = {
    Kind.ROOM: frozenset({ContentKind.ROOM}),
    Kind.GROUP: frozenset({ContentKind.GROUP}),
    Kind.DM: frozenset({ContentKind.PRIVATE, ContentKind.SECRET}),
}
"""The kinds of content that each kind of conversation carries."""


def read(context: Context, info: ConversationInfo, entry: EntryEvent, payload: bytes) -> None:
    """Tell the user what ``entry`` says; never raises, whatever it holds."""
    if entry.author == context.nick:
        return
    if not is_name(entry.author):
        context.emit(Error("unreadable", "An entry without a valid author was skipped."))
    elif entry.kind is EntryKind.MESSAGE:
        _read_message(context, info, entry, payload)
    elif info.kind is Kind.GROUP:
        _read_change(context, info.name, entry)


def _read_message(
    context: Context, info: ConversationInfo, entry: EntryEvent, payload: bytes
) -> None:
    try:
        said = content.decode(payload, entry.author, FITTING[info.kind])
    except PeerError:
        text = f"A message from {entry.author} could not be read and was skipped."
        context.emit(Error("unreadable", text))
        return
    if said.kind is ContentKind.SECRET:
        secret = Sealed(entry.author, said.date, entry.seq, said.sealed)
        context.emit(Secret(context.strongbox.keep(secret), entry.author, said.date))
    else:
        context.emit(
            Message(info.name, said.kind, entry.author, said.message, said.date, entry.seq)
        )


def _read_change(context: Context, group: str, entry: EntryEvent) -> None:
    if entry.kind is EntryKind.LEAVE:
        context.emit(Group(GroupAction.LEFT, group, entry.author))
        context.emit(Notice(f"{entry.author} left group {group}."))
    elif entry.kind is EntryKind.DELETE:
        context.emit(Group(GroupAction.DELETED, group, entry.author))
        context.emit(Notice(f"Group {group} has been deleted."))
    elif context.nick in entry.added:
        context.emit(Group(GroupAction.ADDED, group, entry.author))
        context.emit(Notice(f"You have been added to group '{group}' by {entry.author}."))
