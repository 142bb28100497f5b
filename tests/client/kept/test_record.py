import msgspec
import pytest

from geventim.chat.replies import ConversationInfo, Person
from geventim.chat.values import Kind
from geventim.client.kept.memory import Memory
from geventim.client.kept.record import (
    PENDING,
    TALK,
    Pending,
    Record,
    keep_pending,
    keep_record,
    load_pending,
    load_records,
)
from geventim.client.kept.stages import Stage
from geventim.errors import StoreError

PEER = Person("bob", b"b" * 16, b"k" * 32)
INFO = ConversationInfo(b"c" * 16, Kind.DM, "bob", b"i" * 16, member=True, peer=PEER)
MADE = Pending(
    b"m" * 16, 4, b"message", b"welcome", b"info", (b"a" * 16,), (), None, b"fixed", b"moving"
)


def test_a_new_one_knows_nothing_but_what_it_is():
    record = Record.of(INFO)
    assert (record.id, record.kind, record.name, record.peer) == (INFO.id, Kind.DM, "bob", PEER)
    assert (record.stage, record.epoch, record.member) == (Stage.ABSENT, -1, False)
    assert record.position.seq == 0


def test_it_is_kept_as_it_is_when_the_changes_are_taken():
    memory, record = Memory({}), Record.of(INFO)
    keep_record(memory, record)
    record.stage, record.seen = Stage.STOPPED, {b"a" * 16: 3}
    record.position.advance(7, b"x")
    kept = memory.take_changes()
    assert list(kept) == [TALK + INFO.id.hex()]
    (again,) = load_records(Memory(kept))
    assert msgspec.structs.asdict(again) == msgspec.structs.asdict(record)


def test_no_two_share_what_they_count():
    one, two = Record.of(INFO), Record.of(INFO)
    one.departed[b"a" * 16] = b""
    one.seen[b"a" * 16] = 1
    one.position.recent.append(b"h" * 32)
    assert (two.departed, two.seen, two.position.recent) == ({}, {}, [])


def test_a_commit_on_its_way_is_kept_and_forgotten():
    memory = Memory({})
    keep_pending(memory, INFO.id, MADE)
    again = load_pending(memory, INFO.id)
    assert msgspec.structs.asdict(again) == msgspec.structs.asdict(MADE)
    keep_pending(memory, INFO.id, None)
    assert load_pending(memory, INFO.id) is None


def test_a_commit_is_known_by_id_and_bytes():
    assert MADE.is_entry(b"m" * 16, b"message")
    assert not MADE.is_entry(b"m" * 16, b"another")
    assert not MADE.is_entry(b"x" * 16, b"message")


@pytest.mark.parametrize("damaged", [b"", b"\xc1", b"\x80"])
def test_what_is_damaged_is_the_stores_fault(damaged):
    memory = Memory({TALK + "00": damaged, PENDING + INFO.id.hex(): damaged})
    with pytest.raises(StoreError):
        load_records(memory)
    with pytest.raises(StoreError):
        load_pending(memory, INFO.id)


def test_no_repr_shows_secrets():
    record = Record.of(INFO)
    record.room_key = b"sesame"
    assert "sesame" not in repr(record)
    assert "moving" not in repr(MADE)
