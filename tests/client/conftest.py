"""A small world with a few people in its lobby."""

import pytest

from geventim.client.sealing import key_packages
from tests.client.person import Person
from tests.client.world import World


@pytest.fixture(autouse=True)
def few_key_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making keys is the slowest part of coming in."""
    monkeypatch.setattr(key_packages, "STOCK", 3)


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
