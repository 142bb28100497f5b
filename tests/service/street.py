"""Several nodes with one store, and what they tell each other."""

import random

from geventim.log.outcomes import Appended
from geventim.service.dispatch import Service
from tests.service.doubles import SERVER_SIGNER, World
from tests.service.surroundings import Journal


class Street:
    """What nodes tell each other, which is heard when a test says so."""

    def __init__(self):
        self.nodes = []
        self.told = []
        self.leases = {}

    def let(self, count=None):
        """Let all hear what was told, or only the first ``count``; it may make them tell more."""
        while self.told and count != 0:
            teller, bulletin = self.told.pop(0)
            for node in self.nodes:
                if node is not teller:
                    node.service.neighbourhood.hear(teller.name, bulletin)
            count = count - 1 if count else None

    def deliver(self, teller, outcome):
        for node in self.nodes:
            if node is not teller:
                node.service.deliver(outcome)


class SharedJournal(Journal):
    """Tells the other nodes what was written."""

    def __init__(self, store, node):
        super().__init__(store)
        self.node = node

    def _commit(self, changes):
        outcomes = super()._commit(changes)
        for outcome in outcomes:
            if isinstance(outcome, Appended) and not outcome.repeated:
                self.node.street.deliver(self.node, outcome)
        return outcomes


class Node(World):
    """One of the services of a street."""

    def __init__(self, street):
        self.street = street
        self.name = bytes([len(street.nodes)]) * 8
        super().__init__()
        if street.nodes:
            self.timers, self.store = street.nodes[0].timers, street.nodes[0].store
        self.journal = SharedJournal(self.store, self)
        street.nodes.append(self)
        self.start()
        self.service.neighbourhood.greet()

    def start(self):
        self.service = Service(
            self.journal,
            self.timers,
            self._audience,
            random.Random(7).randbytes,
            SERVER_SIGNER,
            self.policy,
            self,
        )

    def tell(self, bulletin):
        self.street.told.append((self, bulletin))

    def untold(self):
        return [bulletin for teller, bulletin in self.street.told if teller is self]

    def acquire(self, conversation):
        if self.street.leases.setdefault(conversation, self) is self:
            return b"lease"
        return None

    def release(self, conversation, lease):
        assert lease == b"lease"
        if self.street.leases.get(conversation) is self:
            del self.street.leases[conversation]

    @property
    def names(self):
        return self.service.connected.names()


def told_of_bob(client):
    """What ``client`` has heard of him."""
    return [(nick, turn) for nick, turn in client.changes() if nick == "bob"]
