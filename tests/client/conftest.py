"""A small world with a few people in its lobby."""

import pytest

from geventim.service.bounds import USUAL, Bounds
from tests.client.person import Person
from tests.client.world import World


@pytest.fixture
def bounds() -> Bounds:
    """Those of the server; a test that needs others says so by ``parametrize``."""
    return USUAL


@pytest.fixture
def world(bounds: Bounds) -> World:
    return World(bounds=bounds)


@pytest.fixture
def alice(world: World) -> Person:
    (person,) = world.enter("alice")
    person.news()
    return person


@pytest.fixture
def bob(world: World, alice: Person) -> Person:
    (person,) = world.enter("bob")
    alice.news()
    person.news()
    return person
