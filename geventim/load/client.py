"""One client in one greenlet: an account that is thrown away after the run."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import gevent

from geventim.channel.connection import TruncationError
from geventim.chat import replies, values
from geventim.chat import requests as ask
from geventim.client.people.profile import Keys
from geventim.client.steps.effects import Steps
from geventim.errors import NetworkError
from geventim.load import arrival
from geventim.load.caller import AnyMessage, Caller
from geventim.load.ledger import Tally
from geventim.load.marks import Mark, Marker
from geventim.load.target import Target

PATIENCE: Final = 30.0
"""Seconds for everything from connecting to being known."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What is sent again until it is answered."""

    id: bytes
    payload: bytes


class Client:
    """Knows its ``tally`` and tells it what arrives, once it has ``subscribed``.

    It begins at the first of ``targets``, which are one server.
    """

    def __init__(self, targets: Sequence[Target], marker: Marker, tally: Tally) -> None:
        self._targets = cycle(targets)
        self._target = next(self._targets)
        self._marker = marker
        self._tally = tally
        # Hexadecimal digits do not look like one another, which the server would refuse.
        self._caller = Caller("load" + os.urandom(8).hex(), Keys.generate(os.urandom))
        self._unanswered: dict[int, Talk] = {}
        self._asked: dict[int, int] = {}
        self._subscribing = 0
        self.subscribed = False
        self._left = False

    @property
    def account(self) -> bytes:
        """The id of the account."""
        return self._caller.account

    def enter(self) -> None:
        """Connect, claim a random nick, and join the room; :meth:`listen` comes later.

        Raises :class:`NetworkError`, :class:`PeerError` and :class:`UserError`; codes of the last
        are ``untrusted_key``, ``wrong_access_key``, those of :func:`dial`, and the server's own.
        """
        self._connect(lambda caller: arrival.register(caller.profile))
        address = self._target.link.address
        with gevent.Timeout(PATIENCE, NetworkError(f"{address} does not let anybody in")):
            self._join()

    def move(self) -> None:
        """Connect again, at the next target, and go on where the last connection has ended.

        Raises what :meth:`enter` does.
        """
        self.subscribed = False
        self._asked.clear()
        self._target = next(self._targets)
        self._connect(lambda caller: arrival.log_in(caller.nick))
        if self._target.room.incarnation:
            self.subscribe()

    def _connect(self, introduce: Callable[[Caller], Steps[replies.LoggedIn]]) -> None:
        link, psk, caller = self._target.link, self._target.psk, self._caller
        with gevent.Timeout(PATIENCE, NetworkError(f"{link.address} does not answer")):
            caller.connect(link, psk=psk, check=self._target.check_key)
            try:
                caller.carry_out(introduce(caller))
            except TruncationError as error:
                caller.connection.abort()
                raise self._target.explain(error) from None
            except BaseException:
                caller.connection.abort()
                raise

    def found(self, _accounts: Sequence[bytes]) -> None:
        """Nothing is left to be done: each of the accounts has let itself in."""

    def subscribe(self) -> None:
        """Ask for what is said in the room from now on; never blocks."""
        room = self._target.room
        request = ask.Subscribe(
            id=0,
            conversation=room.id,
            incarnation=room.incarnation,
            after=room.head + self._tally.last,
        )
        self._subscribing = self._caller.send(request)

    def listen(self) -> None:
        """Take what arrives until the connection ends. Raises what :meth:`enter` does.

        After :meth:`leave` it does not matter how the connection ends: a server of which very many
        take leave may not answer all of them in time.
        """
        try:
            while (messages := self._caller.receive()) is not None:
                now = time.monotonic()
                for message, payload in messages:
                    self._take(message, payload, now)
        except (NetworkError, TruncationError):
            if not self._left:
                raise
        finally:
            self._caller.connection.abort()

    def send(self) -> None:
        """Send one message, now or when there is a connection again; never blocks."""
        number = self._tally.send()
        payload = self._marker.write(Mark(self._tally.client, number, time.monotonic()))
        self._unanswered[number] = Talk(os.urandom(values.ID_SIZE), payload)
        if self.subscribed:
            self._append(number)

    def _append(self, number: int) -> None:
        message = self._unanswered[number]
        append = ask.Append(
            id=0,
            conversation=self._target.room.id,
            message_id=message.id,
            head=self._target.room.head,
            payload=len(message.payload),
        )
        self._asked[self._caller.send(append, message.payload)] = number

    def leave(self) -> None:
        """Say goodbye, without waiting; :meth:`listen` will return."""
        self._left = True
        self._caller.send(ask.Quit(id=0))
        self._caller.connection.close()

    def _join(self) -> None:
        room, caller = self._target.room, self._caller
        if not room.id:
            info = caller.carry_out(arrival.create(room.name, os.urandom))
            room.id, room.incarnation = info.id, info.incarnation
        seq = caller.carry_out(arrival.join(room.id, caller.account, os.urandom))
        room.head = max(room.head, seq)  # others have joined meanwhile

    def _take(self, message: AnyMessage, payload: bytes, now: float) -> None:
        head = self._target.room.head
        match message:
            case replies.EntryEvent():
                self._tally.receive(message.seq - head, self._marker.read(payload), now)
            case replies.Appended() if message.id in self._asked:
                number = self._asked.pop(message.id)
                del self._unanswered[number]
                self._tally.acknowledge(message.seq - head, number)
            case replies.Error() if message.id in self._asked:
                del self._unanswered[self._asked.pop(message.id)]
                self._tally.refuse()
            case replies.Error(code="not_a_member") if message.id == self._subscribing:
                self.subscribe()  # not every node of a server has heard of it yet
            case replies.Subscribed():
                self.subscribed = True
                for number in self._unanswered:
                    self._append(number)
