"""Honest members and insiders in one room: nobody is stopped, all agree, nothing is lost.

Honest people talk, lose their lines, die and come back, leave and return; insiders make every move
of :class:`tests.insider.Move`, give false help, false states and false voids, and ask without a
need. What every play must keep: no honest member is ever stopped; within 120 s of the last move all
honest members who are there are in step and agree; what an honest author saw as sent was read by
everyone honest who was there all the time; no key and nonce seal two things.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from geventim.chat import codec
from geventim.chat.requests import OpenRoom, Register
from geventim.client.conversation import roster
from geventim.client.events import Message, Sent
from geventim.client.kept.stages import INSIDE, Stage
from geventim.client.people.profile import Keys, Profile
from geventim.client.sealing.engine import Engine
from geventim.crypto.aead import AEAD
from tests.client.world import SERVER_KEY, Line, Person, World
from tests.insider import Insider, Move

SETTLED = 120.0
"""Seconds after the last move in which everything is in order again."""

SHARED = 660.0
"""Seconds that newcomers may wait whose like have disturbed the room: they share one budget."""


class Author(Person):
    """Somebody honest; ``said`` has who was in the group when a message was said to be sent."""

    said: dict[str, frozenset[bytes]]

    def _settle(self) -> None:
        before = len(self.events)
        super()._settle()
        for event in self.events[before:]:
            if isinstance(event, Sent) and event.conversation == "lobby":
                seat = self.room().seat
                inside = () if seat is None else roster.members(seat.tree)
                self.said.setdefault(event.message, frozenset(inside))


class Crowd(World):
    """A world in which some have another client than ours."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.insiders: dict[str, tuple[Insider, Line]] = {}

    def person(self, nick: str, room: str = "lobby") -> Person:
        if nick not in self.people:
            author = Author(self, nick, room)
            author.said = {}
            self.people[nick] = author
        return self.people[nick]

    def insider(self, nick: str) -> Insider:
        """Somebody who has registered, and comes into the lobby."""
        draw = self.draw(nick)
        profile = Profile(nick, "lobby", "", SERVER_KEY, Keys.generate(draw))
        line = Line(self, profile.keys.channel.public)

        def send(request: object, payload: bytes) -> None:
            line.up.append(codec.encode(request, payload))

        clock = lambda: self.timers.time  # noqa: E731 - as short as it is
        engine = Engine.of(profile, draw)
        dice = random.Random(f"{self._seed} {nick}")
        insider = Insider(engine, send, clock, dice)
        self.insiders[nick] = insider, line
        identity, signature = profile.keys.identity.public, profile.sign_claim()
        insider.ask(Register, nick=nick, identity=identity, signature=signature)
        insider.ask(OpenRoom, name="lobby")
        self.run()
        return insider

    def step(self) -> bool:
        busy = [(each, line) for each, line in self.insiders.values() if line.up or line.down]
        if busy and self._dice.random() < 0.5:
            insider, line = self._dice.choice(busy)
            if line.up:
                self._carry_up(line)
            else:
                for message, payload in codec.replies.decode(line.down.popleft()):
                    insider.take(message, payload)
            return True
        for _, line in self.insiders.values():
            if line.behind:
                self._catch_up(line)
                return True
        return super().step() or bool(busy)


