import pytest

from geventim.client.kept.memory import Memory


def test_changes_are_handed_out_once():
    memory = Memory({"a": b"1", "b": b"2"})
    assert memory.take_changes() == {}
    memory.put("a", b"3")
    memory.drop("b")
    memory.put("c", b"4")
    memory.put("c", b"5")
    assert memory.take_changes() == {"a": b"3", "b": None, "c": b"5"}
    assert memory.take_changes() == {}
    assert (memory.get("a"), memory.get("b"), memory.get("c")) == (b"3", None, b"5")


def test_values_are_found_by_their_prefix():
    memory = Memory({"secret/1": b"one", "secret/2": b"two", "other": b"x"})
    assert dict(memory.under("secret/")) == {"1": b"one", "2": b"two"}
    assert dict(memory.inside("secret/")) == {"1": b"one", "2": b"two"}
    memory.drop("secret/1")
    memory.put("secret/3", b"three")
    assert dict(memory.inside("secret/")) == {"2": b"two", "3": b"three"}
    assert dict(memory.inside("nothing/")) == {}


def test_what_is_kept_is_not_changed_behind_its_owners_back():
    kept = {"a": b"1"}
    Memory(kept).put("a", b"2")
    assert kept == {"a": b"1"}


def test_what_changes_often_is_made_once_when_it_is_taken():
    memory, made = Memory({}), []

    def make():
        made.append(1)
        return bytes([len(made)])

    memory.put_later("a", make)
    memory.put_later("a", make)
    assert made == []
    assert memory.take_changes() == {"a": b"\x01"}
    assert memory.get("a") == b"\x01"
    assert memory.take_changes() == {}
    assert made == [1]


def test_what_is_forgotten_is_not_made():
    memory = Memory({"a": b"1"})
    memory.put_later("a", lambda: b"2")
    memory.drop("a")
    assert memory.take_changes() == {"a": None}
    assert memory.get("a") is None


def test_a_value_put_outright_replaces_one_to_be_made():
    memory = Memory({})
    memory.put_later("a", lambda: b"later")
    memory.put("a", b"now")
    assert memory.take_changes() == {"a": b"now"}


def test_a_source_that_raises_leaves_everything_as_it_was():
    memory = Memory({"a": b"1"})

    def fail():
        raise OverflowError

    memory.put_later("a", lambda: b"2")
    memory.put_later("b", fail)
    memory.put("c", b"3")
    for _ in range(2):
        with pytest.raises(OverflowError):
            memory.take_changes()
    memory.put_later("b", lambda: b"4")
    assert memory.take_changes() == {"a": b"2", "b": b"4", "c": b"3"}


def test_what_was_not_taken_can_be_undone():
    memory = Memory({"a": b"1", "b": b"2", "e": b"5"})
    memory.put("a", b"3")
    memory.take_changes()
    memory.put("a", b"4")
    memory.put("a", b"5")
    memory.drop("b")
    memory.put("c", b"6")
    memory.drop("c")
    memory.put("d", b"7")
    memory.put_later("e", lambda: b"8")
    restored = memory.restored()
    assert dict(restored.under("")) == {"a": b"3", "b": b"2", "e": b"5"}
    assert restored.take_changes() == {}
    assert memory.take_changes()["a"] == b"5"
