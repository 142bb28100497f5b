import pytest

from geventim.client.kept.memory import Memory
from geventim.client.kept.parcels import Fate, Parcel, Parcels
from geventim.errors import StoreError, UserError

PLACE = b"c" * 16
NO = UserError("no", "No.")


@pytest.fixture
def memory():
    return Memory({})


@pytest.fixture
def parcels(memory):
    return Parcels(memory, PLACE)


def put(parcels, *numbers):
    made = [Parcel(number, bytes([number]) * 16, b"content") for number in numbers]
    for parcel in made:
        parcels.put(parcel)
    return made


def send(parcels, parcel, head, sealed):
    """Seal and send a parcel."""
    parcels.seal(parcel, b"t" * 32, sealed)
    parcels.send(parcel, head)


def restored(memory):
    return list(Parcels(memory, PLACE)._parcels)


def test_what_is_said_is_kept_before_it_is_sealed(memory, parcels):
    (parcel,) = put(parcels, 1)
    assert parcels.queued
    (again,) = restored(memory)
    assert (again.fate, again.sealed, again.is_left) == (Fate.QUEUED, b"", True)
    assert (again.message_id, again.content) == (parcel.message_id, b"content")


def test_what_is_for_now_alone_is_not_kept_before_it_is_sealed(memory, parcels):
    parcels.put(Parcel(1, b"1" * 16, b"content"), is_lasting=False)
    assert parcels.queued
    assert memory.take_changes() == {}


def test_what_is_sealed_is_kept_until_its_entry_was_read(memory, parcels):
    (parcel,) = put(parcels, 1)
    send(parcels, parcel, 5, b"sealed")
    (again,) = restored(memory)
    assert (again.fate, again.head, again.sealed) == (Fate.SENT, 5, b"sealed")
    assert again.epoch == b"t" * 32
    assert (again.message_id, again.content) == (parcel.message_id, b"content")
    parcels.accept(parcel, 9, None)
    (again,) = restored(memory)
    assert (again.fate, again.seq) == (Fate.ACCEPTED, 9)
    parcels.forget(parcel)
    assert restored(memory) == []


def test_they_come_back_in_their_order(memory, parcels):
    for parcel in put(parcels, *range(1, 12)):
        send(parcels, parcel, 1, b"s")
    assert [parcel.number for parcel in restored(memory)] == list(range(1, 12))


def test_damaged_ones_are_the_stores_fault(memory, parcels):
    (parcel,) = put(parcels, 1)
    send(parcels, parcel, 1, b"s")
    ((name, value),) = memory.take_changes().items()
    memory.put(name, value[:-1])
    with pytest.raises(StoreError):
        Parcels(memory, PLACE)


def test_the_next_one_is_sealed_for_the_head_of_now(parcels):
    one, two = put(parcels, 1, 2)
    assert parcels.next_for(5) is one
    send(parcels, one, 5, b"s")
    assert parcels.next_for(5) is two
    assert parcels.next_for(6) is None, "the first may be refused, and has to come first then"
    parcels.requeue(one)
    assert parcels.next_for(5) is None, "that head is stale"
    assert parcels.next_for(6) is one


def test_each_is_found_by_its_id_and_by_its_place(parcels):
    one, two = put(parcels, 1, 2)
    for parcel in (one, two):
        send(parcels, parcel, 1, b"s")
    parcels.accept(two, 7, None)
    assert parcels.find(one.message_id) is one
    assert parcels.find(b"x" * 16) is None
    assert parcels.accepted_at(7) is two
    assert parcels.accepted_at(8) is None
    assert parcels.sent() == [one]


def test_what_is_refused_is_over_and_forgotten(memory, parcels):
    one, two, three = put(parcels, 1, 2, 3)
    send(parcels, one, 1, b"s")
    parcels.refuse(one, NO)
    assert (one.fate, one.error, one.over) == (Fate.REFUSED, NO, True)
    assert [parcel.number for parcel in restored(memory)] == [2, 3]
    send(parcels, two, 1, b"s")
    parcels.refuse_queued(NO)
    assert (two.fate, three.fate) == (Fate.SENT, Fate.REFUSED)
    parcels.refuse_all(NO)
    assert two.error is NO
    assert len(parcels) == 0
    assert restored(memory) == []


def test_each_that_is_refused_is_told_once(memory):
    told = []
    parcels = Parcels(memory, PLACE, told.append)
    one, two, three = put(parcels, 1, 2, 3)
    parcels.accept(two, 7, None)
    parcels.refuse(one, NO)
    parcels.refuse_all(NO)
    assert told == [one, three]


def test_what_was_accepted_is_not_refused_any_more(parcels):
    (one,) = put(parcels, 1)
    send(parcels, one, 1, b"s")
    parcels.accept(one, 7, None)
    parcels.refuse_all(NO)
    assert (one.fate, one.error) == (Fate.ACCEPTED, None)
    assert len(parcels) == 0


def test_those_whose_fate_is_open_are_counted(parcels):
    one, _ = put(parcels, 1, 2)
    send(parcels, one, 1, b"s")
    assert parcels.undelivered == 2
    parcels.accept(one, 7, None)
    assert parcels.undelivered == 1


def test_no_repr_shows_what_is_in_it(parcels):
    (one,) = put(parcels, 1)
    send(parcels, one, 1, b"sealed-bytes")
    assert "content" not in repr(one).replace("content=", "")
    assert "sealed-bytes" not in repr(one)
