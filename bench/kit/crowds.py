"""Clients that meet in a room of their own, to which nobody else comes."""

import os
from collections.abc import Iterable
from itertools import islice

import gevent
from gevent.pool import Pool

from geventim.chat.links import Link
from geventim.load.client import Client
from geventim.load.ledger import Ledger
from geventim.load.marks import SIZE, Marker
from geventim.load.room import Room
from geventim.load.target import Target

AT_ONCE = 64
"""Clients that connect at the same time."""

PATIENCE = 60.0
"""Seconds in which all of them must be in the room."""


def make_clients(link: Link, ledger: Ledger, size: int = SIZE) -> list[Client]:
    """A client for each tally of ``ledger``, whose messages have ``size`` bytes."""
    room = Room("bench" + os.urandom(8).hex())
    target, marker = Target(link, None, room), Marker(os.urandom(8), size)
    return [Client([target], marker, tally) for tally in ledger.tallies]


def connect(clients: Iterable[Client]) -> None:
    """Have ``clients`` registered, and in the room, which the first of them makes if need be."""
    clients = iter(clients)
    for first in islice(clients, 1):
        first.enter()
    for _ in Pool(AT_ONCE).imap_unordered(Client.enter, clients):
        pass


def gather(clients: list[Client], *, stalled: int = 0) -> None:
    """Let all of them into the room, and take what arrives there, but for the last ``stalled``."""
    clients[0].found([client.account for client in clients])
    readers = clients[: len(clients) - stalled]
    for client in clients:
        client.subscribe()
    for client in readers:
        gevent.spawn(client.listen)
    with gevent.Timeout(PATIENCE):
        while not all(client.subscribed for client in readers):
            gevent.sleep(0.01)
