"""A world of agents and one real service: no sockets, no threads, a clock that tests move.

``World(seed)`` is deterministic: ids and keys are drawn from the seed, and frames are delivered in
an order that it chooses. :meth:`World.enter` brings a person in, :meth:`World.run` delivers until
nothing moves, :meth:`World.advance` lets time pass. A :class:`Person` can lose the connection
(:meth:`Person.drop`), die between two steps (:attr:`Person.dies`), have a clock that is wrong
(:attr:`Person.ahead`), come back from what was kept (:meth:`Person.start`), and sit behind a server
that is not honest (:attr:`Person.tamper`).
"""

import hashlib
import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import count
from typing import Any

import msgspec
from msgspec import UNSET

from geventim.chat import codec
from geventim.chat.values import Access, Kind
from geventim.client import events
from geventim.client.agent import Agent
from geventim.client.answers import Answer, Done
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Event, Message, Notice, Reconnecting
from geventim.client.history.pages import PREFIX, closed_pages
from geventim.client.kept.memory import Memory
from geventim.client.kept.stages import INSIDE
from geventim.client.people.profile import Keys, Profile
from geventim.client.phases import Phase
from geventim.client.steps.attention import FORESEEN
from geventim.client.succession import Succession
from geventim.client.wishes import Wish
from geventim.crypto.signature import SigningKey
from geventim.errors import PeerError, StoreError, UserError
from geventim.lines.line_mode import LineMode, Turn
from geventim.log.changes import Change, Expire
from geventim.log.outcomes import Outcome
from geventim.service.dispatch import Policy, Service
from geventim.service.happenings import Happening
from geventim.service.sessions import Session
from geventim.store.memory.store import MemoryStore

SERVER_KEY = bytes(range(32))
SERVER_SIGNER = SigningKey(b"signature".ljust(32))
START = 1_700_000_000.0

SETTLING = 5.0
"""Seconds in which whatever was refused or delayed has been tried again."""

Frames = Iterable[tuple[Any, bytes]]
"""Messages with their payloads."""


class Timers:
    """A clock, and calls in the future."""

    def __init__(self) -> None:
        self.time = START
        self._order = count()
        self._calls: list[tuple[float, int, Call]] = []

    def now(self) -> float:
        return self.time

    def elapsed(self) -> float:
        return 0.0

    def soon(self, call: Callable[[], None]) -> None:
        self.later(0.0, call)

    def later(self, seconds: float, call: Callable[[], None]) -> "Call":
        made = Call(call)
        heapq.heappush(self._calls, (self.time + seconds, next(self._order), made))
        return made

    @property
    def next(self) -> float | None:
        while self._calls and self._calls[0][2].call is None:
            heapq.heappop(self._calls)
        return self._calls[0][0] if self._calls else None

    def ring(self) -> bool:
        """Make the calls that are due; whether there were any."""
        due = False
        while self.next is not None and self.next <= self.time:
            call = heapq.heappop(self._calls)[2].call
            if call is not None:
                call()
                due = True
        return due


