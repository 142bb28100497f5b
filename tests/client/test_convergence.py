"""People who talk while lines break, processes die and servers restart all end up agreeing.

What every schedule must keep: a message whose sender saw ``sent`` is shown to everybody else who is
in the room, once unless the reader died between showing and keeping it, and in order; the members
agree on the group; and nobody is shown anything that went wrong.
"""

import random
from collections.abc import Callable

import pytest

from geventim.chat.values import Kind
from geventim.client.events import Message, Sent
from tests.client.world import Person, World

NICKS = ("alice", "bob", "carol", "dora")


class Play:
    """A random schedule, the same one for the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = World(seed)
        self.people = self.world.enter(*NICKS)
        self.number = 0

    def run(self, rounds: int) -> None:
        acts: list[tuple[Callable[[Person], None], int]] = [
            (self.speak, 50),
            (self.whisper, 6),
            (self.lose, 10),
            (self.come, 10),
            (self.die, 10),
            (self.wander, 3),
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
        if "den" in [each.name for each in person.agent.context.conversations]:
            person.say("@leave den")
        else:
            person.say("@join den", "@join lobby")

    def end(self) -> None:
        """Let everybody live and be there, and say a last word."""
        for person in self.people:
            person.dies = "none"
        for _ in range(2):
            for person in self.people:
                self.come(person)
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
        sent = {event.message for event in author.seen(Sent) if event.conversation == "lobby"}
        assert f"{author.nick} ends" in sent
        for reader in people:
            if reader is author:
                continue
            got = shown(reader, "lobby", author.nick)
            assert sent <= {event.message for event in got}
            if not reader.deaths:
                seqs = [event.seq for event in got]
                assert seqs == sorted(set(seqs))
                assert len({event.message for event in got}) == len(got)


@pytest.mark.parametrize("seed", range(6))
def test_everybody_agrees_and_nothing_is_lost(seed: int) -> None:
    play = Play(seed)
    play.run(60)
    play.end()
    check(play)
    assert [person.errors() for person in play.people] == [[]] * len(NICKS)


def test_many_more_schedules(rounds: Callable[[int], int]) -> None:
    for seed in range(100, 100 + rounds(200) // 4):
        play = Play(seed)
        play.run(60)
        play.end()
        check(play)


@pytest.mark.parametrize("step", ["shown", "kept", "sent"])
def test_a_message_outlives_the_death_of_its_sender_once_it_is_kept(step: str) -> None:
    world = World()
    alice, bob = world.enter("alice", "bob")
    alice.dies = step
    alice.say("a word")
    if step == "sent":
        assert alice.deaths == 1
    alice.dies = "none"
    if not alice.is_connected:
        alice.connect()
    world.advance()
    expected = [] if step == "kept" else ["a word"]
    assert bob.texts() == expected
    alice.say("and another")
    world.advance()
    assert bob.texts() == [*expected, "and another"]
    assert bob.errors() == alice.errors() == []


@pytest.mark.parametrize("step", ["shown", "kept"])
def test_a_reader_that_dies_reads_it_again(step: str) -> None:
    world = World()
    alice, bob = world.enter("alice", "bob")
    bob.dies = step
    alice.say("a word")
    world.run()
    assert bob.deaths == 1
    bob.connect()
    alice.say("and another")
    world.advance()
    texts = ["a word", "and another"]
    assert bob.texts() == (texts if step == "shown" else ["a word", *texts])
    assert bob.errors() == []


@pytest.mark.parametrize("step", ["kept", "sent"])
@pytest.mark.parametrize("count", range(6))
def test_who_dies_while_joining_joins_after_all(step: str, count: int) -> None:
    world = World()
    (alice,) = world.enter("alice")
    bob = world.person("bob")
    bob.connect()
    for _ in range(count):
        world.step()
    bob.dies = step
    world.run()
    bob.dies = "none"
    if not bob.is_connected:
        bob.connect()
    world.advance()
    bob.say("here at last")
    world.advance()
    assert alice.texts() == ["here at last"]
    world.check_agreement()


@pytest.mark.parametrize("seed", range(10))
def test_two_who_open_the_same_conversation_at_once(seed: int) -> None:
    world = World(seed)
    alice, bob = world.enter("alice", "bob")
    alice.say("@bob one")
    bob.say("@alice two")
    world.advance()
    assert (alice.texts(), bob.texts()) == (["two"], ["one"])
    assert alice.errors() == bob.errors() == []
    world.check_group(alice.conversation(Kind.DM, "bob").id)


def test_twenty_who_create_the_same_room_at_once() -> None:
    world = World()
    people = [world.person(f"p{number}") for number in range(20)]
    for person in people:
        person.connect()
    world.advance()
    for person in people:
        person.say(f"I am {person.nick}")
    world.advance()
    world.check_agreement()
    for person in people:
        assert len(set(person.texts())) == 19
        assert person.errors() == []


def test_a_vault_of_yesterday_joins_anew_before_it_sends() -> None:
    world = World()
    alice, bob = world.enter("alice", "bob")
    yesterday = dict(alice.kept)
    alice.say("one", "two")
    world.advance()
    alice.start(yesterday)
    world.advance()
    alice.say("three")
    world.advance()
    assert bob.texts() == ["one", "two", "three"]
    assert bob.errors() == []
    assert alice.errors() == ["own_copy"]
    world.check_agreement()


def test_a_vault_that_is_lost_but_for_its_keys_joins_anew() -> None:
    world = World()
    alice, bob = world.enter("alice", "bob")
    alice.say("@group set team bob", "@group send team one")
    bob.say("@alice two")
    world.advance()
    alice.start({})
    world.advance()
    alice.say("three", "@group send team four", "@bob five")
    world.advance()
    assert bob.texts() == ["one", "three", "four", "five"]
    assert bob.errors() == []
    for conversation in alice.agent.context.conversations:
        world.check_group(conversation.id)


def test_who_was_away_for_long_reads_everything_once_and_in_order() -> None:
    """Hundreds of messages, joins and leaves, own removals, and a restart of the server."""
    world = World()
    alice, bob = world.enter("alice", "bob")
    expected = []
    for turn in range(3):
        bob.drop()
        for number in range(60):
            alice.say(f"{turn}.{number}")
            expected.append(f"{turn}.{number}")
            if number % 20 == 10:
                guest = f"guest{turn}{number}"
                world.enter(guest)[0].say("hello", "@leave lobby")
                world.run()
                expected.append("hello")
        if turn == 1:
            world.restart_server()
            alice.connect()
        world.advance()
        bob.connect()
        world.advance()
        bob.say("@leave lobby")
        world.advance()
        alice.say("not for bob")
        world.advance()
        bob.say("@join lobby")
        world.advance()
    alice.say("the end")
    world.advance()
    assert bob.texts() == [*expected, "the end"]
    assert bob.errors() == []
    world.check_agreement()
