"""One full member in one greenlet: what people's clients do, with marks in what it writes.

Everything is sealed and opened as always; only the vault is missing, so that the disk of the load
generator does not count. The account is thrown away after the run.
"""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import cycle
from typing import Final

import gevent

from geventim.app.desk import Desk
from geventim.app.visit import Visit
from geventim.channel.connection import TruncationError
from geventim.chat.values import Kind
from geventim.client import events
from geventim.client.agent import Agent
from geventim.client.answers import Answer, Refused, Snapshot
from geventim.client.kept.memory import Memory
from geventim.client.measures import USUAL, Measures
from geventim.client.people.profile import Keys, Profile
from geventim.client.phases import Phase
from geventim.client.sealing.content import LARGEST
from geventim.client.steps import pulse
from geventim.client.steps.pulse import Rhythm
from geventim.client.told import Told
from geventim.client.wishes import Say
from geventim.crypto.dh import PrivateKey
from geventim.errors import GeventIMError, MisuseError, NetworkError, PeerError, UserError
from geventim.lines.sentences import describe
from geventim.load.ledger import Tally
from geventim.load.marks import SIZE, Mark, Marker
from geventim.load.target import Target
from geventim.net.connection import Connection
from geventim.net.dial import dial

MOST: Final = 50
"""Members of a run: each of them opens what every other one has sealed."""

LEAST_TEXT: Final = 2 * SIZE
MOST_TEXT: Final = LARGEST - 256
"""Characters in the shortest text that holds a mark, and in one that any entry can hold."""

PATIENCE: Final = 120.0
"""Seconds for everything from connecting to being a member, while all the others come as well."""

HARMLESS: Final = frozenset({"members", "status"})
"""The codes of notices that tell nothing bad."""


class Forgetful:
    """A keeper that keeps nothing."""

    def keep(self, _changes: dict[str, bytes | None]) -> None:
        """Forget what has changed."""

    def close(self) -> None:
        """There is nothing to close."""