class Call:
    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class Journal:
    """A memory store that answers at once."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.failing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def commit(self, changes: Sequence[Change]) -> list[Outcome]:
        if self.failing:
            raise StoreError("the disk is full")
        return self.store.commit(changes)

    def submit(
        self,
        change: Change,
        done: Callable[[Outcome | StoreError], None],
        within: float = 0.0,
    ) -> None:
        try:
            (outcome,) = self.commit([change])
        except StoreError as error:
            done(error)
        else:
            done(outcome)

    def settle(self) -> None:
        """Nothing waits."""


class Audience:
    def __init__(self) -> None:
        self._outlets: list[Line] = []

    def add(self, outlet: "Line") -> None:
        self.discard(outlet)
        self._outlets.append(outlet)

    def discard(self, outlet: "Line") -> None:
        if outlet in self._outlets:
            self._outlets.remove(outlet)

    def expel(self, outlet: "Line") -> None:
        self.discard(outlet)

    def renew(self) -> None:
        """Keys are not what is tested here."""

    def __len__(self) -> int:
        return len(self._outlets)

    def outlets(self) -> list["Line"]:
        return list(self._outlets)

    def deliver(self, frames: Sequence[bytes], but: Collection["Line"]) -> list["Line"]:
        for outlet in self.outlets():
            if outlet not in but:
                for frame in frames:
                    outlet.send(frame)
        return []


class Line:
    """One connection: ``up`` and ``down`` are the frames on their way, whole ones."""

    congested = False

    def __init__(self, world: "World", channel_key: bytes) -> None:
        self._world = world
        self.session = Session(self)
        self.session.channel_key = channel_key
        self.up: deque[bytes] = deque()
        self.down: deque[bytes] = deque()
        self.behind = False
        self.closed = False

    def send(self, frame: bytes) -> None:
        if not self.closed:
            self.down.append(frame)

    def admit(self) -> None:
        pass

    def note(self, happening: Happening, detail: str = "") -> None:
        """Nobody keeps a log here."""

    def watch(self) -> None:
        """Nobody is silent here."""

    def catch_up(self) -> None:
        self.behind = True

    def pause(self, seconds: float) -> bool:
        return not self.closed

    def close(self) -> None:
        self.closed = True

    def hang_up(self) -> None:
        """The connection breaks; the server notices."""
        self.closed = True
        self.up.clear()
        self.down.clear()
        for audience in self._world.audiences:
            audience.discard(self)
        self._world.service.end(self.session)


def load(kept: dict[str, bytes]) -> Memory:
    """What a program holds that begins with a vault: pages of the history stay in it."""
    archived = closed_pages(name for name in kept if name.startswith(PREFIX))
    held = {name: value for name, value in kept.items() if name not in archived}
    return Memory(held, archived, kept.get)


class DeathError(Exception):
    """A process ends without warning."""


def without_facts(told: Event | Answer) -> Event | Answer:
    """The same as people see it, who get the sentence instead."""
    if isinstance(told, Notice | events.Error):
        return msgspec.structs.replace(told, facts={}, case="")
    return told


class Person:
    """Somebody with an agent and a vault; ``events`` is everything that was shown.

    ``kept`` is the vault, ``asked`` has every request that left. ``tamper`` gets each message that
    the server sends, with its payload, and gives those that arrive instead; ``forge`` does the same
    to what leaves. ``dies`` is where the
    process ends next: before it has ``"shown"``, ``"kept"`` or ``"sent"`` what has come of an
    input; it is then ``"none"`` again. A fault of the program is one of the test, unless somebody
    ``survives`` it as the program does; ``failures`` has those.
    """

    def __init__(self, world: "World", nick: str, room: str) -> None:
        self.world = world
        self.nick = nick
        self._random = world.draw(nick)
        keys = Keys.generate(self._random)
        self.profile = Profile(nick, room, "127.0.0.1:5555", SERVER_KEY, keys)
        self.kept: dict[str, bytes] = {}
        self.events: list[Event] = []
        self.asked: list[tuple[Any, bytes]] = []
        self._told = 0
        self.tamper: Callable[[Any, bytes], Frames] | None = None
        self.forge: Callable[[Any, bytes], Frames] | None = None
        self.dies = "none"
        self.deaths = 0
        self.line: Line | None = None
        self.ahead = 0.0
        self.survives = False
        self.failures: list[Exception] = []
        self._begin()

    def _begin(self) -> None:
        """Begin as from the disk."""
        self.lines = LineMode(self.nick, self.profile.room)
        self._succession = Succession(
            self.profile,
            load(self.kept),
            clock=lambda: self.world.timers.time + self.ahead,
            random=self._random,
        )

    @property
    def agent(self) -> Agent:
        return self._succession.agent

    @property
    def is_connected(self) -> bool:
        return self.line is not None

    @property
    def is_dead(self) -> bool:
        return self.agent.phase is Phase.ENDED

    def connect(self) -> None:
        """Open a connection."""
        assert self.line is None
        self.line = Line(self.world, self.profile.keys.channel.public)
        self._do(self.agent.connected)

    def drop(self) -> None:
        """Lose the connection."""
        line, self.line = self.line, None
        if line is not None:
            line.hang_up()
            self._do(self.agent.disconnected)
            told = self.lines.take(Reconnecting(0.0)).told
            self.events += [event for event in told if not isinstance(event, Reconnecting)]

    def start(self, kept: dict[str, bytes] | None = None) -> None:
        """Start the program anew, from what was kept, or from a copy of it, and connect."""
        if self.line is not None:
            self.line.hang_up()
            self.line = None
        if kept is not None:
            self.kept = dict(kept)
        self._begin()
        self.connect()

    def resume(self) -> None:
        """Have lines go where they went last time."""
        self._turn(self.lines.resume())

    def say(self, *lines: str) -> None:
        """Type lines, all at once."""
        for text in lines:
            self._turn(self.lines.type(text))

    def reject(self, error: UserError) -> None:
        """Type a line that cannot be read."""
        self._turn(self.lines.reject(error))

    def leave(self) -> None:
        """Have no more lines."""
        self._turn(self.lines.leave())

    def _turn(self, turn: Turn) -> None:
        """Do what comes of something that was typed."""
        self.events += map(without_facts, turn.told)
        self._follow(turn)

    def _follow(self, turn: Turn) -> None:
        for wish in turn.wishes:
            self._do(lambda wish=wish: self.agent.grant(wish))
        if turn.leaves:
            self._do(self.agent.leave)

    @property
    def undelivered(self) -> int:
        """Lines that have not taken effect."""
        return self.agent.undelivered + self.lines.held

    @property
    def refused(self) -> int:
        """Lines that came to nothing."""
        return self.agent.refused + self.lines.refused

    def wish(self, *wishes: Wish) -> None:
        """Wish for something, as a program would."""
        for wish in wishes:
            self._do(lambda wish=wish: self.agent.grant(wish))

    def answers(self) -> dict[int | str | None, Any]:
        """What came of every wish so far, by its id: a result, or a refusal."""
        told = [event for event in self.events if isinstance(event, Answer)]
        assert len({answer.answer for answer in told}) == len(told), "answered twice"
        return {each.answer: each.done if isinstance(each, Done) else each.refused for each in told}

    def receive(self, frame: bytes) -> None:
        """Take a frame that has arrived, as the server meant it or not."""
        if self.tamper is None:
            self._do(lambda: self.agent.receive(frame))
            return
        for message, payload in list(codec.replies.decode(frame)):
            for changed, other in list(self.tamper(message, payload)):
                whole = encode(changed, other)
                self._do(lambda whole=whole: self.agent.receive(whole))

    def work(self) -> bool:
        """Do the work that waits; whether there was any."""
        done = False
        for work in self.agent.take_work():
            done = True
            try:
                result = work.wish.call()
            except (UserError, PeerError) as error:
                self._do(lambda work=work, error=error: self.agent.failed(work, error))
            else:
                self._do(lambda work=work, result=result: self.agent.finished(work, result))
        return done

    def tick(self) -> None:
        """Let the agent see the time."""
        self._do(self.agent.tick)

    @property
    def wake_at(self) -> float | None:
        """When the agent is to be woken, by the clock of the world."""
        time = self.agent.wake_at
        if time is None or self.agent.now == self.world.timers.time:
            return time
        # What is rounded must not be a moment too early.
        return time - self.agent.now + self.world.timers.time + 1e-6

    def stir(self) -> None:
        """Let the agent look at once at what a test has changed behind its back."""
        self.agent._conversations.stir_all()
        self.tick()

    def seen(self, kind: type[Event]) -> list[Any]:
        """The events of that kind, in order, but for what tells of the person's own messages."""
        return [
            event
            for event in self.events
            if isinstance(event, kind) and getattr(event, "delivery", UNSET) is UNSET
        ]

    def news(self) -> list[Event]:
        """The events since the last call, but for those of lists and of the person's messages."""
        fresh, self._told = self.events[self._told :], len(self.events)
        return [
            event
            for event in fresh
            if getattr(event, "delivery", UNSET) is UNSET
            and not isinstance(event, events.ConversationChanged)
        ]

    def requests(self, kind: type) -> list[Any]:
        """The requests of that kind that have left, in order."""
        return [request for request, _ in self.asked if isinstance(request, kind)]

    def tell(self, message: Any, payload: bytes = b"") -> None:
        """Let the server say something of its own."""
        self.receive(codec.encode(message, payload))

    def texts(self, conversation: str | None = None) -> list[str]:
        """The messages of others that were shown, of one conversation or of all."""
        return [
            message.message
            for message in self.seen(Message)
            if conversation in {None, message.conversation}
        ]

    def deliveries(self) -> list[tuple[str, str]]:
        """What was said of the person's own messages: text and delivery, in order."""
        return [(message.message, message.delivery) for message in self.own_messages()]

    def own_messages(self) -> list[Message]:
        """The events that tell of what the person wrote."""
        own = [event for event in self.events if isinstance(event, Message)]
        return [message for message in own if message.delivery is not UNSET]

    def notices(self) -> list[str]:
        return [notice.text for notice in self.seen(Notice)]

    def errors(self) -> list[str]:
        """The codes of everything that went wrong."""
        return [error.code for error in self.seen(events.Error)]

    def conversation(self, kind: Kind, name: str) -> Conversation:
        """A conversation that the agent knows, whether it is in it or not."""
        known = self.agent.context.conversations
        found = [each for each in known if (each.record.kind, each.name) == (kind, name)]
        assert found, f"{self.nick} knows no {kind} {name}"
        return found[-1]

    def place(self, name: str) -> str:
        """The id of what is called so, as events say it."""
        found = [each.hex for each in self.agent.context.conversations if each.name == name]
        assert found, f"{self.nick} knows nothing called {name}"
        return found[-1]

    def room(self, name: str = "lobby") -> Conversation:
        return self.conversation(Kind.ROOM, name)

    def _do(self, call: Callable[[], None]) -> None:
        """Give something to the agent, and do what has come of it, unless the process dies."""
        if self.is_dead:
            return
        try:
            call()
            self._settle()
        except PeerError as error:
            self.world.faults.append((self.nick, error))
            self.drop()
        except FORESEEN:
            raise
        except DeathError:
            self.deaths += 1
            self.dies = "none"
            if self.line is not None:
                self.line.hang_up()
                self.line = None
            self._begin()
        except Exception as error:
            if not self.survives:
                raise
            self._go_on(error)

    def _go_on(self, error: Exception) -> None:
        """The program has failed: go on as it does, if that is what is tested."""
        self.failures.append(error)
        assert len(self.failures) < 50, "it fails for ever"
        self._succession.succeed(error)
        if self.line is not None:
            self.line.hang_up()
            self.line = None
        self._do(lambda: None)
        self.connect()

    def _settle(self) -> None:
        agent = self.agent
        shown, changes, frames = agent.take_events(), agent.take_changes(), agent.take_frames()
        self._die_before("shown", shown)
        turns = [self.lines.take(event) for event in shown]
        for turn in turns:
            self.events += map(without_facts, turn.told)
        self._die_before("kept", changes)
        for name, value in changes.items():
            if value is None:
                self.kept.pop(name, None)
            else:
                self.kept[name] = value
        self._die_before("sent", frames)
        if self.line is not None:
            asked = list(codec.requests.decode(b"".join(frames)))
            self.asked += asked
            if self.forge is not None:
                forged = [each for one in asked for each in list(self.forge(*one))]
                frames = [encode(request, payload) for request, payload in forged]
            self.line.up.extend(frames)
        for turn in turns:
            self._follow(turn)

    def _die_before(self, step: str, what: object) -> None:
        if what and self.dies == step:
            raise DeathError


