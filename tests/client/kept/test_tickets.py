import pytest

from geventim.client.kept.memory import Memory
from geventim.client.kept.tickets import TICKET, Ticket, Tickets
from geventim.errors import StoreError

LOBBY, DEN = b"L" * 16, b"D" * 16


def ticket(number, conversation=LOBBY):
    return Ticket(conversation, bytes([number]) * 16, bytes([100 + number]) * 16)


def kept(memory, **bounds):
    """What another process would find."""
    changes = memory.take_changes()
    values = {name: value for name, value in changes.items() if value}
    return Tickets(Memory(values), **bounds)


def test_they_outlive_the_process():
    memory = Memory({})
    tickets = Tickets(memory)
    tickets.put(ticket(1))
    tickets.put(ticket(1, DEN))
    tickets.settle(LOBBY, b"\1" * 16, 7)
    again = kept(memory)
    assert again.find(LOBBY, b"\1" * 16).seq == 7
    assert again.find(DEN, b"\1" * 16) == ticket(1, DEN)
    assert again.find(LOBBY, b"\2" * 16) is None


def test_one_that_came_to_nothing_is_gone():
    memory = Memory({})
    tickets = Tickets(memory)
    tickets.put(ticket(1))
    tickets.drop(LOBBY, b"\1" * 16)
    tickets.drop(LOBBY, b"\2" * 16)
    tickets.settle(LOBBY, b"\1" * 16, 7)
    assert tickets.find(LOBBY, b"\1" * 16) is None
    assert {name: value for name, value in memory.take_changes().items() if value} == {}


def test_the_oldest_go_first():
    memory = Memory({})
    tickets = Tickets(memory, most=2)
    for number in (1, 2, 3):
        tickets.put(ticket(number))
    found = [tickets.find(LOBBY, bytes([number]) * 16) for number in (1, 2, 3)]
    assert found == [None, ticket(2), ticket(3)]
    again = kept(memory, most=2)
    again.put(ticket(4))
    assert again.find(LOBBY, b"\2" * 16) is None
    assert again.find(LOBBY, b"\4" * 16) == ticket(4)


def test_damaged_ones_are_the_stores_fault():
    with pytest.raises(StoreError):
        Tickets(Memory({f"{TICKET}000000000001": b"\xc1"}))
