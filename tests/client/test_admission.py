"""Getting in: founding, joining, joining anew, and what a server may try on the way."""

import msgspec
import pytest

from geventim.chat import requests
from geventim.chat.replies import KeyPackage, Opened, Turn
from geventim.chat.values import Kind, dm_id
from geventim.client.amendment import RENEWAL_TIME
from geventim.client.causes import Cause
from geventim.client.charter import Charter
from geventim.client.events import Error
from geventim.client.stages import Stage
from geventim.mls.commit_creation import CommitRequest
from geventim.mls.message import encode_message
from tests.client.members import NOW, engine, group_of

replace = msgspec.structs.replace


def answer(kind, change):
    """A server that changes all answers of a kind."""

    def tamper(message, payload):
        if isinstance(message, kind):
            message, payload = change(message, payload)
        yield message, payload

    return tamper


def group_info(payload):
    """A server that gives out another GroupInfo with every turn."""
    return answer(Turn, lambda turn, _: (turn, payload))


def say(world, person, *lines):
    person.say(*lines)
    world.advance()


def test_the_first_one_founds_and_the_next_joins(world, alice, bob):
    assert [commit.message for commit in alice.requests(requests.Commit)] == [0]
    (join,) = bob.requests(requests.Commit)
    assert join.message > 0
    assert join.added == (bob.agent.context.account,)
    world.check_agreement()


def test_a_pair_is_founded_with_both_and_nobody_else(world, alice, bob):
    say(world, alice, "@bob hi")
    commit = alice.requests(requests.Commit)[-1]
    assert commit.welcome > 0
    group = bob.conversation(Kind.DM, "alice").group
    assert len(list(group.members())) == 2
    assert group.group_id == dm_id(alice.agent.context.account, bob.agent.context.account)


def test_a_resync_declares_nothing(world, alice, bob):
    alice.room().strand(Cause.BEHIND)
    alice.tick()
    world.advance()
    resync = alice.requests(requests.Commit)[-1]
    assert (resync.added, resync.removed) == ((), ())
    assert len(list(bob.room().group.members())) == 2
    world.check_agreement()


def test_joining_anew_happens_once_in_ten_minutes(world, alice, bob):
    room = alice.room()
    for _ in range(2):
        room.strand(Cause.BEHIND)
        alice.tick()
        world.advance()
    assert room.stage is Stage.STRANDED
    assert len(alice.requests(requests.Commit)) == 2
    world.advance(590)
    assert room.stage is Stage.STRANDED
    world.advance(15)
    assert room.stage is Stage.ACTIVE
    world.check_agreement()


def test_an_older_state_than_was_seen_is_not_joined(world, alice, bob):
    """The server serves the GroupInfo from before carol was removed."""
    (carol,) = world.enter("carol")
    old = alice.room().group.group_info()
    say(world, carol, "@leave lobby")
    say(world, alice, "carol is out")
    bob.tamper = group_info(old)
    bob.room().strand(Cause.BEHIND)
    bob.tick()
    world.advance()
    assert bob.room().stage is Stage.STOPPED
    assert bob.errors()[-1] == Cause.BACKWARDS.code
    assert len(bob.requests(requests.Commit)) == 1, "nothing was sent"
    (error,) = [event for event in bob.seen(Error) if event.code == "backwards"]
    assert "@rejoin lobby" in error.text


def test_a_state_beside_the_one_that_was_seen_is_not_joined(world, alice, bob):
    """Same epoch, another history: the server shows a fork."""
    room = bob.room()
    _, fork = group_of(room.id, Charter(Kind.ROOM), "mallory", "eve")
    while fork.epoch < room.record.epoch:
        fork.merge(fork.commit(CommitRequest((), now=NOW)))
    bob.tamper = group_info(fork.group_info())
    room.strand(Cause.BEHIND)
    bob.tick()
    world.advance()
    assert room.stage is Stage.STOPPED
    assert bob.errors()[-1] == Cause.BACKWARDS.code


