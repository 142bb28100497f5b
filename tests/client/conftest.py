"""A small world with a few people in its lobby."""

import pytest

from tests.client.person import Person
from tests.client.world import World


@pytest.fixture
def world() -> World:
    return World()


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
