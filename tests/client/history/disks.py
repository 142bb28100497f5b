"""A history on something that counts what is read of it."""

import hashlib

from geventim.client.history.history import History
from geventim.client.history.reading import Query
from geventim.client.said.aside import Aside
from geventim.client.said.changes import Edit, Retraction
from geventim.client.sealing.content import ContentKind
from tests.client.person import load

PLACE = b"p" * 16

BOB, EVE, ANN = (letter * 16 for letter in (b"b", b"e", b"a"))


def message_id(number):
    return hashlib.sha256(number.to_bytes(8, "big")).digest()[:16]


class Disk:
    """What is kept of a history, which begins anew at any time; ``read`` are names of pages."""

    def __init__(self):
        self.values = {}
        self.read = []
        self.events = []
        self.start()

    def start(self):
        self.memory = load(self.values)
        self.memory._archive = self._fetch
        self.history = History(self.memory)

    def keep(self):
        changes = self.memory.take_changes()
        for name, value in changes.items():
            if value is None:
                self.values.pop(name, None)
            else:
                self.values[name] = value
        return changes

    def write(self, number, text, *, account=BOB, reply=None):
        self.history.add(
            PLACE,
            "lobby",
            kind=ContentKind.ROOM,
            nick=account[:1].decode(),
            text=text,
            date=1.0,
            seq=number,
            message_id=message_id(number),
            account=account,
            aside=Aside(reply=reply),
        )

    def change(self, change):
        self.events += [each.event() for each in self.history.change(PLACE, change)]
        self.keep()

    def revise(self):
        self.keep()
        while (revision := self.history.next_revision()) is not None:
            revision.read()
            self.events += [each.event() for each in revision.finish()]
        self.keep()

    def told(self, query=Query(), *, forwards=False):  # noqa: B008 - it is frozen
        self.keep()
        read = self.history.read_forwards if forwards else self.history.read_backwards
        reading, found = read(query, 10**6), []
        while not reading.over:
            found += reading.step()
        return found

    def state(self):
        """What every message is, by its number."""
        return {
            each.utterance.seq: (each.utterance.text, each.utterance.beside) for each in self.told()
        }

    def holds(self, text):
        return any(text.encode() in value for value in self.values.values())

    def _fetch(self, name):
        self.read.append(name)
        return self.values.get(name)


def fill(disk, count, first=1):
    for number in range(first, first + count):
        disk.write(number, f"text {number}")
        disk.keep()


def edit(about, text, seq=10_000, account=BOB):
    return Edit(message_id(about), account, account[:1].decode(), seq, text)


def retract(about, seq=20_000, account=BOB):
    return Retraction(message_id(about), account, account[:1].decode(), seq, account == ANN)
