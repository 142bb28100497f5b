"""Getting in: founding, joining, joining anew, and what a server may try on the way."""

import msgspec
import pytest

from geventim.chat import requests
from geventim.chat.replies import KeyPackage, Opened, Turn
from geventim.chat.values import Kind, Purpose, dm_id
from geventim.client.causes import Cause
from geventim.client.events import Error
from geventim.client.kept.stages import Stage
from geventim.client.sealing.charter import Charter
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.messages.message import encode_message
from tests.client.hostile import lose_seat, shut_out
from tests.client.insiders import change_commits, commit
from tests.client.members import NOW, charter_of, engine, group_of

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
    assert join.added == (bob.agent.context.user.account,)
    world.check_agreement()


def test_a_pair_is_founded_with_both_and_nobody_else(world, alice, bob):
    say(world, alice, "@bob hi")
    commit = alice.requests(requests.Commit)[-1]
    assert commit.welcome > 0
    group = bob.conversation(Kind.DM, "alice").group
    assert len(list(group.members())) == 2
    assert group.group_id == dm_id(alice.agent.context.user.account, bob.agent.context.user.account)


def test_getting_in_anew_declares_nothing(world, alice, bob):
    world.advance(20)
    lose_seat(world, alice, alice.room())
    resync = alice.requests(requests.Commit)[-1]
    assert (resync.added, resync.removed) == ((), ())
    assert len(list(bob.room().group.members())) == 2
    world.check_agreement()


def test_who_has_followed_needs_no_state_to_get_in_anew(world, alice, bob):
    """Nobody helps; the commit comes from what alice knows of the group."""
    say(world, alice, "a first word")
    world.advance(20)
    bob.drop()
    before = len(alice.requests(requests.TakeTurn))
    shut_out(alice, alice.room())
    world.advance(3)
    assert alice.room().stage is Stage.ACTIVE
    turns = alice.requests(requests.TakeTurn)[before:]
    assert [(turn.purpose, turn.state) for turn in turns] == [(Purpose.REENTER, False)]
    bob.connect()
    say(world, alice, "back in step")
    assert bob.texts() == ["a first word", "back in step"]
    world.check_agreement()


def test_an_older_state_than_was_seen_is_not_joined(world, alice, bob):
    """The server serves the GroupInfo from before carol was removed."""
    (carol,) = world.enter("carol")
    old = alice.room().group.group_info()
    say(world, carol, "@leave lobby")
    say(world, alice, "carol is out")
    bob.tamper = group_info(old)
    lose_seat(world, bob, bob.room())
    world.advance(60)
    assert bob.room().stage is Stage.OUTSIDE
    assert bob.errors()[-1] == Cause.BACKWARDS.code
    assert len(bob.requests(requests.Commit)) == 1, "nothing was sent"
    (error,) = [event for event in bob.seen(Error) if event.code == "backwards"]
    assert "@rejoin lobby" in error.text
    bob.tamper = None
    world.advance(120)
    say(world, bob, "in after all")
    assert alice.texts()[-1] == "in after all"


def test_a_state_beside_the_one_that_was_seen_is_not_joined(world, alice, bob):
    """Same epoch, another history: the server shows a fork."""
    room = bob.room()
    charter = Charter.read(room.group.extensions)
    _, fork = group_of(room.id, charter, "mallory", "eve")
    while fork.epoch < room.record.epoch:
        fork.merge(fork.commit(CommitRequest((), now=NOW)))
    bob.tamper = group_info(fork.group_info())
    lose_seat(world, bob, room)
    world.advance(60)
    assert room.stage is Stage.OUTSIDE
    assert bob.errors()[-1] == Cause.BACKWARDS.code


@pytest.mark.parametrize(
    "fake",
    [
        b"nonsense",
        group_of(b"x" * 16, charter_of(Kind.ROOM, b"x" * 16), "mallory", "eve")[0].group_info(),
    ],
    ids=["nonsense", "another group"],
)
def test_what_is_no_state_of_the_room_is_not_joined(world, alice, fake):
    bob = world.person("bob")
    bob.tamper = group_info(fake)
    bob.connect()
    world.advance(30)
    assert bob.room().stage is Stage.ABSENT
    assert bob.errors() == [Cause.BAD_GROUP.code]
    assert bob.requests(requests.Commit) == []


