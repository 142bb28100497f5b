"""Seats that earlier attempts to get in led to."""

from geventim.chat.values import Kind
from geventim.client.kept.memory import Memory
from geventim.client.sealing.attempts import MOST, Arrival, Attempts
from geventim.client.sealing.seat import Seat
from tests.client.members import charter_of, engine, group_of

PLACE = b"c" * 16
ARRIVAL = Arrival(7, b"h" * 32, b"g" * 16)


def seat():
    return Seat(group_of(PLACE, charter_of(Kind.ROOM), "alice", "bob")[1])


def test_they_outlive_the_process():
    memory = Memory({})
    attempts = Attempts(memory, engine("bob"), PLACE)
    first, second = seat(), seat()
    attempts.add(first, ARRIVAL)
    attempts.add(second, ARRIVAL)
    again = Attempts(Memory(memory.take_changes()), engine("bob"), PLACE)
    assert len(again) == 2
    assert again.take(next(iter(again))) == ARRIVAL
    assert attempts.take(first) == ARRIVAL
    assert list(attempts) == [second]
    assert len(Attempts(memory, engine("bob"), PLACE)) == 1
    attempts.clear()
    assert list(attempts) == []
    assert set(memory.take_changes().values()) == {None}
    assert len(Attempts(memory, engine("bob"), PLACE)) == 0


def test_they_keep_their_order_whatever_was_dropped():
    memory = Memory({})
    attempts = Attempts(memory, engine("bob"), PLACE)
    assert attempts.newest is None
    made = [seat() for _ in range(3)]
    for each in made:
        attempts.add(each, ARRIVAL)
        assert attempts.newest is each
    attempts.drop(made[0])
    attempts.add(made[0], ARRIVAL)
    kept = Attempts(memory, engine("bob"), PLACE)
    keys = [each.leaf.encryption_key for each in (made[1], made[2], made[0])]
    assert [each.leaf.encryption_key for each in kept] == keys
    for _ in range(MOST):
        kept.add(seat(), ARRIVAL)
    assert len(Attempts(memory, engine("bob"), PLACE)) == MOST


def test_the_oldest_goes_where_there_are_too_many():
    attempts = Attempts(Memory({}), engine("bob"), PLACE)
    made = [seat() for _ in range(MOST + 2)]
    for each in made:
        attempts.add(each, ARRIVAL)
    assert len(attempts) == MOST
    assert made[0] not in list(attempts)
    assert made[-1] in list(attempts)
