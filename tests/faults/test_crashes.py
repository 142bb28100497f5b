"""A process that ends without warning, at any point: nothing is lost, repeated or unreadable.

Each schedule is played once to see where it could be cut: before a client shows, keeps or sends
what has come of an input, and before and after the server puts something on disk, which is between
append and reply. Then it is played again and again, and each time one process dies at one of those
points, is started anew from what was on disk, and everybody goes on.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from geventim.client import events
from geventim.client.conversation.conversation import Conversation
from geventim.log.changes import Change
from geventim.log.outcomes import Outcome
from geventim.service.dispatch import Service
from tests.client.person import DeathError, Person
from tests.client.surroundings import Journal, Timers
from tests.client.world import World
from tests.client.written import last

NICKS = ("alice", "bob", "carol")
SCHEDULES = 4
POINTS = 200
"""How many deaths there are in all of them together, if $EIM_ROUNDS is 1."""

KEY = "a key of six words or more"
"""What opens the room "den"."""

DAY = 25 * 3600.0
"""Seconds after which keys are renewed before the next message."""


class ServerDeathError(Exception):
    """The server ends without warning."""


class Mortal(Person):
    """Dies where its world says.

    ``typed`` are its lines; those ``forgotten`` were not kept anywhere when it died. What was shown
    and not kept then, the entries ``repeated``, is shown again.
    """

    world: "MortalWorld"

    def __init__(self, world: "MortalWorld", nick: str, room: str) -> None:
        super().__init__(world, nick, room)
        self.has_come = False
        self.typed: list[str] = []
        self.forgotten: set[str] = set()
        self.repeated: set[int] = set()
        self._shown: Sequence[Any] = ()

    def connect(self) -> None:
        self.has_come = True
        super().connect()

    def write(self, to: str, text: str) -> None:
        """Type a line that is to be delivered."""
        self.typed.append(text)
        self.say(to + text)

    def _die_before(self, step: str, what: Any) -> None:
        if step == "shown":
            self._shown = what
        if not what or not self.world.is_fatal(self.nick, step):
            return
        kept = b"\n".join(self.kept.values())
        self.forgotten = {text for text in self.typed if text.encode() not in kept}
        if step == "kept":
            told = (events.Message, events.Sent)
            self.repeated = {event.seq for event in self._shown if isinstance(event, told)}
        raise DeathError


class MortalJournal(Journal):
    """The disk of a server that may die before it has written something, or right after."""

    def __init__(self, world: "MortalWorld") -> None:
        super().__init__(world.store)
        self._world = world

    def commit(self, changes: Sequence[Change]) -> list[Outcome]:
        self._die_before("append")
        outcomes = super().commit(changes)
        self._die_before("reply")
        return outcomes

    def _die_before(self, step: str) -> None:
        if self._world.is_fatal("server", step):
            raise ServerDeathError


class MortalWorld(World):
    """Somebody dies at the point ``fatal``, if any; ``passed`` are all points until now.

    Whoever has lost the connection comes back sooner or later.
    """

    def __init__(self, seed: int, fatal: int | None = None) -> None:
        self.fatal = fatal
        self.passed: list[tuple[str, str]] = []
        self._chance = random.Random(seed)
        super().__init__(seed)

    def person(self, nick: str, room: str = "lobby") -> Mortal:
        found = self.people.get(nick)
        if found is None:
            found = self.people[nick] = Mortal(self, nick, room)
        assert isinstance(found, Mortal)
        return found

    def is_fatal(self, who: str, step: str) -> bool:
        self.passed.append((who, step))
        return len(self.passed) == self.fatal

    def step(self) -> bool:
        try:
            moved = super().step()
        except ServerDeathError:
            # Nothing of the old process happens any more.
            time, self.timers = self.timers.time, Timers()
            self.timers.time = time
            self.restart_server()
            return True
        away = [
            each
            for each in self.people.values()
            if isinstance(each, Mortal) and each.has_come and not each.is_connected
        ]
        if away and (not moved or self._chance.random() < 0.1):
            self._chance.choice(away).connect()
            return True
        return moved

    def _make_service(self) -> Service:
        self.journal = MortalJournal(self)
        return super()._make_service()


DEN = (f"@create room den {KEY}", f"@join den {KEY}", "@join lobby")
"""What makes a room, whether it is half made or not."""


class Play:
    """A schedule, the same one for the same seed until somebody dies."""

    def __init__(self, seed: int, fatal: int | None = None) -> None:
        self.world = MortalWorld(seed, fatal)
        self._dice = random.Random(seed)
        self._lines = 0
        self.people = [self.world.person(nick) for nick in NICKS]

    def play(self) -> None:
        world = self.world
        alice, bob, carol = self.people
        world.enter(*NICKS)
        self._talk(8, "", *self.people)
        bob.say(*DEN)
        self._talk(2, "@bob ", alice, carol)
        self._gather()
        if "den" not in names_of(bob):
            # Who dies before anything was kept has to say it again.
            bob.say(*DEN)
            world.advance()
        carol.say(f"@join den {KEY}", "@join lobby")
        self._talk(6, "@group send team ", *self.people)
        self._talk(4, "@alice ", bob, carol)
        world.advance(DAY)
        self._talk(6, "", *self.people)
        bob.say("@newkey den")
        world.advance()
        carol.say("@leave den")
        bob.say("@join den", "to the den", "@join lobby")
        self._talk(3, "@group send team ", *self.people)
        world.advance()
        self._talk(3, "", *self.people)
        world.advance()
        for person in self.people:
            person.write("", f"{person.nick} ends")
        world.advance()
        for person in self.people:
            person.say("@verify room lobby")
        world.advance()

    def _gather(self) -> None:
        """Make a group of all; it may be half made when somebody dies."""
        alice = self.people[0]
        for attempt in range(3):
            if attempt:
                alice.say("@group delete team")
            alice.say("@group set team bob,carol")
            self.world.advance()
            if all("team" in names_of(person) for person in self.people):
                return

    def _talk(self, count: int, to: str, *authors: Mortal) -> None:
        for _ in range(count):
            self._lines += 1
            author = self._dice.choice(authors)
            author.write(to, f"{author.nick} says {self._lines:03}.")
            for _ in range(self._dice.randrange(12)):
                self.world.step()


def conversations_of(person: Person) -> list[Conversation]:
    """Those that somebody is in, but for what was begun and never used."""
    return [
        each
        for each in person.agent.context.conversations
        if each.record.member and (each.wanted or each.seat is not None)
    ]


def names_of(person: Person) -> list[str]:
    return [conversation.name for conversation in conversations_of(person)]


def check(play: Play) -> None:
    world, people = play.world, play.people
    assert world.faults == []
    assert {person.nick: person.errors() for person in people} == {nick: [] for nick in NICKS}
    for conversation in {each.id for person in people for each in conversations_of(person)}:
        world.check_group(conversation)
    assert not any(each.key.is_lacking for person in people for each in conversations_of(person))
    codes = {code.code for person in people for code in person.seen(events.RoomCode)[-1:]}
    assert len(codes) == 1
    logs: dict[bytes, list[tuple[int, str, str]]] = {}
    for person in people:
        for conversation, entries in histories(person):
            # Every member has the same messages, each once.
            assert entries == logs.setdefault(conversation, entries)
            check_shown(person, conversation, entries)
    delivered = Counter(text for entries in logs.values() for _, _, text in entries)
    for person in people:
        lost = set(person.typed) - delivered.keys()
        assert lost <= person.forgotten
        assert all(delivered[text] <= 1 for text in person.typed)


def histories(person: Person) -> Iterator[tuple[bytes, list[tuple[int, str, str]]]]:
    """What a client has kept of each conversation: number, author and text of every message."""
    history = person.agent.context.user.history
    for conversation in conversations_of(person):
        told = [each.utterance for each in last(history, 10_000, conversation.name)]
        if conversation.name != "den":
            yield conversation.id, sorted((each.seq, each.nick, each.text) for each in told)


def check_shown(person: Mortal, conversation: bytes, entries: list[tuple[int, str, str]]) -> None:
    """The user has seen each entry once, and in order, but for what was not kept in time."""
    held = person.agent.context.conversations.get(conversation)
    assert held is not None
    for kind, mine in ((events.Message, False), (events.Sent, True)):
        seen = [event.seq for event in person.seen(kind) if event.conversation == held.name]
        expected = [seq for seq, nick, _ in entries if (nick == person.nick) is mine]
        assert set(seen) == set(expected)
        once = [seq for seq in seen if seq not in person.repeated]
        assert once == sorted(set(once))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_a_death_at_any_point(seed: int, rounds: Callable[[int], int]) -> None:
    whole = Play(seed)
    whole.play()
    check(whole)
    points = whole.world.passed
    assert {step for _, step in points} == {"shown", "kept", "sent", "append", "reply"}
    wanted = rounds(POINTS) // SCHEDULES
    for fatal in random.Random(seed).sample(range(1, len(points) + 1), min(wanted, len(points))):
        play = Play(seed, fatal)
        play.play()
        assert play.world.passed[:fatal] == points[:fatal]
        try:
            check(play)
        except AssertionError as error:
            who, step = points[fatal - 1]
            raise AssertionError(f"{who} died before {step} at point {fatal}: {error}") from error
