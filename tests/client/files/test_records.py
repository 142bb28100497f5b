"""What is kept of transfers."""

import os

import pytest
from msgspec.msgpack import encode

from geventim.client.files.records import FETCHED, MOST_FETCHED, Came, Order, Records, Sending
from geventim.client.kept.memory import Memory
from geventim.client.sealing.content import Format
from geventim.errors import StoreError


def test_what_is_kept_is_there_again() -> None:
    memory = Memory({})
    files = (Sending(3, "/a", "a", b"k" * 32, b"b" * 16),)
    order = Order(os.urandom(16), b"p" * 16, "text", 1.0, files, None, Format.PLAIN, 0, "w")
    Records(memory).keep(order)
    assert Records(memory).orders == [order]
    assert "/a" not in repr(order) + repr(files)
    Records(memory).drop(order)
    assert Records(memory).orders == []


def test_damage_is_told() -> None:
    with pytest.raises(StoreError):
        Records(Memory({"files/sending/00": b"x"}))


def test_of_what_nobody_has_asked_for_the_last_is_known() -> None:
    memory = Memory({})
    records = Records(memory)
    came = Came("/a.png", 3, bytes(32))

    def note(number: int) -> None:
        records.note_fetched(number.to_bytes(16, "big"), came)

    for number in range(MOST_FETCHED):
        note(number)
    # It has two files, of which the second comes late.
    note(0)
    records = Records(memory := Memory(memory.take_changes()))
    for number in range(MOST_FETCHED, MOST_FETCHED + 3):
        note(number)
    assert len(list(memory.names(FETCHED))) == MOST_FETCHED
    for number, count in ((0, 2), (1, 0), (3, 0), (4, 1), (MOST_FETCHED + 2, 1)):
        records.remove_of(number.to_bytes(16, "big"))
        assert len(records.removing.get(number.to_bytes(16, "big"), [])) == count
    assert len(list(memory.names(FETCHED))) == MOST_FETCHED - 3


def test_what_earlier_versions_have_kept_goes_first() -> None:
    memory = Memory({FETCHED + "01" * 16: encode([["/a.png", 3, bytes(32)]])})
    records = Records(memory)
    for number in range(MOST_FETCHED):
        records.note_fetched(number.to_bytes(16, "big"), Came("/b.png", 3, bytes(32)))
    assert memory.get(FETCHED + "01" * 16) is None
