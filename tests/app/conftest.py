"""A view that remembers, and a server within the process."""

import gevent
import pytest

from tests.greenlets import background_errors, deadline, until
from tests.house import House

__all__ = ["background_errors", "deadline"]


class Screen:
    """A view, or the audience of a desk.

    While ``paused`` is set to an event, whoever shows something waits for it.
    """

    def __init__(self):
        self.events = []
        self.notes = []
        self.remarks = []
        self.paused = None

    def show(self, notes):
        if self.paused is not None:
            self.paused.wait()
        self.notes += notes
        self.events += [note.item for note in notes]

    def publish(self, told, survey):
        self.events += [each.item for each in told]

    def add(self, told):
        self.publish(told, None)

    def await_shown(self):
        pass

    def remark(self, text):
        self.remarks.append(text)

    def of(self, kind):
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def expect(self, kind, **fields):
        """Wait for an event, which may have come at any time."""

        def fitting():
            return [
                event
                for event in self.of(kind)
                if all(getattr(event, name) == value for name, value in fields.items())
            ]

        return until(fitting)[0]


@pytest.fixture
def screen():
    return Screen()


@pytest.fixture
def house():
    opened = House()
    yield opened
    opened.close()
    gevent.sleep(0)
