"""The accounts of a crowd on eim-server, all of them members of one room before it is measured.

Each registers over a connection of its own. Then two of them let the others in, 256 with a commit,
in turn: so the room has at most two commits on which one may build.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from entries import RecordTranscript
from messenger import Account, Ours, Script
from processes import Process, eim_server

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.values import claim

AT_ONCE = 32
"""Registrations that are under way."""


class Newcomer(Ours):
    """Somebody who registers, and goes."""

    def entrance(self) -> Script:
        """Claim a nick."""
        account = self.account
        claimed = claim(
            self.server_key, account.nick, account.identity.public, account.channel.public
        )
        yield from self.ask(
            ask.Register,
            nick=account.nick,
            identity=account.identity.public,
            signature=account.identity.sign(claimed),
        )


class Founder(Ours):
    """Somebody who joins the room, and lets others in."""

    def entrance(self) -> Script:
        """Join the room, which the first one makes."""
        yield from self.ask(ask.Login, nick=self.account.nick)
        if self.number == 0:
            made = os.urandom(16)
            opened = yield from self.ask(ask.CreateRoom, message_id=made, name="lobby")
            Ours.room_id = opened.conversation.id
        yield from self.add([self.account])

    def add(self, accounts: list[Account]) -> Script:
        """Make ``accounts`` members, as far as the server is concerned."""
        turn = yield from self.ask(ask.TakeTurn, conversation=self.room_id)
        yield from self.ask(
            ask.Commit,
            b"commit and state",
            conversation=self.room_id,
            message_id=os.urandom(16),
            head=turn.head,
            message=6,
            added=tuple(account.id for account in accounts),
        )


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
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        newcomers = [Newcomer(address, number, transcript, speaks=False) for number in numbers]
        Newcomer.enter_together(newcomers)
        for newcomer in newcomers:
            newcomer.leave()
    founders = [Founder(address, number, transcript, speaks=False) for number in range(2)]
    for founder in founders:
        founder.enter()
    for turn, start in enumerate(range(len(founders), count, limits.MEMBERS)):
        accounts = [Ours.accounts[n] for n in range(start, min(start + limits.MEMBERS, count))]
        founder = founders[turn % len(founders)]
        founder.follow(founder.add(accounts))
        Founder.finish([founder])
    for founder in founders:
        founder.leave()
