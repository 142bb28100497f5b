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
    memory = Memory({"secret/1": b"one", "secret/a/2": b"two", "other": b"x"})
    assert dict(memory.under("secret/")) == {"1": b"one", "a/2": b"two"}
    assert dict(memory.under("secret/a/")) == {"2": b"two"}
    assert dict(memory.under("o")) == {"ther": b"x"}
    memory.drop("secret/a/2")
    memory.put("secret/3", b"three")
    assert dict(memory.under("secret/")) == {"1": b"one", "3": b"three"}
    assert dict(memory.under("secret/a/")) == dict(memory.under("nothing/")) == {}


def test_whats_in_a_folder_is_found_without_looking_at_everything():
    class Unseen(dict):
        __iter__ = items = keys = None

    memory = Memory({"a/1": b"one", "b/1": b"x"})
    memory._values = Unseen(memory._values)
    assert dict(memory.under("a/")) == {"1": b"one"}


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


def test_what_is_archived_is_held_until_it_is_taken_and_then_read():
    vault = {"old": b"0"}
    memory = Memory({"page": b"1", "other": b"x"}, ["old"], vault.get)
    memory.archive("page", b"2")
    assert (memory.get("page"), memory.read_archived("page")) == (b"2", b"2")
    vault |= memory.take_changes()
    assert vault == {"old": b"0", "page": b"2"}
    assert (memory.get("page"), memory.get("old")) == (None, None)
    assert (memory.read_archived("page"), memory.read_archived("old")) == (b"2", b"0")
    assert sorted(memory.names("")) == ["old", "other", "page"]
    assert dict(memory.under("")) == dict(memory.inside("")) == {"other": b"x"}
    assert memory.take_changes() == {}


def test_what_is_archived_can_be_replaced_and_dropped():
    memory = Memory({}, ["a", "b", "c"], {"a": b"1"}.get)
    memory.archive("a", b"2")
    memory.archive("b", b"3")
    memory.drop("b")
    memory.drop("c")
    memory.drop("c")
    assert memory.read_archived("a") == b"2"
    assert memory.take_changes() == {"a": b"2", "b": None, "c": None}
    assert list(memory.names("")) == ["a"]
    assert memory.read_archived("a") == b"1"


def test_what_was_archived_can_be_held_again():
    memory = Memory({}, ["a", "b"], {}.get)
    memory.put("a", b"1")
    memory.archive("b", b"2")
    memory.put("b", b"3")
    memory.take_changes()
    assert dict(memory.under("")) == {"a": b"1", "b": b"3"}
    memory.drop("a")
    assert memory.take_changes() == {"a": None}
    assert list(memory.names("")) == ["b"]


def test_what_is_archived_can_be_undone():
    vault = {"old": b"0", "gone": b"0", "later": b"0"}
    memory = Memory({"page": b"1"}, ["old", "gone"], vault.get)
    memory.archive("later", b"0")
    memory.take_changes()
    memory.archive("page", b"2")
    memory.archive("old", b"2")
    memory.archive("new", b"2")
    memory.drop("gone")
    memory.drop("later")
    restored = memory.restored()
    assert dict(restored.under("")) == {"page": b"1"}
    assert sorted(restored.names("")) == ["gone", "later", "old", "page"]
    assert [restored.read_archived(name) for name in vault] == [b"0"] * 3


def test_nothing_is_read_where_nothing_is_kept():
    memory = Memory({})
    memory.archive("page", b"1")
    memory.take_changes()
    assert memory.read_archived("page") is None
