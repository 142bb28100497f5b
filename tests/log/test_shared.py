"""What comes out of a feed is what was written."""

import msgspec
import pytest

from geventim.chat.values import Conversation, Entry, EntryKind, Kind
from geventim.log.outcomes import Appended
from geventim.log.shared import pack_appended, unpack_appended


def test_effects_of_an_entry_come_back():
    entry = Entry(
        conversation=bytes(16),
        seq=3,
        time=2.5,
        author=b"a" * 16,
        message_id=b"m" * 16,
        kind=EntryKind.COMMIT,
        head=2,
        payload=b"\xff" * 9,
        previous=b"p" * 32,
        added=(b"b" * 16,),
    )
    crew = Conversation(bytes(16), Kind.GROUP, "crew", b"a" * 16)
    joined = ((b"b" * 16, 3),)
    appended = Appended(entry, joined=joined, gone=(b"c" * 16,), conversation=crew, members=2)
    assert unpack_appended(pack_appended(appended)) == appended


def test_what_is_none_is_refused():
    with pytest.raises(msgspec.ValidationError):
        unpack_appended(pack_appended(["entry"]))