def encode(message: Any, payload: bytes) -> bytes:
    """The frame of ``message``, which says how long ``payload`` is."""
    fields = {"payload": len(payload)} if hasattr(message, "payload") else {}
    return codec.encode(msgspec.structs.replace(message, **fields), payload)


class World:
    """One server and its people. ``faults`` is whatever the server sent that it must not send."""

    def __init__(self, seed: int = 0, *, room_limit: int = 1000) -> None:
        self._seed = seed
        self._dice = random.Random(seed)
        self._services = count()
        self.timers = Timers()
        self.store = MemoryStore()
        self.journal = Journal(self.store)
        self.audiences: list[Audience] = []
        self.people: dict[str, Person] = {}
        self.faults: list[tuple[str, PeerError]] = []
        self._policy = Policy(SERVER_KEY, Access.OPEN, room_limit)
        self._server_random = self.draw("server")
        self.service = self._make_service()

    def draw(self, name: str) -> Callable[[int], bytes]:
        """Bytes that are the same in every run with this seed."""
        numbers = count()

        def bytes_of(size: int) -> bytes:
            label = f"{self._seed} {name} {next(numbers)}"
            return hashlib.shake_256(label.encode()).digest(size)

        return bytes_of

    def _make_service(self) -> Service:
        return Service(
            self.journal,
            self.timers,
            self._audience,
            self._server_random,
            SERVER_SIGNER,
            self._policy,
        )

    def _audience(self) -> Audience:
        self.audiences.append(Audience())
        return self.audiences[-1]

    def person(self, nick: str, room: str = "lobby") -> Person:
        """Somebody who is not connected yet."""
        return self.people.setdefault(nick, Person(self, nick, room))

    def enter(self, *nicks: str, room: str = "lobby") -> list[Person]:
        """Bring people in, one after the other."""
        found = [self.person(nick, room) for nick in nicks]
        for person in found:
            person.connect()
            self.run()
        self.advance(1.0)
        return found

    def expire(self) -> None:
        """Let all messages that were said expire."""
        self.store.commit([Expire(before=self.timers.time + 1)])
        self.service._feeds.forget()

    def restart_server(self) -> None:
        """End the server, and start it again on the same store; nobody is connected then."""
        for person in self.people.values():
            person.drop()
        self.audiences.clear()
        self.service = self._make_service()

    def step(self) -> bool:
        """Deliver one frame, or do one other thing that is due; False when nothing is."""
        moves: list[Callable[[], object]] = []
        for person in self.people.values():
            line = person.line
            if line is not None and line.up:
                moves.append(lambda line=line: self._carry_up(line))
            if line is not None and line.down:
                moves.append(lambda person=person, line=line: person.receive(line.down.popleft()))
            if line is not None and line.behind:
                moves.append(lambda line=line: self._catch_up(line))
            if line is not None and line.closed and not line.down:
                moves.append(person.drop)
        if moves:
            self._dice.choice(moves)()
            return True
        for person in self.people.values():
            if person.work():
                return True
        return self.timers.ring()

    def run(self, most: int = 100_000) -> None:
        """Deliver until nothing moves."""
        for _ in range(most):
            if not self.step():
                return
        raise AssertionError("it never comes to rest")

    def advance(self, seconds: float = SETTLING) -> None:
        """Let ``seconds`` pass, and happen what is due."""
        end = self.timers.time + seconds
        self.run()
        while (time := self._next_time()) is not None and time <= end:
            self.timers.time = max(self.timers.time, time)
            for person in self.people.values():
                person.tick()
            self.run()
        self.timers.time = end
        self.run()

    def crawl(self, seconds: float, steps: int) -> None:
        """Let ``seconds`` pass in which no more than so many steps are made in each hundredth."""
        end = self.timers.time + seconds
        while self.timers.time < end:
            self.timers.time += 0.01
            for _ in range(steps):
                if not self.step():
                    break
            for person in self.people.values():
                is_busy = person.line is not None and person.line.down
                if not is_busy and (person.wake_at or math.inf) <= self.timers.time:
                    person.tick()
            self.timers.ring()

    def check_agreement(self, name: str = "lobby", kind: Kind = Kind.ROOM) -> None:
        """All who are in a conversation, as the server counts, agree on its group."""
        logs = self.store._logs.values()
        found = [each.conversation for each in logs if not each.deleted]
        (known,) = [each for each in found if (each.kind, each.name) == (kind, name)]
        self.check_group(known.id)

    def check_group(self, conversation: bytes) -> None:
        """All members of a conversation that are connected agree on its group."""
        authenticators = {}
        members = set(self.store.members(conversation))
        for person in self.people.values():
            if person.agent.context.user.account not in members or not person.is_connected:
                continue
            held = person.agent.context.conversations.get(conversation)
            assert held is not None, person.nick
            assert held.stage in INSIDE, (person.nick, held.stage)
            group = held.group
            authenticators[person.nick] = (group.epoch, group.epoch_authenticator)
        assert len(set(authenticators.values())) <= 1, authenticators

    def _carry_up(self, line: Line) -> None:
        frame = line.up.popleft()
        if not line.closed:
            self.service.receive(line.session, frame)

    def _catch_up(self, line: Line) -> None:
        line.behind = not line.closed and self.service.catch_up(line.session)

    def _next_time(self) -> float | None:
        times = [self.timers.next, *(each.wake_at for each in self.people.values())]
        return min((time for time in times if time is not None), default=None)
