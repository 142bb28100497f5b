"""What tests with greenlets need: no wait without an end, no failure that nobody sees."""

import gevent
import pytest

from tests.conftest import PATIENCE

__all__ = ["background_errors", "deadline", "until"]


@pytest.fixture(autouse=True)
def deadline():
    """No wait in a test is longer than this."""
    with gevent.Timeout(PATIENCE):
        yield


@pytest.fixture(autouse=True)
def background_errors(monkeypatch):
    """What was raised in greenlets and callbacks; a test that expects something empties it."""
    errors = []
    hub = gevent.get_hub()
    monkeypatch.setattr(hub, "handle_error", lambda _, kind, error, __: errors.append(error))
    yield errors
    assert errors == []


def until(condition):
    """Let others run until ``condition()`` holds; what it holds."""
    while not (found := condition()):
        gevent.sleep(0.001)
    return found
