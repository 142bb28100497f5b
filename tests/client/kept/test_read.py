"""Which messages were read lately."""

from geventim.client.kept import read
from geventim.client.kept.memory import Memory
from geventim.client.kept.read import Read

PLACE, BOB, CAROL = b"c" * 16, b"b" * 16, b"d" * 16


def test_a_message_is_read_once_by_author_and_id():
    marks = Read(Memory({}), PLACE)
    assert marks.add(BOB, b"m" * 16)
    assert not marks.add(BOB, b"m" * 16)
    assert marks.add(CAROL, b"m" * 16)
    assert marks.add(BOB, b"n" * 16)


def test_it_outlives_the_process_in_pages():
    memory = Memory({})
    marks = Read(memory, PLACE)
    for number in range(read.PAGE * 2 + 1):
        assert marks.add(BOB, bytes([number]) * 16)
    kept = memory.take_changes()
    assert len(kept) == 3
    again = Read(Memory(kept), PLACE)
    assert not again.add(BOB, bytes(16))
    assert again.add(CAROL, bytes(16))


def test_only_the_newest_are_remembered():
    memory = Memory({})
    marks = Read(memory, PLACE, page=2, pages=2)
    for number in range(6):
        marks.add(BOB, bytes([number]) * 16)
    assert marks.add(BOB, bytes(16)), "it is as long ago as that"
    assert not marks.add(BOB, bytes([5]) * 16)
    assert len([value for value in memory.take_changes().values() if value is not None]) <= 3


def test_where_a_page_ends_is_known_after_a_restart():
    kept = {}
    for number in range(5):
        memory = Memory(kept)
        assert Read(memory, PLACE, page=2).add(BOB, bytes([number]) * 16)
        kept |= memory.take_changes()
    assert [len(kept[name]) // read.SIZE for name in sorted(kept)] == [2, 2, 1]


def test_other_conversations_have_marks_of_their_own():
    memory = Memory({})
    assert Read(memory, PLACE).add(BOB, bytes(16))
    assert Read(memory, b"d" * 16).add(BOB, bytes(16))
