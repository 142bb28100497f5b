"""The accounts of a crowd on eim-server, all of them members of one room before it is measured.

Each registers over a connection of its own and lets itself in: nobody else could.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from entries import RecordTranscript
from messenger import Account, Ours, Script
from processes import Process, eim_server

from geventim.chat import requests as ask
from geventim.chat.values import Purpose, claim

AT_ONCE = 32
"""Registrations that are under way."""


class Newcomer(Ours):
    """Somebody who registers, joins the room, which the first one makes, and goes."""

    def entrance(self) -> Script:
        """Claim a nick, and become a member."""
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
        if self.number == 0:
            made = os.urandom(16)
            opened = yield from self.ask(ask.CreateRoom, message_id=made, name="lobby")
            Ours.room_id = opened.conversation.id
        turn = yield from self.ask(ask.TakeTurn, conversation=self.room_id, purpose=Purpose.JOIN)
        yield from self.ask(
            ask.Commit,
            b"commit and state",
            conversation=self.room_id,
            message_id=os.urandom(16),
            head=turn.head,
            message=6,
            added=(account.id,),
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

    def enter(numbers: Iterable[int]) -> None:
        newcomers = [Newcomer(address, number, transcript, speaks=False) for number in numbers]
        Newcomer.enter_together(newcomers)
        for newcomer in newcomers:
            newcomer.leave()

    enter([0])
    for start in range(1, count, AT_ONCE):
        enter(range(start, min(start + AT_ONCE, count)))
