"""What is kept of transfers."""

import os

import pytest

from geventim.client.files.records import Order, Records, Sending
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
