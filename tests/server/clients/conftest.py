"""What is seen of clients, beside what they are told."""

import pytest

from geventim.server.clients import witness
from geventim.service.happenings import Happening


@pytest.fixture
def told(monkeypatch):
    """What the log tells of trouble: event and fault."""
    events = []

    def note(level, event, extra):
        if event not in list(Happening):
            events.append((event, extra.get("fault", "")))

    monkeypatch.setattr(witness.log, "isEnabledFor", lambda level: True)
    monkeypatch.setattr(witness.log, "log", note)
    return events
