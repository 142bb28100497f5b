"""The accounts of a crowd on eim-server, all of them members of one room before it is measured.

Each registers over a connection of its own and lets itself in: nobody else could.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from kit.entries import RecordTranscript
from kit.messenger import Account, Ours
from kit.processes import Process, eim_server

from geventim.client.people.profile import Profile
from geventim.client.steps.effects import Steps
from geventim.load import arrival

AT_ONCE = 32
"""Registrations that are under way."""


class Newcomer(Ours):
    """Somebody who registers, joins the room, which the first one makes, and goes."""

    def entrance(self) -> Steps[None]:
        """Claim a nick, and become a member."""
        account = self.account
        profile = Profile(account.nick, "", self.address, self.server_key, account.keys)
        yield from arrival.register(profile)
        if self.number == 0:
            Ours.room_id = (yield from arrival.create("lobby", os.urandom)).id
        yield from arrival.join(self.room_id, account.id, os.urandom)


@contextmanager
def inhabited(count: int) -> Iterator[Process]:
    """A server that knows ``count`` members, started anew on what an earlier run has registered."""
    with tempfile.TemporaryDirectory() as data:
        options = ("--room-limit", str(count))
        with eim_server(*options, data=data) as process:
            settle(process.address, count)
        with eim_server(*options, data=data) as process:
            yield process


def settle(address: str, count: int) -> None:
    """Have ``count`` members for :class:`Ours` on the server at ``address``, which knows nobody."""
    Ours.accounts.clear()
    Ours.accounts.update((number, Account(number)) for number in range(count))
    transcript = RecordTranscript()

    def enter(numbers: Iterable[int]) -> None:
        newcomers = [Newcomer(address, number, transcript, speaks=False) for number in numbers]
        Newcomer.enter_together(newcomers)
        for newcomer in newcomers:
            newcomer.leave()

    enter([0])
    for start in range(1, count, AT_ONCE):
        enter(range(start, min(start + AT_ONCE, count)))