class Member:
    """Knows its ``tally`` and tells it what it reads; it writes texts of ``size`` characters.

    It begins at the first of ``targets``, which are one server. To its desk it is the audience.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        run: bytes,
        size: int,
        tally: Tally,
        measures: Measures = USUAL,
        rhythm: Rhythm = pulse.USUAL,
    ) -> None:
        self._targets = cycle(targets)
        self._target = next(self._targets)
        self._run = run
        self._size = size
        self._tally = tally
        self._measures = measures
        self._rhythm = rhythm
        self._marker = Marker(run, SIZE)
        self._keys = Keys.generate(os.urandom)
        self._known: Desk | None = None
        self._complaint: GeventIMError | None = None
        self._connection: Connection
        self._visit: Visit

    @property
    def account(self) -> bytes:
        """The id of the account."""
        return self._keys.account

    @property
    def subscribed(self) -> bool:
        """Whether it follows the room."""
        return self.agent.phase is Phase.READY

    def enter(self) -> None:
        """Connect, claim a nick, and be in the room.

        Raises :class:`NetworkError`, :class:`PeerError` and :class:`UserError`; codes of the last
        are those of :class:`.client.Client`.
        """
        link = self._target.link
        with gevent.Timeout(PATIENCE, NetworkError(f"{link.address} does not answer")):
            self._connection = dial(link, self._choose_key, psk=self._target.psk)
            self._visit = Visit(self._desk, self._connection, self._rhythm)
            try:
                self._visit.begin()
                while not self.subscribed:
                    self._receive_or_fail()
            except BaseException as error:
                self._hang_up()
                if isinstance(error, TruncationError):
                    raise self._target.explain(error) from None
                raise

    def move(self) -> None:
        """Connect again, at the next target, and go on where the last connection has ended.

        Raises what :meth:`enter` does.
        """
        self._target = next(self._targets)
        self.enter()

    def found(self, accounts: Sequence[bytes]) -> None:
        """Wait until ``accounts`` are in the room, each of which has let itself in.

        Raises what :meth:`enter` does.
        """
        with gevent.Timeout(PATIENCE, NetworkError("not everyone has come into the room")):
            while self._members() < len(accounts):
                self._receive_or_fail()

    def subscribe(self) -> None:
        """Nothing is left to be done: a member follows the room by itself."""

    def listen(self) -> None:
        """Take what arrives until the connection ends. Raises what :meth:`enter` does."""
        try:
            while self.agent.phase is not Phase.ENDED and self._receive():
                pass
        finally:
            self._hang_up()

    def send(self) -> None:
        """Write one message, now or when there is a connection again; never blocks."""
        number = self._tally.send()
        mark = Mark(self._tally.client, number, time.monotonic())
        text = self._marker.write(mark).hex().ljust(self._size, ".")
        wish = Say(id=number, to=f"#{self._target.room.name}", text=text)
        self._desk.give(lambda agent: agent.grant(wish))

    def leave(self) -> None:
        """Say goodbye, without waiting; :meth:`listen` will return."""
        self._desk.give(Agent.leave)

    @property
    def agent(self) -> Agent:
        """The client; only to be asked for once the server is known."""
        return self._desk.agent

    @property
    def _desk(self) -> Desk:
        if self._known is None:
            raise MisuseError("there is no agent before the server is known")
        return self._known

    def _choose_key(self, server_key: bytes) -> PrivateKey:
        self._target.check_key(server_key)
        if self._known is None:
            link, room = self._target.link, self._target.room
            nick = nick_of(self._run, self._tally.client)
            profile = Profile(nick, room.name, link.address, server_key, self._keys, link.code)
            self._known = Desk(
                profile,
                Memory({}),
                Forgetful(),
                self,
                self._settled,
                self._complain,
                measures=self._measures,
            )
        return self._keys.channel

    def _hang_up(self) -> None:
        """The connection is over, and the agent knows."""
        self._connection.abort()
        self._visit.end()

    def _members(self) -> int:
        context = self.agent.context
        room = context.conversations.named(Kind.ROOM, self._target.room.name)
        return 0 if room is None else len(list(room.seat_of().tree.members()))

    def _receive_or_fail(self) -> None:
        if not self._receive():
            raise NetworkError(f"{self._target.link.address} ended the connection")

    def _receive(self) -> bool:
        try:
            goes_on = self._visit.take(self._visit.receive())
        except (NetworkError, PeerError):
            if self._complaint is None:
                raise
            goes_on = False
        if self._complaint is not None:
            raise self._complaint
        return goes_on

    def _settled(self, agent: Agent) -> None:
        if agent.ended is not None and agent.ended.reason is not None:
            self._complain(agent.ended.reason)

    def _complain(self, error: GeventIMError) -> None:
        """Have whoever listens raise ``error``."""
        if self._complaint is None:
            self._complaint = error
            self._connection.abort()

    def publish(self, told: Iterable[Told], survey: Callable[[str], Snapshot]) -> None:  # noqa: ARG002 - as others do
        """Take what the client has to tell."""
        self.add(told)

    def add(self, told: Iterable[Told]) -> None:
        """The same."""
        for each in told:
            self._take(each.item)

    def await_shown(self) -> None:
        """Everything has been taken."""

    def _take(self, event: events.Event | Answer) -> None:
        match event:
            case events.Message(delivery=events.Delivery()):
                pass
            case events.Message():
                mark = self._read(event.message)
                if mark is not None and event.nick != nick_of(self._run, mark.sender):
                    mark = None
                self._tally.receive(event.seq, mark, time.monotonic())
            case events.Sent():
                mark = self._read(event.message)
                if mark is not None:
                    self._tally.acknowledge(event.seq, mark.number)
            case _:
                try:
                    self.heed(event)
                except UserError as error:
                    self._complain(error)

    def heed(self, event: events.Event | Answer) -> None:
        """Take what the client says besides. Raises :class:`UserError` for what is wrong."""
        match event:
            case events.Error() | events.KeyChanged():
                raise UserError(getattr(event, "code", "key_changed"), f"A member says: {event}")
            case Refused():
                raise UserError(event.refused.code, describe(event).refused.text)
            case events.Notice() if event.code not in HARMLESS:
                raise UserError(event.code, describe(event).text)

    def _read(self, text: str) -> Mark | None:
        """The mark in ``text``; None if this run did not write it."""
        if len(text) != self._size or text[2 * SIZE :].strip("."):
            return None
        try:
            return self._marker.read(bytes.fromhex(text[: 2 * SIZE]))
        except ValueError:
            return None


def nick_of(run: bytes, client: int) -> str:
    """What member number ``client`` is called."""
    # Hexadecimal digits do not look like one another, which the server would refuse.
    return f"load{run.hex()}{client:02x}"
