"""Attacks by members with ordinary accounts on an honest server, which must come to nothing.

Whoever is in a room can commit to it; some of these commits are not for everybody, some are for
nobody, and what is said beside the log may be a lie. All who are honest go on in step.
"""

from dataclasses import replace

import pytest

from geventim.chat import requests
from geventim.chat.replies import Ok
from geventim.chat.requests import Help, Void
from geventim.chat.values import EntryKind, Kind
from geventim.client.causes import Cause
from geventim.client.following.arrival import CONTESTED
from geventim.client.following.foundation import check_charter
from geventim.client.kept.stages import INSIDE, Stage
from geventim.client.sealing.asking import make_ask
from geventim.client.sealing.charter import CHARTER
from geventim.client.sealing.counting import count as judge
from geventim.client.sealing.engine import SUITE
from geventim.client.steps.effects import Ask
from geventim.mls.epochs.following import Followed
from geventim.mls.ground.capabilities import Capabilities
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.leaf_node import Client
from tests.client.insiders import change_commits, commit, make_noise, noise, refuse_help, silence
from tests.client.mallory import Mallory
from tests.client.person import Person
from tests.client.world import World

NICKS = ("alice", "bob", "carol", "dave")


@pytest.fixture
def people(world: World) -> list[Person]:
    """Four who are honest, each with keys of their own above them."""
    found = world.enter(*NICKS)
    for person in found:
        commit(world, person)
    world.advance(60)
    return found


def join(world: World, *nicks: str) -> list[Person]:
    insiders = world.enter(*nicks)
    for insider in insiders:
        insider.say(f"{insider.nick} is here")
    world.advance(60)
    world.people["alice"].say("so they are")
    world.advance(1)
    return insiders


def check_talking(world: World, people: list[Person]) -> None:
    """Everybody is in step, writes, and is read by everybody else."""
    world.advance(2)
    check_agreement(people)
    for person in people:
        person.say(f"{person.nick} is in step")
    world.advance(10)
    for person in people:
        read = {text for text in person.texts() if text.endswith("is in step")}
        assert read >= {f"{other.nick} is in step" for other in people if other is not person}
    check_agreement(people)


def check_agreement(people: list[Person]) -> None:
    """They are in step with each other, whatever the client of an insider has come to believe."""
    assert stages(people) <= INSIDE
    groups = [person.room().group for person in people]
    assert len({(group.epoch, group.epoch_authenticator) for group in groups}) == 1


def stages(people: list[Person]) -> set[Stage]:
    return {person.room().stage for person in people}


@pytest.mark.parametrize("first", range(4))
def test_a_commit_that_splits_the_room(world, first):
    """Whoever speaks first: those who cannot open it are helped by those who can."""
    alice, bob, mallory, carol, dave = everybody = world.enter(
        "alice", "bob", "mallory", "carol", "dave"
    )
    for person in everybody:
        commit(world, person)
    world.advance(60)
    refuse_help(mallory)
    make_noise(world, mallory, alice, bob)
    honest = [alice, bob, carol, dave]
    assert [person.room().stage for person in honest] == [
        Stage.OUTSIDE,
        Stage.OUTSIDE,
        Stage.ACTIVE,
        Stage.ACTIVE,
    ]
    honest[first].say("who reads this?")
    world.advance(0.3)
    assert stages(honest) == {Stage.ACTIVE}
    world.advance(2)
    for person in honest:
        expected = ["something for some", "who reads this?"]
        assert person.texts()[-2:] == (
            expected if person is not honest[first] else person.texts()[-2:]
        )
        assert person.errors() == []
    check_talking(world, honest)
    assert all(person.room().owing.healing_at is None for person in honest)


def test_a_commit_that_nobody_can_open(world, people):
    """The nearest gets in anew and helps the rest; what mallory wrote stays unread."""
    (mallory,) = join(world, "mallory")
    refuse_help(mallory)
    make_noise(world, mallory, *people)
    assert stages(people) == {Stage.OUTSIDE}
    people[0].say("said meanwhile")
    world.advance(3)
    assert stages(people) <= {Stage.ACTIVE, Stage.IN_LINE}
    world.advance(10)
    assert people[1].texts()[-1] == "said meanwhile"
    for person in people:
        assert set(person.errors()) <= {Cause.SHUT_OUT.code}
    check_talking(world, people)


def test_everybody_put_out_again_and_again_by_three(world, people):
    """Each insider has fewer and fewer turns for that; the honest ones are in step in between."""
    insiders = join(world, "mallory", "mordred", "morgana")
    refuse_help(*insiders)
    for _ in range(4):
        with noise(insiders, people):
            for insider in insiders:
                commit(world, insider)
            world.advance(20)
        check_agreement(people)
    world.advance(60)
    check_talking(world, people)


