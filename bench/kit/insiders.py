"""What members of a room do to it whose clients are not ours: they know MLS, and do what they like.

Each is one of :mod:`tests.insider`, on a connection of its own.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from typing import Final

import gevent

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.codec import encode
from geventim.chat.replies import Error, Turn
from geventim.chat.values import Purpose
from geventim.client.sealing.engine import Engine
from geventim.errors import GeventIMError
from tests.insider import Insider, Move
from tests.raw_client import RawClient

ARRIVAL: Final = 60.0
"""Seconds in which everybody has come into the room."""

BREATH: Final = 0.05
"""Seconds between two looks at whether there is something to do."""

NEARLY: Final = limits.SHARED_TURN - 0.2
"""Seconds for which a turn is held that is used after all."""

ASKING: Final = 50
"""Asks a second of one insider."""

HURRY: Final = 20
"""Messages a second that nobody can read, of one insider."""

FAULTS: Final = (GeventIMError, OSError, EOFError, gevent.Timeout)


class Spy:
    """An insider and its connection; ``turns`` are the heads of those that it was given."""

    def __init__(self, address: str, room: str) -> None:
        nick = f"m{os.urandom(6).hex()}"
        self.client = RawClient(address)
        self.client.register(nick)
        engine = Engine.of(self.client.caller.profile, os.urandom)
        self.insider = Insider(engine, self._send, time.time, random.Random(nick))
        self.seen = 0
        self.turns: list[int] = []
        self.insider.come(self.client.ask(ask.OpenRoom, name=room).conversation)
        self._listening = gevent.spawn(self._listen)

    @property
    def is_refused(self) -> bool:
        """Whether the server has refused something since this was last asked."""
        seen, self.seen = self.seen, len(self.insider.refusals)
        return self.seen > seen

    def leave(self) -> None:
        """Hang up."""
        self._listening.kill()
        self.client.close()

    def _send(self, request: ask.Request, payload: bytes) -> None:
        self.client.connection.send(encode(request, payload))

    def _listen(self) -> None:
        while True:
            while self.client.inbox:
                message, payload = self.client.inbox.pop(0)
                self.insider.take(message, payload)
                if isinstance(message, Turn):
                    self.turns.append(message.head)
                if isinstance(message, Error):
                    self.insider.moves.clear()
            try:
                self.client.receive()
            except FAULTS:
                return


Act = Callable[[Spy, float], None]
"""Goes on until a time, in seconds of the monotonic clock."""


def committing(*moves: Move) -> Act:
    """One of ``moves`` at each turn that there is, with false states and false help."""

    def act(spy: Spy, until: float) -> None:
        insider = spy.insider
        while time.monotonic() < until:
            if not insider.moves:
                insider.commit(random.choice(moves))
            gevent.sleep(BREATH)

    return act


def idle_turns(spy: Spy, until: float) -> None:
    """Turns that are taken and not used, of the kind that goes before others."""
    insider = spy.insider
    while time.monotonic() < until:
        insider.ask(ask.TakeTurn, conversation=insider.id, purpose=Purpose.REENTER, state=False)
        held = time.monotonic() + 5.5
        while time.monotonic() < min(until, held) and not spy.is_refused:
            gevent.sleep(BREATH)


def late_turns(spy: Spy, until: float) -> None:
    """The same turns, used for noise when their time is nearly over."""
    insider = spy.insider
    while time.monotonic() < until:
        spy.turns.clear()
        insider.ask(ask.TakeTurn, conversation=insider.id, purpose=Purpose.REENTER, state=False)
        while not spy.turns and time.monotonic() < until:
            gevent.sleep(BREATH)
        gevent.sleep(min(NEARLY, max(0.0, until - time.monotonic())))
        for head in spy.turns:
            insider.ask(
                ask.Commit,
                b"noise and a state of noise",
                conversation=insider.id,
                message_id=os.urandom(16),
                head=head,
                message=5,
            )


def asks(spy: Spy, until: float) -> None:
    """Asking for help without need."""
    while time.monotonic() < until:
        spy.insider.ask_for_help()
        gevent.sleep(1 / ASKING)


def unreadable(spy: Spy, until: float) -> None:
    """Messages that nobody can open."""
    spy.insider.group = None
    while time.monotonic() < until:
        spy.insider.say("")
        gevent.sleep(1 / HURRY)


ATTACKS: Final[dict[str, Act]] = {
    "last-word": committing(Move.LAST_WORD),
    "garbage": committing(Move.GARBAGE),
    "noise-for-all": committing(Move.NOISE),
    "noise-for-some": committing(Move.SPLIT),
    "strangers": committing(Move.NOISE),
    "wrong-tags": committing(Move.TAG),
    "all-of-it": committing(*Move),
    "idle-turns": idle_turns,
    "late-turns": late_turns,
    "asks": asks,
    "unreadable": unreadable,
}


STRANGERS: Final = frozenset({"strangers"})
"""Attacks by members who have written nothing before."""


def carry_out(name: str, address: str, room: str, count: int, seconds: float) -> Iterator[None]:
    """Attack with ``count`` members when it is asked for the second time; first they join."""
    spies = []
    with gevent.Timeout(ARRIVAL):
        for _ in range(count):
            spies.append(spy := Spy(address, room))
            while not spy.insider.is_heard:
                gevent.sleep(BREATH)
            if name not in STRANGERS:
                spy.insider.say("hello")
    yield
    until = time.monotonic() + seconds
    tasks = [gevent.spawn(ATTACKS[name], spy, until) for spy in spies]
    gevent.joinall(tasks, timeout=seconds)
    gevent.killall(tasks)
    for spy in spies:
        spy.leave()
    yield
