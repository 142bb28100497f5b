import pytest

from geventim.client.history.pages import LARGEST, PAGE_LINES, PAGE_SIZE, Utterance, page_name
from geventim.client.history.shelf import Shelf
from geventim.client.kept.memory import Memory
from geventim.client.sealing.content import ContentKind

PLACE = bytes(range(16))


class Filling:
    """A shelf, and how it is filled; ``written`` is the size of everything that was kept."""

    def __init__(self):
        self.memory = Memory({})
        self.shelf = Shelf(self.memory, PLACE, ())
        self.order = 0
        self.pages = {}
        self.written = 0

    def add(self, text, name="lobby"):
        self.order += 1
        said = Utterance(self.order, ContentKind.ROOM, "bob", text, 1.0, 1)
        self.shelf.add(name, said)
        changes = self.memory.take_changes()
        self.pages |= changes
        self.written += sum(map(len, changes.values()))
        return changes


@pytest.fixture
def filling():
    return Filling()


def test_only_the_last_page_is_written_again(filling):
    for _ in range(2 * PAGE_LINES + 1):
        filling.add("hi")
    assert list(filling.pages) == [
        page_name(PLACE, number) for number in (1, PAGE_LINES + 1, 2 * PAGE_LINES + 1)
    ]
    assert list(filling.add("more")) == [page_name(PLACE, 2 * PAGE_LINES + 1)]


def test_long_texts_fill_a_page_as_well(filling):
    for _ in range(4):
        filling.add("x" * PAGE_SIZE)
    assert len(filling.pages) == 4


@pytest.mark.parametrize("text", ["x" * 58_000, "\u0301" * 29_000, "x" * 16_000])
def test_no_page_outgrows_its_bound(filling, text):
    for _ in range(3):
        filling.add("x" * (PAGE_SIZE - 100))
        filling.add(text)
    assert max(map(len, filling.pages.values())) <= LARGEST


def test_another_name_begins_another_page(filling):
    filling.add("one")
    filling.add("two", "other")
    filling.add("three", "other")
    assert len(filling.pages) == 2
    assert filling.shelf.name == "other"


def test_a_page_that_shrinks_has_room_again(filling):
    for _ in range(PAGE_LINES):
        filling.add("hi")
    filling.shelf.forget([1, 2])
    filling.add("more")
    filling.add("more")
    assert len(filling.pages) == 1
    filling.add("more")
    assert len(filling.pages) == 2


def test_it_knows_its_newest(filling):
    assert filling.shelf.newest == 0
    filling.add("one")
    filling.add("two")
    assert filling.shelf.newest == 2
    again = Shelf(Memory({}, filling.pages, filling.pages.get), PLACE, [1])
    assert again.newest == 1