def test_a_wrong_confirmation_tag_closes_nothing_for_long(world, people):
    """Nobody can be helped to what nobody knows: somebody gets in anew."""
    (mallory,) = join(world, "mallory")
    change_commits(mallory, lambda message, info: (with_other_tag(message), info))
    commit(world, mallory)
    assert stages(people) == {Stage.OUTSIDE}
    world.advance(3)
    assert stages(people) <= {Stage.ACTIVE, Stage.IN_LINE}
    check_talking(world, people)


def with_other_tag(message: bytes) -> bytes:
    """A public message of a member with another confirmation tag: its membership tag is last."""
    tag = len(message) - 33 - 32
    return message[:tag] + bytes([message[tag] ^ 1]) + message[tag + 1 :]


def test_a_commit_that_is_nonsense_changes_nothing(world, people):
    (mallory,) = join(world, "mallory")
    change_commits(mallory, lambda message, info: (bytes(len(message)), info))
    for person in people:
        person.news()
    commit(world, mallory)
    assert stages(people) == {Stage.ACTIVE}
    for person in people:
        assert person.errors() == [Cause.VOID.code, Cause.ANOTHER_EPOCH.code]
    check_talking(world, people)


def test_what_was_sealed_before_a_void_commit_is_sent_again_as_it_was(world, people):
    alice, bob = people[:2]
    (mallory,) = join(world, "mallory")
    change_commits(mallory, lambda message, info: (bytes(len(message)), info))
    silence(*people)
    held = []
    alice.tamper = lambda message, payload: held.append((message, payload)) or []
    mallory.room().record.renewed = 0
    mallory.say("nonsense first")
    world.run()
    alice.say("sealed before")
    world.run()
    alice.tamper = None
    for message, payload in held:
        alice.tell(message, payload)
    world.advance(2)
    sealed = [payload for request, payload in alice.asked if type(request).__name__ == "Append"]
    assert len(sealed) > len(set(sealed)), "the same bytes again"
    assert bob.texts()[-1] == "sealed before"


def test_a_flood_of_void_commits_is_one_line(world, people):
    (mallory,) = join(world, "mallory")
    change_commits(mallory, lambda message, info: (bytes(len(message)), info), times=1000)
    for _ in range(20):
        commit(world, mallory, "again")
        world.advance(1)
    for person in people:
        assert person.errors().count(Cause.VOID.code) == 1
    check_talking(world, people)


def test_a_state_that_is_nonsense_keeps_no_newcomer_out(world, people):
    """They ask again, and are given that of another member."""
    (mallory,) = join(world, "mallory")
    change_commits(mallory, lambda message, _: (message, b"nonsense"), times=1000)
    commit(world, mallory)
    world.advance(1)
    (erin,) = world.enter("erin")
    world.advance(15)
    assert erin.room().stage is Stage.ACTIVE
    check_talking(world, [*people, erin])


def test_a_state_of_another_history_misleads_no_newcomer_for_long(world, people):
    """Members say that their joining does not count, and they come again from another state."""
    (mallory,) = join(world, "mallory")
    false = mallory.agent.context.user.engine.found(
        mallory.room().id, check_charter(mallory.room(), mallory.room().group.extensions), 0
    )
    change_commits(mallory, lambda message, _: (message, false.group_info()), times=1000)
    commit(world, mallory)
    world.advance(1)
    (erin,) = world.enter("erin")
    assert len(erin.room().attempts) == 1
    world.advance(30)
    assert erin.room().stage is Stage.ACTIVE
    check_talking(world, [*people, erin])
    assert len(erin.room().attempts) == 1
    world.advance(CONTESTED)
    for person in people[:2]:
        person.say("good evening")
    world.advance(1)
    assert len(erin.room().attempts) == 0


def lay_trap(world):
    """Two who are certain to be in, an insider, the group it made up, and who was lured into it."""
    people = world.enter("alice", "bob")
    world.advance(20)
    for person in people:
        person.say("good morning")
    world.advance(1)
    mallory = Mallory(world)
    mallory.join()
    false = mallory.found(Kind.ROOM, 7)
    mallory.update(false.group_info())
    return people, mallory, false, *world.enter("erin")


@pytest.mark.parametrize("is_member", [False, True])
def test_who_makes_up_a_state_holds_no_newcomer_by_writing_there(world, is_member):
    """The made-up state has the newcomer, and what is written there opens for nobody else."""
    people, mallory, false, erin = lay_trap(world)
    assert len(erin.room().attempts) == 1
    follow(mallory, false)
    if is_member:
        world.advance(20)
        assert erin.room().seat.public.context.epoch < false.epoch
    mallory.turn()
    mallory.group = false
    mallory.say("this is the room")
    world.advance(1)
    for number in range(3):
        erin.say(f"what erin tells {number}")
        world.advance(1)
    people[0].say("hello, everybody")
    world.advance(20)
    assert "hello, everybody" in erin.texts()
    check_talking(world, [*people, erin])
    for person in people:
        told = [text for text in person.texts() if text.startswith("what erin tells")]
        assert sorted(told) == [f"what erin tells {number}" for number in range(3)]


