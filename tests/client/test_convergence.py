"""What goes wrong for one of the members disturbs no other, and in the end all agree."""

from collections import deque
from collections.abc import Callable

import pytest

from geventim.chat.values import Kind
from tests.client.hostile import kick
from tests.client.person import Person
from tests.client.world import World


@pytest.mark.parametrize("step", ["shown", "kept", "sent"])
def test_a_message_outlives_the_death_of_its_sender_once_it_is_kept(step: str) -> None:
    world = World()
    alice, bob = world.enter("alice", "bob")
    alice.dies = step
    alice.say("a word")
    assert alice.deaths == 1
    alice.connect()
    world.advance()
    expected = ["a word"] if step == "sent" else []
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
@pytest.mark.parametrize("count", range(20))
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


def test_a_vault_of_yesterday_changes_its_keys_before_it_sends() -> None:
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


def test_a_vault_of_yesterday_does_so_in_groups_and_pairs_as_well() -> None:
    world = World()
    alice, bob, carol = world.enter("alice", "bob", "carol")
    alice.say("@group set team bob,carol", "@bob one")
    world.advance()
    yesterday = dict(alice.kept)
    alice.say("@group send team one", "@bob two")
    carol.say("@group send team between")
    world.advance()
    alice.start(yesterday)
    world.advance()
    alice.say("@group send team three", "@bob three")
    bob.say("@group send team four", "@alice four")
    world.advance()
    assert sorted(bob.texts("team")) == ["between", "one", "three"]
    assert sorted(carol.texts("team")) == ["four", "one", "three"]
    assert bob.texts("alice") == ["one", "two", "three"]
    assert alice.texts("team")[-1] == alice.texts("bob")[-1] == "four"
    assert bob.errors() == carol.errors() == []
    assert set(alice.errors()) <= {"own_copy", "missed"}
    for conversation in alice.agent.context.conversations:
        world.check_group(conversation.id)


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


@pytest.mark.parametrize("seed", range(8))
def test_two_who_create_the_same_room_at_once(seed: int) -> None:
    world = World(seed)
    alice, bob = world.enter("alice", "bob")
    alice.say("@create room den", "@join den", "one")
    bob.say("@create room den", "@join den", "two")
    world.advance()
    alice.say("three")
    bob.say("four")
    world.advance()
    assert bob.texts("den")[-1] == "three"
    assert alice.texts("den")[-1] == "four"
    assert alice.errors() == bob.errors() == []
    world.check_agreement("den")


def test_twenty_who_join_in_the_same_second_while_others_talk() -> None:
    world = World(1)
    alice, bob = world.enter("alice", "bob")
    newcomers = [world.person(f"p{number}") for number in range(20)]
    for number, person in enumerate(newcomers):
        person.connect()
        alice.say(f"alice {number}")
        bob.say(f"bob {number}")
        for _ in range(10):
            world.step()
    world.advance()
    assert bob.texts() == [f"alice {number}" for number in range(20)]
    assert alice.texts() == [f"bob {number}" for number in range(20)]
    newcomers[7].say("we are all here")
    world.advance()
    for person in [alice, bob, *newcomers]:
        assert person.errors() == []
        assert person is newcomers[7] or person.texts()[-1] == "we are all here"
    world.check_agreement()


def test_who_mistypes_a_room_key_changes_nothing() -> None:
    world = World()
    alice, bob, carol = world.enter("alice", "bob", "carol")
    alice.say("@newkey vault")
    world.advance()
    key = alice.notices()[-1].split(": ")[-1]
    bob.say(f"@join vault {key}")
    world.advance()
    before = world.store.head(bob.room("vault").id)
    for wrong in ("", key[:-1] + ("a" if key[-1] != "a" else "b"), "open sesame"):
        carol.say(f"@join vault {wrong}")
        world.advance()
    assert world.store.head(bob.room("vault").id) == before
    assert carol.errors() == ["no_key", "wrong_key", "wrong_key"]
    alice.say("as before")
    world.advance()
    carol.say(f"@join vault {key.replace(' ', '').upper()}", "now I know")
    world.advance()
    assert bob.texts() == ["as before", "now I know"]
    assert alice.errors() == bob.errors() == []
    world.check_agreement("vault")


def test_who_was_away_for_long_reads_everything_once_and_in_order(
    rounds: Callable[[int], int],
) -> None:
    """1,000 messages, 200 joins and leaves, three removals of oneself, a restart of the server."""
    world = World()
    alice, bob = world.enter("alice", "bob")
    guests = deque(world.person(f"guest{number}") for number in range(5))
    messages, changes = rounds(1000), rounds(200)
    expected = []
    for turn in range(4):
        bob.drop()
        for number in range(messages // 4):
            alice.say(f"{turn}.{number}")
            expected.append(f"{turn}.{number}")
            if number % max(1, messages // changes) == 0:
                come_or_go(world, guests[0])
                guests.rotate()
        world.advance()
        if turn == 1:
            world.restart_server()
            alice.connect()
            for guest in guests:
                guest.connect()
        if turn < 3:
            kick(world, alice.room().id, bob)
            alice.say(f"{turn}: bob is out")
            world.advance()
            alice.say(f"{turn}: not for bob")
        world.advance()
        if turn == 2:
            bob.start()
        else:
            bob.connect()
        world.advance()
        alice.say(f"{turn}: bob is back")
        expected.append(f"{turn}: bob is back")
        world.advance()
    assert bob.texts() == expected
    assert bob.errors() == alice.errors() == []
    removals = [text for text in bob.notices() if text == "The server has put you out of 'lobby'."]
    assert len(removals) == 3
    world.check_agreement()


def come_or_go(world: World, guest: Person) -> None:
    """Let a guest join the lobby, or leave it."""
    if guest.line is None:
        guest.connect()
    elif guest.agent.context.conversations.named(Kind.ROOM, "lobby") is None:
        guest.say("@join lobby")
    else:
        guest.say("@leave lobby")
    world.advance(1)