class TestAStateThatIsNotValid:
    """The server gives out nothing else to bob, for a while."""

    @pytest.fixture
    def bob(self, world, alice):
        person = world.person("bob")
        person.tamper = group_info(b"nonsense")
        person.connect()
        world.advance(60)
        return person

    def test_a_newcomer_goes_on_trying(self, world, alice, bob):
        world.advance(300)
        assert bob.errors() == [Cause.BAD_GROUP.code], "it is said once"
        bob.tamper = None
        world.advance(120)
        assert "Your client is back in 'lobby'." in bob.notices()
        say(world, bob, "at last")
        assert alice.texts() == ["at last"]
        world.check_agreement()

    def test_the_pauses_become_longer(self, world, alice, bob):
        asked = len(bob.requests(requests.TakeTurn))
        world.advance(600)
        assert len(bob.requests(requests.TakeTurn)) - asked <= 20

    def test_nobody_waits_for_a_turn_that_came_to_nothing(self, world, alice, bob):
        assert len(bob.requests(requests.GiveUpTurn)) == len(bob.requests(requests.TakeTurn))

    def test_it_is_remembered_what_was_waited_for(self, world, alice, bob):
        bob.tamper = None
        bob.start()
        world.advance(60)
        say(world, bob, "at last")
        assert alice.texts() == ["at last"]

    def test_a_log_that_begins_anew_meanwhile_is_the_one_to_join(self, world, alice, bob):
        def renew(opened, payload):
            info = replace(opened.conversation, incarnation=b"x" * 16)
            return replace(opened, conversation=info), payload

        bob.tamper = answer(Opened, renew)
        bob.start()
        world.run()
        assert bob.room().record.incarnation == b"x" * 16


def test_a_state_that_a_member_has_spoilt_is_made_good_by_another_one(world, alice, bob):
    change_commits(bob, lambda message, _: (message, b"nonsense"))
    world.advance(10)
    commit(world, bob)
    (carol,) = world.enter("carol")
    world.advance(2)
    assert carol.room().stage is Stage.ACTIVE
    assert carol.errors() == []
    world.check_agreement()


def test_a_room_that_is_said_to_be_empty_is_not_founded_twice(world, alice):
    bob = world.person("bob")
    bob.tamper = group_info(b"")
    bob.connect()
    world.advance(30)
    assert bob.room().stage is Stage.ABSENT
    assert bob.errors() == [Cause.NO_STATE.code]
    assert bob.requests(requests.Commit) == []
    assert alice.errors() == []


def test_a_room_that_was_there_is_not_founded_anew(world, alice):
    """The server says that nothing has ever been in the lobby."""
    world.enter("bob")
    alice.say("@leave lobby")
    world.run()
    alice.tamper = answer(Turn, lambda turn, _: (replace(turn, head=0), b""))
    say(world, alice, "@join lobby")
    world.advance(10)
    assert alice.room().stage is Stage.STOPPED
    assert set(alice.errors()) == {Cause.BACKWARDS.code}


def test_a_room_of_another_kind_is_not_joined(world, alice):
    """The server serves a group, in which joins from outside would be invalid, as the lobby."""
    room = alice.room()
    other = group_of(room.id, charter_of(Kind.GROUP, room.id), "mallory", "eve")[0].group_info()
    bob = world.person("bob")
    bob.tamper = group_info(other)
    bob.connect()
    world.advance(30)
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
        (package,) = bob.agent.context.user.engine.generate_key_packages(1, world.timers.time - 9e7)
        alice.tamper = self.swap(package)
        say(world, alice, "@bob hi")
        assert alice.errors() == ["key_package_time"]

    @pytest.mark.parametrize("data", [b"", b"nonsense"])
    def test_nonsense_is_not_used(self, world, alice, bob, data):
        alice.tamper = answer(KeyPackage, lambda message, _: (message, data))
        say(world, alice, "@bob hi")
        assert alice.errors() == ["bad_key_package"]

    def test_somebody_who_is_just_coming_is_waited_for(self, world, alice, bob):
        """Between the claim of a nick and the first upload there is nothing to claim."""
        store = world.store._key_packages
        held = store.pop(bob.agent.context.user.account)
        alice.say("@bob hi")
        world.run()
        assert bob.texts() == []
        store[bob.agent.context.user.account] = held
        world.advance()
        assert bob.texts() == ["hi"]
        assert alice.errors() == []

    def test_somebody_who_never_comes_is_not_waited_for_for_ever(self, world, alice, bob):
        world.store._key_packages.pop(bob.agent.context.user.account)
        say(world, alice, "@bob hi")
        world.advance(60)
        assert [notice for notice in alice.notices() if "bob" in notice] != []
        assert alice.undelivered == 0


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