def test_who_has_made_up_a_state_gives_no_newcomer_another_one_of_it(world):
    """It has the newcomer, and is given again and again."""
    people, mallory, false, erin = lay_trap(world)
    follow(mallory, false)
    state = false.group_info()
    for number in range(40):
        mallory.ask(Void(id=9, conversation=mallory.id, seq=0, payload=len(state)), state)
        if number % 10 == 5:
            people[0].say(f"hello {number}")
        world.advance(1)
    check_talking(world, [*people, erin])


def follow(mallory, group):
    """Take the commits of others that count in ``group``."""
    for entry in mallory.world.store._logs[mallory.id].entries.values():
        if entry.kind is EntryKind.COMMIT:
            followed = judge(group.vantage.public, entry.payload, mallory.engine.policy)
            if isinstance(followed, Followed):
                group.merge(group.open(followed))


def test_a_joining_that_counts_is_not_undone_by_who_says_that_it_does_not(world, people):
    (mallory,) = join(world, "mallory")
    erin = world.person("erin")
    erin.connect()
    world.run()
    room = erin.room()
    assert room.record.entered
    false = mallory.agent.context.user.engine.found(
        room.id, check_charter(mallory.room(), mallory.room().group.extensions), 0
    ).group_info()
    payload = false
    request = Void(id=0, conversation=room.id, seq=room.record.entered, payload=len(payload))
    tell_server(world, mallory, request, payload)
    world.advance(30)
    assert room.stage is Stage.ACTIVE
    check_talking(world, [*people, erin])


def tell_server(world, person, request, payload=b""):
    """Have the client of ``person`` send a request of its own."""
    person.agent.context.user.ways.exchange.send(Ask(request, Ok, payload), lambda reply, _: None)
    person.tick()
    world.run()


def test_help_that_is_a_lie_keeps_nobody_from_being_helped(world, people):
    (mallory,) = join(world, "mallory")
    lies = []

    def forge(request, payload):
        if isinstance(request, Help):
            lies.append(request)
            payload = payload[:-1] + bytes([payload[-1] ^ 1])
        yield request, payload

    mallory.forge = forge
    with noise([mallory], people[:1]):
        commit(world, mallory)
    world.advance(3)
    assert lies
    assert stages(people) <= {Stage.ACTIVE, Stage.IN_LINE}
    check_talking(world, people)


def test_who_asks_without_end_is_answered_once(world, people):
    alice, bob = people[:2]
    (mallory,) = join(world, "mallory")
    commit(world, bob)
    before = sum(len(person.requests(Help)) for person in people)
    seat = mallory.room().seat_of()
    for count in range(20):
        key = SUITE.generate_key_pair(mallory.agent.context.user.random)
        payload = make_ask(seat.vantage, key.public, count)
        request = requests.Ask(id=0, conversation=alice.room().id, seq=1, payload=len(payload))
        tell_server(world, mallory, request, payload)
        world.advance(0.5)
    assert sum(len(person.requests(Help)) for person in people) - before == len(people)


def test_what_is_asked_in_anothers_name_is_not_answered(world, people):
    """The signature is that of the leaf, and the account that of the sender."""
    alice, bob, carol = people[:3]
    commit(world, bob)
    key = SUITE.generate_key_pair(bob.agent.context.user.random)
    payload = make_ask(bob.room().seat_of().vantage, key.public, 0)
    request = requests.Ask(id=0, conversation=alice.room().id, seq=1, payload=len(payload))
    tell_server(world, carol, request, payload)
    world.advance(1)
    assert [person.requests(Help) for person in people] == [[]] * len(people)


def test_a_leaf_that_is_too_large_is_in_nobodys_tree(world, people):
    """Neither the trees nor the states that newcomers get grow by it."""
    mallory = world.person("mallory")
    engine = mallory.agent.context.user.engine
    mallory.agent.context.user.engine = replace(
        engine,
        policy=replace(engine.policy, max_leaf_size=None),
        client=Client(
            engine.client.signing_key,
            engine.client.credential,
            Capabilities(extensions=(CHARTER, 0xF777)),
            (Extension(0xF777, bytes(1000)),),
        ),
    )
    mallory.connect()
    world.advance(20)
    assert {person.errors()[0] for person in people} == {Cause.VOID.code}
    assert all(len(list(person.room().group.members())) == len(people) for person in people)
    (erin,) = world.enter("erin")
    world.advance(20)
    check_talking(world, [*people, erin])