class Spy:
    """Whatever is sealed in this process, by key and nonce."""

    def __init__(self) -> None:
        self.seen: dict[tuple[bytes, bytes], tuple[bytes, bytes]] = {}
        self.twice = 0

    def note(self, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> None:
        known = self.seen.setdefault((key, nonce), (plaintext, associated))
        self.twice += known != (plaintext, associated)


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spy]:
    spy, seal = Spy(), AEAD.seal

    def spied(cipher: AEAD, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
        spy.note(key, nonce, plaintext, associated)
        return seal(cipher, key, nonce, plaintext, associated)

    monkeypatch.setattr(AEAD, "seal", spied)
    yield spy
    assert spy.twice == 0


class Play:
    """A random play of so many honest members and insiders, the same for the same seed."""

    def __init__(self, seed: int, honest: int, insiders: int) -> None:
        self.dice = random.Random(seed)
        self.world = Crowd(seed)
        nicks = [f"h{number}" for number in range(honest)]
        some = self.dice.randint(1, honest)
        self.people = self.world.enter(*nicks[:some])
        self.insiders = [self.world.insider(f"m{number}") for number in range(insiders)]
        self.world.advance(2)
        self.people += self.world.enter(*nicks[some:])
        self.steady = {person.nick for person in self.people}
        self.spoken = 0

    def run(self, moves: int) -> None:
        for _ in range(moves):
            if self.insiders and self.dice.random() < 0.5:
                self.spoil(self.dice.choice(self.insiders))
            else:
                self.live(self.dice.choice(self.people))
            for _ in range(self.dice.randrange(40)):
                self.world.step()
            if self.dice.random() < 0.2:
                self.world.advance(self.dice.choice((0.2, 1.0, 5.0, 20.0)))
            self.check()

    def live(self, person: Person) -> None:
        """Something that an honest member does, or that happens to one."""
        dice = self.dice.random()
        if not person.is_connected:
            person.connect()
        elif dice < 0.7:
            self.spoken += 1
            person.say(f"{person.nick} {self.spoken}")
        elif dice < 0.8:
            self.steady.discard(person.nick)
            person.drop()
        elif dice < 0.9:
            self.steady.discard(person.nick)
            person.dies = self.dice.choice(["shown", "kept", "sent"])
        elif len(self.steady) > 1:
            self.steady.discard(person.nick)
            person.say("@leave lobby", "@join lobby")

    def spoil(self, insider: Insider) -> None:
        """Something that an insider does."""
        dice = self.dice.random()
        if not insider.is_in or dice < 0.5:
            insider.commit(*self.dice.choices(list(Move), k=self.dice.choice((1, 1, 1, 5))))
        elif dice < 0.6:
            insider.say("whatever", self.dice.choice((None, 0, insider.head - 1)))
        elif dice < 0.7:
            insider.ask_for_help()
        elif dice < 0.8:
            insider.accuse(self.dice.choice((insider.head, max(0, insider.head - 1))))
        elif dice < 0.9:
            insider.idle()
        else:
            insider.lies = not insider.lies

    def check(self) -> None:
        """What may never be, whatever happens."""
        for person in self.people:
            for conversation in person.agent.context.conversations:
                assert conversation.stage is not Stage.STOPPED, (
                    person.nick,
                    conversation.record.cause,
                )
        assert self.world.faults == []

    def end(self) -> None:
        """The insiders do nothing any more, the others have their lines."""
        for insider in self.insiders:
            insider.moves.clear()
        for person in self.people:
            person.dies = "none"
            if not person.is_connected:
                person.connect()
        self.world.advance(SETTLED)
        self.check()
        self.check_agreement(self.members())
        self.check_words()
        self.world.advance(SHARED)
        self.check_agreement(self.people)

    def members(self) -> list[Person]:
        """The honest people who are in the room, as the server counts."""
        room = self.world.store.room_named("lobby")
        assert room is not None
        present = self.world.store.members(room.id)
        return [each for each in self.people if each.agent.context.user.account in present]

    def check_agreement(self, people: list[Person]) -> None:
        """All of them are in step, and in the same epoch."""
        for person in people:
            room = person.room()
            assert room.stage in INSIDE, (person.nick, room.stage)
        self.world.check_agreement()

    def check_words(self) -> None:
        """Everybody who was there has read what was sent to them, once."""
        for reader in self.members():
            account = reader.agent.context.user.account
            read = Counter(
                (event.nick, event.message)
                for event in reader.seen(Message)
                if event.conversation == "lobby"
            )
            if reader.nick not in self.steady:
                continue
            assert max(read.values(), default=1) == 1
            missed = {
                (author.nick, message)
                for author in self.people
                if author is not reader and isinstance(author, Author)
                for message, inside in author.said.items()
                if account in inside
            } - read.keys()
            assert not missed, (reader.nick, sorted(missed)[:5])


def test_every_play_ends_well(rounds: Callable[[int], int], spy: Spy) -> None:
    for seed in range(rounds(200)):
        play(seed)


def play(seed: int) -> None:
    """The play of ``seed``; one in twenty is a large one."""
    dice = random.Random(seed)
    honest = dice.randint(10, 40) if seed % 20 == 19 else dice.randint(2, 8)
    made = Play(seed, honest, dice.randint(0, 8 if honest > 8 else 4))
    try:
        made.run(15 if honest > 8 else 40)
        made.end()
    except AssertionError as error:
        error.add_note(f"in the play of seed {seed}")
        raise
