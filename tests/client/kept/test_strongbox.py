import pytest

from geventim.client.kept.memory import Memory
from geventim.client.kept.strongbox import Sealed, Strongbox
from geventim.errors import StoreError

SECRET = Sealed("bob", 1.5, 7, b"\0sealed")


def test_secrets_are_numbered_from_one():
    box = Strongbox(Memory({}))
    assert [box.keep(SECRET), box.keep(SECRET)] == [1, 2]
    assert box.find(2) == SECRET
    assert box.find(3) is None


def test_secrets_and_numbers_outlive_the_process():
    memory = Memory({})
    Strongbox(memory).keep(SECRET)
    kept = {name: value for name, value in memory.take_changes().items() if value is not None}
    box = Strongbox(Memory(kept))
    assert box.find(1) == SECRET
    assert box.keep(SECRET) == 2


def test_the_oldest_secret_makes_room():
    memory = Memory({})
    box = Strongbox(memory, capacity=2)
    for _ in range(3):
        box.keep(SECRET)
    assert box.find(1) is None
    assert box.find(2) == box.find(3) == SECRET
    assert memory.take_changes()["secret/1"] is None


def test_damage_is_the_stores_fault():
    with pytest.raises(StoreError):
        Strongbox(Memory({"secret/1": b"{}"})).find(1)


def test_no_repr_shows_the_bytes():
    assert "sealed'" not in repr(SECRET)
    assert "bob" in repr(SECRET)
