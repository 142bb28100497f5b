import pytest

from geventim.client.kept.bookmark import LONGEST, MARK, Bookmark
from geventim.client.kept.memory import Memory
from geventim.errors import StoreError

PLACE = b"c" * 16
NAME = MARK + PLACE.hex()


@pytest.fixture
def memory():
    return Memory({})


def again(memory):
    """In another process."""
    return Bookmark(Memory(memory.take_changes()), PLACE)


def counts(bookmark):
    return bookmark.read, bookmark.unread, bookmark.mentions


def test_what_others_write_is_counted_until_it_is_read(memory):
    bookmark = Bookmark(memory, PLACE)
    assert counts(bookmark) == (0, 0, 0)
    bookmark.note(mention=False)
    bookmark.note(mention=True)
    assert counts(bookmark) == (0, 2, 1)
    bookmark.move(7, 1)
    assert counts(bookmark) == (7, 1, 0)
    bookmark.move(5)
    assert counts(bookmark) == (7, 0, 0), "it never goes back"


def test_everything_outlives_the_process(memory):
    bookmark = Bookmark(memory, PLACE)
    bookmark.move(3)
    bookmark.note(mention=True)
    bookmark.write("hello ther")
    bookmark.mute(is_muted=True)
    later = again(memory)
    assert counts(later) == (3, 1, 1)
    assert (later.draft, later.is_muted) == ("hello ther", True)


def test_many_messages_are_written_once(memory):
    bookmark = Bookmark(memory, PLACE)
    for _ in range(1000):
        bookmark.note(mention=False)
    assert list(memory.take_changes()) == [NAME]
    assert memory.take_changes() == {}


def test_what_does_not_change_is_not_written(memory):
    told = []
    bookmark = Bookmark(memory, PLACE, lambda: told.append(counts(bookmark)))
    bookmark.move(0)
    bookmark.write("")
    bookmark.mute(is_muted=False)
    assert (told, memory.take_changes()) == ([], {})
    bookmark.note(mention=False)
    assert told == [(0, 1, 0)]


def test_a_message_that_could_not_be_sent_is_put_below_the_draft(memory):
    bookmark = Bookmark(memory, PLACE)
    bookmark.add("one")
    bookmark.add("two")
    assert bookmark.draft == "one\ntwo"
    bookmark.write("x" * (LONGEST + 1))
    assert len(bookmark.draft) == LONGEST


def test_a_damaged_one_is_the_stores_fault():
    with pytest.raises(StoreError):
        Bookmark(Memory({NAME: b"\xc1"}), PLACE)


@pytest.mark.parametrize(
    ("draft", "text", "left"),
    [
        ("> one\n> two\nmy answer", "one\ntwo", "my answer"),
        ("mine\n> one\n\nand > one", "one", "mine\n\nand > one"),
        ("> one", "one", ""),
        ("> one more", "one", "> one more"),
        ("> \nmine", "", "> \nmine"),
    ],
)
def test_what_is_gone_is_quoted_no_more(memory, draft, text, left):
    bookmark = Bookmark(memory, PLACE)
    bookmark.write(draft)
    bookmark.unquote(text)
    assert bookmark.draft == left
