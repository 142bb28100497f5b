"""Somebody at a full screen."""

import pytest

from tests.terminal.screen.play import Play


@pytest.fixture
def play() -> Play:
    return Play().enter()
