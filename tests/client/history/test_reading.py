from math import inf
from time import process_time

import pytest

from geventim.chat.values import ID_SIZE
from geventim.client.history.history import History
from geventim.client.history.pages import Page, Utterance
from geventim.client.history.reading import (
    Query,
    Reading,
    Told,
    Volume,
    fold_text,
    read_backwards,
    read_forwards,
)
from geventim.client.kept.memory import Memory
from geventim.client.said.aside import Aside
from geventim.client.sealing.content import ContentKind, File
from geventim.errors import StoreError
from tests.client.history.test_history import LOBBY, add
from tests.client.written import run, search, texts

PLACE = b"p" * 16

MARKS = "\u0301\u0316" * 14_500


def page(*orders, nick="bob"):
    return Page(
        "lobby", [Utterance(order, ContentKind.ROOM, nick, str(order), 1.0, 1) for order in orders]
    )


def volume(*pages, last=None):
    """The pages, and which of them were read."""
    held = {each.utterances[0].order: each for each in pages}
    read = []

    def fetch(number, _):
        read.append(number)
        return held[number]

    return Volume(
        PLACE, list(held), None if last is None else (last.utterances[0].order, last), fetch, {}, {}
    )


def orders(reading):
    return [told.utterance.order for told in run(reading)]


def test_conversations_come_in_one_order():
    volumes = [
        volume(page(1, 4), page(5, 9), last=page(10, 14)),
        volume(page(2, 3), page(6, 7, 8), last=page(11)),
        volume(page(12, 13)),
    ]
    assert orders(read_forwards(volumes, Query(), 99)) == list(range(1, 15))
    assert orders(read_backwards(volumes, Query(), 99)) == list(range(14, 0, -1))
    assert orders(read_forwards(volumes, Query(after=4, before=12), 99)) == list(range(5, 12))
    assert orders(read_backwards(volumes, Query(after=4, before=12), 99)) == list(range(11, 4, -1))


@pytest.mark.parametrize("read", [read_backwards, read_forwards])
def test_pages_beside_the_bounds_are_not_read(read):
    read_pages = []

    def fetch(number, _):
        read_pages.append(number)
        return page(number, number + 9)

    numbers = range(10, 110, 10)
    places = [Volume(PLACE, numbers, None, fetch, {}, {})]
    assert sorted(orders(read(places, Query(after=49, before=60), 99))) == [50, 59]
    assert read_pages == [50]


def test_a_page_is_read_when_its_turn_comes():
    read_pages = []

    def fetch(number, _):
        read_pages.append(number)
        return page(number)

    old, new = (
        Volume(PLACE, [1, 2], None, fetch, {}, {}),
        Volume(PLACE, [8, 9], None, fetch, {}, {}),
    )
    reading = read_backwards([old, new], Query(before=10), 2)
    assert orders(reading) == [9, 8]
    assert 1 not in read_pages


def test_what_is_gone_is_not_told_and_a_page_that_is_gone_holds_nothing_up():
    pages = {1: page(1, 2, 3), 4: None, 5: page(5, 6)}
    place = Volume(PLACE, [1, 4, 5], None, lambda number, _: pages[number], {1: {2}, 5: {6}}, {})
    assert orders(read_backwards([place], Query(), 9)) == [5, 3, 1]
    assert orders(read_forwards([place], Query(), 9)) == [1, 3, 5]


def test_damage_is_told_once_and_holds_nothing_up():
    def fetch(number, _):
        if number == 2:
            raise StoreError("it was altered")
        return page(number)

    reading = read_backwards([Volume(PLACE, [1, 2, 3], None, fetch, {}, {})], Query(), 9)
    assert orders(reading) == [3, 1]
    assert [str(error) for error in reading.damage] == ["it was altered"]


def test_nothing_is_read_for_nobody():
    reading = read_backwards([volume(page(1))], Query(), 0)
    assert reading.over
    assert reading.step() == []


def test_a_reading_can_be_cancelled():
    def endless():
        number = 0
        while True:
            number += 1
            yield number, 1_000

    reading = Reading(endless(), 9)
    assert reading.step() == []
    assert not reading.over
    reading.cancel()
    assert reading.over
    assert reading.step() == []


def test_a_reading_that_is_cancelled_in_a_step_stays_so():
    def items():
        reading.cancel()
        yield 1, Told("lobby", PLACE, page(1).utterances[0])
        yield 2, Told("lobby", PLACE, page(2).utterances[0])

    reading = Reading(items(), 9)
    assert len(reading.step()) == 1
    assert reading.over


def test_a_query_selects_by_everything_at_once():
    said = [
        Utterance(1, ContentKind.ROOM, "Bob", "the cat", 1.0, 1),
        Utterance(2, ContentKind.ROOM, "carol", "the cat", 1.0, 1),
        Utterance(3, ContentKind.ROOM, "bob", "a dog and the cat", 1.0, 1),
        Utterance(4, ContentKind.ROOM, "bob", "THE CAT", 1.0, 1),
    ]

    def selected(**fields):
        return [each.order for each in Query(**fields).select(Page("lobby", said))]

    assert selected() == [1, 2, 3, 4]
    assert selected(words=("the cat",), author="bob") == [1, 3, 4]
    assert selected(words=("the cat", "dog")) == [3]
    assert selected(words=("the cat",), author="bob", after=1, before=4) == [3]
    assert selected(with_files=True) == []
    said[1] = said[1].beside_which(Aside(files=(File("a", 1, bytes(32), bytes(32), bytes(16)),)))
    assert selected(with_files=True) == [2]
    assert selected(after=4) == selected(before=1) == selected(author="dave") == []
    assert Query().before == inf


def test_case_and_composition_make_no_difference():
    assert fold_text("E\u0301TÉ") == fold_text("ét\u0065\u0301")
    assert fold_text("ABC") == "abc"


def test_a_search_through_much_takes_many_short_steps():
    """Neither lines that are long to read nor their number hold it up."""
    kept = History(Memory({}))
    add(kept, "needle")
    for _ in range(12):
        add(kept, MARKS, LOBBY)
    reading = kept.read_backwards(Query(words=("needle",)), 50)
    steps, told = 0, []
    while not reading.over:
        began = process_time()
        told += reading.step()
        assert process_time() - began < 0.25
        steps += 1
    assert steps >= 5
    assert texts(told) == ["needle"]
    assert texts(search(kept, "needle", 50)) == ["needle"]


def test_what_was_written_down_without_an_id_has_that_of_its_entry():
    old, again, other = (
        Told("lobby", PLACE, Utterance(order, ContentKind.ROOM, "bob", "hi", 1.0, seq))
        for order, seq in ((1, 7), (3, 7), (4, 8))
    )
    assert old.message_id == again.message_id != other.message_id
    assert len(old.message_id) == ID_SIZE
    assert old.event().message_id == old.message_id.hex()
