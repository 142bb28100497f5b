"""What the tests here share."""

import pytest

from geventim.service.turns.rates import EXTERNAL


@pytest.fixture
def room(world):
    """A room whose members are alice, bob and carol."""
    clients = [world.enter(nick) for nick in ("alice", "bob", "carol")]
    for client in clients:
        client.room()
    for client in clients:
        client.received.clear()
    world.timers.advance(EXTERNAL)
    return clients[0].open().id, *clients
