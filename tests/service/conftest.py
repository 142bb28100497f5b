"""A service that a test can look at from every side."""

import pytest

from geventim.service.bounds import USUAL, Bounds
from tests.service.doubles import World
from tests.service.street import Node, Street


@pytest.fixture
def bounds() -> Bounds:
    """Those of the service; a test that needs others says so by ``parametrize``."""
    return USUAL


@pytest.fixture
def world(bounds: Bounds) -> World:
    return World(bounds=bounds)


@pytest.fixture
def street():
    return Street()


@pytest.fixture
def two(street):
    nodes = Node(street), Node(street)
    street.let()
    return nodes
