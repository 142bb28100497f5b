import pytest

from geventim.chat import limits
from geventim.chat.values import Entry, EntryKind
from geventim.log.changes import Append, Commit
from geventim.log.entries import new_entry, shown_to, size_of, weight

PLACE, ALICE, BOB, NAME = (letter * 16 for letter in (b"c", b"a", b"b", b"m"))


def test_an_append_says_of_which_kind_it_is() -> None:
    change = Append(PLACE, ALICE, EntryKind.KICK, NAME, 2.5, 3, b"text")
    expected = Entry(PLACE, 5, 2.5, ALICE, EntryKind.KICK, NAME, b"h", 3, b"text")
    assert new_entry(change, 5, b"h") == expected


def test_a_commit_declares_who_comes_and_goes() -> None:
    change = Commit(PLACE, ALICE, NAME, 2.5, 3, b"text", b"state", b"welcome", (BOB,), (ALICE,))
    entry = new_entry(change, 5, b"h")
    assert (entry.kind, entry.head) == (EntryKind.COMMIT, 3)
    assert (entry.welcome, entry.added, entry.removed) == (b"welcome", (BOB,), (ALICE,))


@pytest.mark.parametrize("kind", EntryKind)
def test_messages_count(kind: EntryKind) -> None:
    entry = Entry(PLACE, 1, 1.0, ALICE, kind, NAME, b"", payload=b"four")
    counted = (4, 4 + limits.ENTRY_SIZE) if kind is EntryKind.MESSAGE else (0, 0)
    assert (size_of(entry), weight(entry)) == counted


def test_a_welcome_is_for_those_who_are_added() -> None:
    entry = Entry(PLACE, 1, 1.0, ALICE, EntryKind.COMMIT, NAME, b"", welcome=b"w", added=(BOB,))
    assert [shown_to(entry, account).welcome for account in (ALICE, BOB)] == [b"", b"w"]
