"""In which words entries are told: the same for all, or others for one of them."""

from geventim.chat.codec import encode
from geventim.chat.replies import EntryEvent
from geventim.chat.values import Entry
from geventim.service.people.accounts import Accounts


class Wording:
    """Makes frames of entries; it looks up their people in ``accounts``, which may take a while."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def for_all(self, entry: Entry) -> bytes:
        """What everybody gets of ``entry``, but those for whom there is :meth:`for_one`."""
        return self._encode(entry, b"", None)

    def for_one(self, entry: Entry, account: bytes, sent: int) -> bytes | None:
        """What ``account``, to whom ``sent`` was the last entry sent, gets instead; often None."""
        if account in entry.added:
            return self._encode(entry, entry.welcome, entry.previous)
        return None if entry.seq == sent + 1 else self._encode(entry, b"", entry.previous)

    def _encode(self, entry: Entry, welcome: bytes, previous: bytes | None) -> bytes:
        person = self._accounts.person
        event = EntryEvent(
            conversation=entry.conversation,
            seq=entry.seq,
            time=entry.time,
            author=person(entry.author).nick,
            account=entry.author,
            message_id=entry.message_id,
            kind=entry.kind,
            head=entry.head,
            added=tuple(map(person, entry.added)) if entry.added else (),
            removed=tuple(map(person, entry.removed)) if entry.removed else (),
            welcome=len(welcome),
            previous=previous,
            payload=len(entry.payload) + len(welcome),
        )
        return encode(event, entry.payload + welcome)