@pytest.mark.parametrize(
    "fake",
    [
        b"nonsense",
        group_of(b"x" * 16, Charter(Kind.ROOM), "mallory", "eve")[0].group_info(),
    ],
    ids=["nonsense", "another group"],
)
def test_what_is_no_state_of_the_room_is_not_joined(world, alice, fake):
    bob = world.person("bob")
    bob.tamper = group_info(fake)
    bob.connect()
    world.advance()
    assert bob.room().stage is Stage.STOPPED
    assert bob.errors() == [Cause.BAD_GROUP.code]
    assert bob.requests(requests.Commit) == []


class TestAStateThatIsNotValid:
    """A member has sent a valid commit with a GroupInfo that is none, or the server says so."""

    def spoil(self, request, payload):
        """What alice sends, with nonsense for a GroupInfo."""
        if isinstance(request, requests.Commit):
            payload = payload[: request.message + request.welcome] + b"nonsense"
        yield request, payload

    def renew(self, world, person):
        """Have a member make a commit."""
        world.advance(RENEWAL_TIME)
        say(world, person, "here I am")

    @pytest.fixture
    def spoilt(self, world, alice):
        """The lobby, which nobody can join."""
        alice.forge = self.spoil
        self.renew(world, alice)
        alice.forge = None
        return alice.room()

    def test_a_newcomer_waits_for_the_next_commit(self, world, alice, spoilt):
        (bob,) = world.enter("bob")
        world.advance(300)
        assert bob.errors() == [Cause.BAD_GROUP.code], "it is said once"
        self.renew(world, alice)
        world.advance(60)
        assert "'lobby' is in order now; you are in it." in bob.notices()
        say(world, bob, "at last")
        assert alice.texts() == ["at last"]
        world.check_agreement()

    def test_the_pauses_become_longer(self, world, alice, spoilt):
        (bob,) = world.enter("bob")
        world.advance(60)
        asked = len(bob.requests(requests.TakeTurn))
        world.advance(600)
        assert len(bob.requests(requests.TakeTurn)) - asked <= 20

    def test_nobody_waits_for_a_turn_that_came_to_nothing(self, world, alice, spoilt):
        bob = world.person("bob")
        bob.connect()
        world.run()
        assert len(bob.requests(requests.GiveUpTurn)) == 1

    def test_a_member_that_got_lost_waits_too(self, world, alice, bob, spoilt):
        bob.room().strand(Cause.BEHIND)
        bob.tick()
        world.advance(60)
        assert bob.errors() == [Cause.BEHIND.code, Cause.BAD_GROUP.code]
        assert bob.room().stage is Stage.STOPPED
        self.renew(world, alice)
        world.advance(60)
        say(world, bob, "back again")
        assert alice.texts() == ["back again"]
        world.check_agreement()

    def test_it_is_remembered_what_was_waited_for(self, world, alice, spoilt):
        (bob,) = world.enter("bob")
        bob.start()
        self.renew(world, alice)
        world.advance(60)
        say(world, bob, "at last")
        assert alice.texts() == ["at last"]

    def test_a_log_that_begins_anew_meanwhile_is_the_one_to_join(self, world, alice, spoilt):
        (bob,) = world.enter("bob")

        def renew(opened, payload):
            info = replace(opened.conversation, incarnation=b"x" * 16)
            return replace(opened, conversation=info), payload

        bob.tamper = answer(Opened, renew)
        bob.start()
        world.run()
        assert bob.room().record.incarnation == b"x" * 16

    def test_nothing_older_is_believed_meanwhile(self, world, alice, bob):
        """Trying again is not what a person asks for with @rejoin."""
        old = bob.room().group.group_info()
        self.renew(world, alice)
        bob.tamper = group_info(b"nonsense")
        bob.room().strand(Cause.BEHIND)
        bob.tick()
        world.advance(60)
        bob.tamper = group_info(old)
        world.advance(120)
        assert bob.errors()[-1] == Cause.BACKWARDS.code
        assert bob.room().stage is Stage.STOPPED


def test_a_room_that_is_said_to_be_empty_is_not_founded_twice(world, alice):
    bob = world.person("bob")
    bob.tamper = group_info(b"")
    bob.connect()
    world.advance()
    assert bob.room().stage is Stage.STOPPED
    assert bob.requests(requests.Commit) == []
    assert alice.errors() == []


