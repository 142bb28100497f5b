"""People who talk while lines break, processes die and servers restart all end up agreeing.

What every schedule must keep: a message whose sender saw ``sent`` is shown to everybody else who is
in the conversation, once unless the reader died between showing and keeping it, and in order; the
members agree on the group; and nobody is shown anything that went wrong. One of them, the roamer,
leaves and comes back; who writes to a room that they are not in is told so.
"""

import random
from collections.abc import Callable

import pytest

from geventim.chat.values import Kind
from geventim.client.events import Message, Sent
from tests.client.person import Person
from tests.client.world import World

NICKS = ("alice", "bob", "carol", "dora")
ROAMER = "erin"


class Play:
    """A random schedule, the same one for the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = World(seed)
        self.people = self.world.enter(*NICKS, ROAMER)
        self.roamer = self.people[-1]
        self.number = 0

    def run(self, rounds: int) -> None:
        acts: list[tuple[Callable[[Person], None], int]] = [
            (self.speak, 50),
            (self.whisper, 6),
            (self.lose, 10),
            (self.come, 10),
            (self.die, 10),
            (self.wander, 3),
            (self.roam, 4),
            (lambda _: self.world.advance(2 * self.dice.random()), 10),
            (lambda _: self.world.restart_server(), 1),
        ]
        for _ in range(rounds):
            (act,) = self.dice.choices([act for act, _ in acts], [weight for _, weight in acts])
            act(self.dice.choice(self.people))
            for _ in range(self.dice.randrange(30)):
                self.world.step()

    def speak(self, person: Person) -> None:
        self.number += 1
        person.say(f"{person.nick} {self.number}")

    def whisper(self, person: Person) -> None:
        other = self.dice.choice([each for each in self.people if each is not person])
        self.number += 1
        person.say(f"@{other.nick} {person.nick} {self.number}")

    def lose(self, person: Person) -> None:
        person.drop()

    def come(self, person: Person) -> None:
        if not person.is_connected:
            person.connect()

    def die(self, person: Person) -> None:
        person.dies = self.dice.choice(["shown", "kept", "sent"])

    def wander(self, person: Person) -> None:
        if person.agent.context.conversations.named(Kind.ROOM, "den"):
            person.say("@leave den")
        else:
            person.say("@create room den", "@join den", "@join lobby")

    def roam(self, _: Person) -> None:
        inside = self.roamer.agent.context.conversations.named(Kind.ROOM, "lobby")
        self.roamer.say("@leave lobby" if inside else "@join lobby")

    def end(self) -> None:
        """Let everybody live and be there, and say a last word."""
        for person in self.people:
            person.dies = "none"
        for _ in range(2):
            for person in self.people:
                self.come(person)
            self.world.advance()
        self.roamer.say("@join lobby")
        self.world.advance()
        for person in self.people:
            person.say(f"{person.nick} ends")
        self.world.advance()


def shown(reader: Person, conversation: str, author: str) -> list[Message]:
    return [
        event
        for event in reader.seen(Message)
        if (event.conversation, event.nick) == (conversation, author)
    ]


def check(play: Play) -> None:
    world, people = play.world, play.people
    assert world.faults == []
    world.check_agreement()
    for author in people:
        assert f"{author.nick} ends" in sent(author, "lobby")
        for reader in people:
            if reader is author:
                continue
            in_room = shown(reader, "lobby", author.nick)
            in_private = shown(reader, author.nick, author.nick)
            assert sent(author, reader.nick) <= {event.message for event in in_private}
            if reader is play.roamer:
                assert f"{author.nick} ends" in {event.message for event in in_room}
            else:
                assert sent(author, "lobby") <= {event.message for event in in_room}
            for got in (in_room, in_private):
                if not reader.deaths:
                    seqs = [event.seq for event in got]
                    assert seqs == sorted(set(seqs))
                    assert len({event.message for event in got}) == len(got)


def sent(author: Person, conversation: str) -> set[str]:
    """What ``author`` was told is in the log of a conversation."""
    return {event.message for event in author.seen(Sent) if event.conversation == conversation}


@pytest.mark.parametrize("seed", range(6))
def test_everybody_agrees_and_nothing_is_lost(seed: int) -> None:
    play = Play(seed)
    play.run(60)
    play.end()
    check(play)
    for person in play.people:
        assert set(person.errors()) <= ({"not_a_member"} if person is play.roamer else set())


def test_many_more_schedules(rounds: Callable[[int], int]) -> None:
    for seed in range(100, 100 + rounds(200) // 4):
        play = Play(seed)
        play.run(60)
        play.end()
        check(play)
