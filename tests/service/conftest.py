"""A service that a test can look at from every side."""

import pytest

from tests.service.doubles import World


@pytest.fixture
def world() -> World:
    return World()
