"""Sessions with a screen, in this process."""

import itertools
import os

import gevent
from msgspec import UNSET

from geventim.app import ending
from geventim.app.attachment import Attachment
from geventim.app.ending import Ending
from geventim.app.session import Session
from geventim.app.settings import Bounds
from geventim.app.stay import Stay
from geventim.channel.handshake import Responder
from geventim.client.events import (
    Message,
    Sent,
)
from geventim.client.wishes import Say
from geventim.net.connection import Connection
from tests.greenlets import until
from tests.house import KEY


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


SOON = Bounds(first=0.01, longest=0.02)
"""Comes back sooner than real clients do."""


class User:
    """A session with its screen, running."""

    def __init__(self, settings):
        self.screen = Screen()
        self.session = Stay(settings, self.screen)
        self.running = gevent.spawn(self.session.run)
        self._numbers = itertools.count()

    def say(self, text):
        """Say something to the lobby; waits as the session does."""
        self.session.grant(Say(id=next(self._numbers), to="#lobby", text=text))

    @property
    def sent(self):
        return [event.message for event in self.screen.of(Sent)]

    @property
    def heard(self):
        return [event.message for event in self.screen.of(Message) if event.delivery is UNSET]

    @property
    def own(self):
        return [event for event in self.screen.of(Message) if event.delivery is not UNSET]

    def end(self):
        """How the session ends by itself."""
        return self.running.get()

    def stop(self):
        match self.session._host:
            case Session() as session:
                session._finish(Ending(ending.DONE))
            case Attachment() as attachment:
                attachment._hang_up()
        self.running.join()


def shake_hands(sock):
    """Come to the point where the client asks to be let in."""
    connection = Connection(sock, Responder(os.urandom, KEY))
    while not any(connection.receive()):
        pass
    return connection
