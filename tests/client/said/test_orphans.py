import pytest

from geventim.client.kept.memory import Memory
from geventim.client.said.changes import Edit, Opinion, Retraction
from geventim.client.said.orphans import OF_ALL, OF_ONE, PREFIX, SIZE, Orphans
from geventim.errors import StoreError

PLACE, ABOUT = b"p" * 16, b"a" * 16
BOB, EVE = b"b" * 16, b"e" * 16


@pytest.fixture
def memory():
    return Memory({})


def restored(memory):
    memory.take_changes()
    return Orphans(memory.restored(), PLACE)


def test_changes_wait_for_their_message(memory):
    orphans = Orphans(memory, PLACE)
    waiting = [
        Edit(ABOUT, BOB, "bob", 5, "new"),
        Retraction(ABOUT, EVE, "eve", 7),
        Opinion(ABOUT, EVE, "eve", 8, "👍"),
    ]
    for each in waiting:
        orphans.put(each)
    orphans.put(Opinion(EVE, EVE, "eve", 9, "👍"))
    orphans = restored(memory)
    assert orphans.take(ABOUT) == waiting
    assert orphans.take(ABOUT) == []
    assert len(orphans) == 1


def test_what_comes_twice_waits_once(memory):
    orphans = Orphans(memory, PLACE)
    for _ in range(2):
        orphans.put(Retraction(ABOUT, EVE, "eve", 7))
    assert len(orphans) == 1


@pytest.mark.parametrize("by_founder", [False, True])
@pytest.mark.parametrize("is_first", [False, True])
def test_no_words_stay_of_what_was_deleted(memory, by_founder, is_first):
    orphans = Orphans(memory, PLACE)
    author = EVE if by_founder else BOB
    changes = [Edit(ABOUT, BOB, "bob", 5, "words"), Retraction(ABOUT, author, "x", 7, by_founder)]
    for each in reversed(changes) if is_first else changes:
        orphans.put(each)
    assert b"words" not in memory.get(PREFIX + PLACE.hex())
    assert restored(memory).take(ABOUT) == changes[1:]


def test_nobody_else_takes_words_back(memory):
    orphans = Orphans(memory, PLACE)
    orphans.put(Edit(ABOUT, BOB, "bob", 5, "words"))
    orphans.put(Retraction(ABOUT, EVE, "eve", 7))
    assert len(orphans.take(ABOUT)) == 2


def test_nothing_is_kept_of_none(memory):
    orphans = Orphans(memory, PLACE)
    orphans.put(Retraction(ABOUT, EVE, "eve", 7))
    orphans.take(ABOUT)
    assert memory.take_changes() == {}


def test_the_newest_of_an_account_are_kept(memory):
    orphans = Orphans(memory, PLACE)
    orphans.put(Retraction(ABOUT, BOB, "bob", 1))
    for seq in range(2, 2 + 2 * OF_ONE):
        orphans.put(Retraction(seq.to_bytes(16, "big"), EVE, "eve", seq))
    assert len(orphans) == OF_ONE + 1
    assert len(orphans.take(ABOUT)) == 1
    assert orphans.take((2).to_bytes(16, "big")) == []
    assert len(orphans.take((1 + 2 * OF_ONE).to_bytes(16, "big"))) == 1


def test_all_together_are_bounded_in_number_and_size(memory):
    orphans = Orphans(memory, PLACE)
    for seq in range(2 * OF_ALL):
        orphans.put(Retraction(ABOUT, seq.to_bytes(16, "big"), "x", seq))
    assert len(orphans) == OF_ALL
    for seq in range(1000, 1020):
        orphans.put(Edit(ABOUT, seq.to_bytes(16, "big"), "x", seq, "x" * 30_000))
    orphans.put(Retraction(EVE, EVE, "eve", 2000))
    assert len(memory.get(PREFIX + PLACE.hex())) <= SIZE
    assert len(orphans.take(EVE)) == 1


def test_one_account_has_a_share_of_the_size(memory):
    orphans = Orphans(memory, PLACE)
    orphans.put(Edit(ABOUT, BOB, "bob", 1, "x" * 30_000))
    for seq in range(2, 20):
        orphans.put(Edit(ABOUT, EVE, "eve", seq, "x" * 30_000))
    assert [each.account for each in orphans.take(ABOUT)] == [BOB, EVE]


def test_the_order_in_which_they_came_makes_no_difference(memory):
    changes = [Retraction(ABOUT, EVE, "eve", seq) for seq in range(1, 2 * OF_ONE)]
    taken = []
    for order in (changes, changes[::-1]):
        orphans = Orphans(Memory({}), PLACE)
        for each in order:
            orphans.put(each)
        taken.append(orphans.take(ABOUT))
    assert taken[0] == taken[1]


def test_what_is_damaged_is_told():
    with pytest.raises(StoreError):
        Orphans(Memory({PREFIX + PLACE.hex(): b"\xff"}), PLACE)
