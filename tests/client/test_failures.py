import pytest

import geventim
from geventim.client.failures import Failures
from geventim.client.kept.memory import Memory
from geventim.client.steps.attention import Subject
from geventim.errors import StoreError

ENTRY, DUE = Subject(b"c" * 16, 7), Subject(b"c" * 16)


def again(memory):
    """The failures as the next start finds them."""
    return Failures(Memory(memory.restored()._values))


def test_failures_are_counted_and_outlive_the_process():
    memory = Memory({})
    failures = Failures(memory)
    assert failures.find(ENTRY) is None
    assert [failures.note(ENTRY, "here").times for _ in range(2)] == [1, 2]
    memory.take_changes()
    found = again(memory).find(ENTRY)
    assert (found.times, found.place, found.is_final, found.is_hopeless) == (2, "here", True, False)


def test_what_is_due_and_an_entry_are_counted_apart():
    failures = Failures(Memory({}))
    failures.note(ENTRY, "here")
    assert failures.find(DUE) is None
    assert failures.note(DUE, "there").times == 1
    assert failures.find(ENTRY).times == 1


def test_another_entry_begins_anew():
    failures = Failures(Memory({}))
    failures.note(ENTRY, "here")
    other = Subject(ENTRY.conversation, 8)
    assert failures.find(other) is None
    assert failures.note(other, "here").times == 1


def test_what_another_version_has_noted_says_nothing(monkeypatch):
    memory = Memory({})
    Failures(memory).note(ENTRY, "here")
    memory.take_changes()
    monkeypatch.setattr(geventim, "__version__", "1000.0")
    assert again(memory).find(ENTRY) is None


def test_what_is_forgotten_is_kept_no_longer():
    memory = Memory({})
    failures = Failures(memory)
    failures.note(ENTRY, "here")
    failures.forget(Subject(ENTRY.conversation, 8))
    assert failures.find(ENTRY) is not None
    failures.forget(ENTRY)
    assert list(memory.under("failed/")) == []


def test_damage_is_said():
    with pytest.raises(StoreError):
        Failures(Memory({"failed/00": b"damaged"}))
