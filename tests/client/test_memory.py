from geventim.client.memory import Memory


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


def test_what_is_kept_is_not_changed_behind_its_owners_back():
    kept = {"a": b"1"}
    Memory(kept).put("a", b"2")
    assert kept == {"a": b"1"}
