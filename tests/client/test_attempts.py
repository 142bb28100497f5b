"""Seats that earlier attempts to get in led to."""

from geventim.chat.values import Kind
from geventim.client.attempts import MOST, Arrival, Attempts
from geventim.client.memory import Memory
from geventim.client.seat import Seat
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
    attempts.clear()
    assert not any(memory.take_changes().values())


def test_the_oldest_goes_where_there_are_too_many():
    attempts = Attempts(Memory({}), engine("bob"), PLACE)
    made = [seat() for _ in range(MOST + 2)]
    for each in made:
        attempts.add(each, ARRIVAL)
    assert len(attempts) == MOST
    assert made[0] not in list(attempts)
    assert made[-1] in list(attempts)