def test_a_room_that_was_there_is_not_founded_anew(world, alice):
    """The server says that nothing has ever been in the lobby."""
    world.enter("bob")
    alice.say("@leave lobby")
    world.run()
    alice.tamper = answer(Turn, lambda turn, _: (replace(turn, head=0), b""))
    say(world, alice, "@join lobby")
    assert alice.room().stage is Stage.STOPPED
    assert set(alice.errors()) == {Cause.BACKWARDS.code}


def test_a_room_of_another_kind_is_not_joined(world, alice):
    """The server serves a group, in which joins from outside would be invalid, as the lobby."""
    room = alice.room()
    other = group_of(room.id, Charter(Kind.GROUP), "mallory", "eve")[0].group_info()
    bob = world.person("bob")
    bob.tamper = group_info(other)
    bob.connect()
    world.advance()
    assert bob.errors() == [Cause.BAD_GROUP.code]


class TestKeyPackages:
    def swap(self, package, **fields):
        payload = encode_message(package.key_package)

        def change(message, _):
            person = replace(message.person, **fields) if fields else message.person
            return replace(message, person=person), payload

        return answer(KeyPackage, change)

    def test_one_of_somebody_else_is_not_used(self, world, alice, bob):
        """The server swaps bob's key package for one of its own making."""
        mallory = engine("mallory")
        (package,) = mallory.generate_key_packages(1, world.timers.time)
        alice.tamper = self.swap(package)
        say(world, alice, "@bob for your eyes only")
        assert alice.errors() == ["bad_key_package"]
        assert alice.requests(requests.Append) == []
        assert len(alice.requests(requests.Commit)) == 1
        alice.tamper = None
        say(world, alice, "@bob now for real")
        assert bob.texts() == ["now for real"]

    def test_a_key_under_another_name_is_not_used_either(self, world, alice, bob):
        mallory = engine("mallory")
        (package,) = mallory.generate_key_packages(1, world.timers.time)
        key = mallory.client.signing_key.public
        alice.tamper = self.swap(package, nick="bob", account=mallory.account, identity=key)
        say(world, alice, "@bob for your eyes only")
        assert alice.errors() == ["bad_key_package"]
        assert len(alice.requests(requests.Commit)) == 1

    def test_one_out_of_its_time_is_not_used(self, world, alice, bob):
        (package,) = bob.agent.context.engine.generate_key_packages(1, world.timers.time - 9e7)
        alice.tamper = self.swap(package)
        say(world, alice, "@bob hi")
        assert alice.errors() == ["bad_key_package"]

    @pytest.mark.parametrize("data", [b"", b"nonsense"])
    def test_nonsense_is_not_used(self, world, alice, bob, data):
        alice.tamper = answer(KeyPackage, lambda message, _: (message, data))
        say(world, alice, "@bob hi")
        assert alice.errors() == ["bad_key_package"]

    def test_somebody_who_is_just_coming_is_waited_for(self, world, alice, bob):
        """Between the claim of a nick and the first upload there is nothing to claim."""
        store = world.store._key_packages
        held = store.pop(bob.agent.context.account)
        alice.say("@bob hi")
        world.run()
        assert bob.texts() == []
        store[bob.agent.context.account] = held
        world.advance()
        assert bob.texts() == ["hi"]
        assert alice.errors() == []

    def test_somebody_who_never_comes_is_not_waited_for_for_ever(self, world, alice, bob):
        world.store._key_packages.pop(bob.agent.context.account)
        say(world, alice, "@bob hi")
        world.advance(60)
        assert [notice for notice in alice.notices() if "bob" in notice] != []
        assert alice.agent.undelivered == 0


def test_a_turn_that_ran_out_is_taken_again(world, alice):
    """Somebody takes the turn and does nothing with it."""
    bob, carol = world.person("bob"), world.person("carol")
    bob.forge = lambda request, payload: (
        [] if isinstance(request, requests.Commit) else [(request, payload)]
    )
    bob.connect()
    world.run()
    carol.connect()
    world.run()
    assert carol.room().stage is Stage.QUEUED
    world.advance(6)
    carol.say("here at last")
    world.advance()
    assert alice.texts() == ["here at last"]
