"""Somebody in a world of agents: see :mod:`tests.client.world`."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from geventim.chat import codec
from geventim.chat.values import Kind
from geventim.client import events
from geventim.client.agent import Agent
from geventim.client.answers import Answer, Done
from geventim.client.conversation.conversation import Conversation
from geventim.client.events import Event, Message, Notice, Reconnecting
from geventim.client.history.pages import PREFIX, closed_pages
from geventim.client.kept.memory import Memory
from geventim.client.people.profile import Keys, Profile
from geventim.client.phases import Phase
from geventim.client.steps.attention import FORESEEN
from geventim.client.succession import Succession
from geventim.client.wishes import Wish
from geventim.errors import PeerError, UserError
from geventim.lines.line_mode import LineMode, Turn
from tests.client.surroundings import Line

if TYPE_CHECKING:
    from tests.client.world import World


SERVER_KEY = bytes(range(32))


Frames = Iterable[tuple[Any, bytes]]
"""Messages with their payloads."""


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
            measures=self.world.measures,
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


def waiting(person):
    """The requests that have left and wait to be carried to the server."""
    frames = b"".join(person.line.up)
    return [type(request) for request, _ in codec.requests.decode(frames)]
