"""Entries: how a change becomes one, what it counts for, and what an account sees of it."""

from msgspec.structs import replace

from geventim.chat import limits
from geventim.chat.values import Entry, EntryKind
from geventim.log.changes import Append, Commit


def new_entry(change: Append | Commit, seq: int, previous: bytes) -> Entry:
    """The entry that ``change`` puts into the log as number ``seq``."""
    entry = Entry(
        change.conversation,
        seq,
        change.time,
        change.author,
        EntryKind.COMMIT if isinstance(change, Commit) else change.kind,
        change.message_id,
        previous,
        change.head,
        change.payload,
    )
    if not isinstance(change, Commit):
        return entry
    return replace(entry, welcome=change.welcome, added=change.added, removed=change.removed)


def size_of(entry: Entry) -> int:
    """The bytes of payload that ``entry`` adds to the messages of its log."""
    return len(entry.payload) if entry.kind is EntryKind.MESSAGE else 0


def weight(entry: Entry) -> int:
    """What ``entry`` counts for in the usage of its author: only messages do."""
    is_message = entry.kind is EntryKind.MESSAGE
    return len(entry.payload) + limits.ENTRY_SIZE if is_message else 0


def shown_to(entry: Entry, account: bytes) -> Entry:
    """The entry as the account may see it: a Welcome is for those who are added."""
    return entry if account in entry.added else replace(entry, welcome=b"")
