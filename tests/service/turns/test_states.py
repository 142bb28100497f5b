"""GroupInfos from members, for those who want to get in."""

import pytest

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.replies import Ok, StateWanted, Voided
from geventim.chat.values import Purpose
from geventim.log.outcomes import State
from geventim.service.bounds import Bounds
from geventim.service.turns.rates import EXTERNAL
from geventim.service.turns.states import PAUSE
from tests.service.doubles import World, fresh_id, meet
from tests.service.identities import account


@pytest.fixture
def room(world):
    """A room whose members are alice, bob and carol, whose joins were the commits 1, 2 and 3."""
    met = meet(world, "alice", "bob", "carol")
    world.timers.advance(EXTERNAL)
    return met


def give(client, conversation, seq=0, info=b"info"):
    return client.ask(ask.Void, info, conversation=conversation, seq=seq, payload=len(info))


def givers(world, client, conversation, times):
    """Whose states somebody gets who asks again and again."""
    found = []
    for _ in range(times):
        turn = client.turn(conversation, purpose=Purpose.JOIN, state=True)
        found.append(turn.giver)
        client.ask(ask.GiveUpTurn, conversation=conversation)
    return [world.store.account(giver).nick for giver in found if giver]


class TestGiving:
    def test_each_time_that_of_another_account_comes_the_latest_first(self, world, room):
        room, alice, *_ = room
        give(alice, room)
        newcomer = world.enter("dave")
        assert givers(world, newcomer, room, 1) == ["alice"]
        assert alice.events(StateWanted) == []
        assert givers(world, newcomer, room, 2) == ["carol", "bob"]
        assert len(alice.events(StateWanted)) == 1, "the others may be old"

    def test_garbage_given_with_the_last_commit_keeps_nobody_out(self, world, room):
        room, _, mallory, _ = room
        mallory.change(room, group_info=b"garbage")
        assert givers(world, world.enter("dave"), room, 2) == ["bob", "carol"]

    def test_members_are_asked_when_there_are_none_left_and_it_begins_anew(self, world, room):
        room, alice, bob, _ = room
        newcomer = world.enter("dave")
        assert givers(world, newcomer, room, 4) == ["carol", "bob", "alice", "carol"]
        for member in (alice, bob):
            assert member.events(StateWanted) == [StateWanted(conversation=room)]
        assert newcomer.events(StateWanted) == []
        give(bob, room, info=b"fresh")
        assert givers(world, newcomer, room, 3) == ["bob", "alice", "bob"]

    def test_who_gives_again_and_again_has_no_more_turns_than_others(self, world, room):
        room, alice, *_ = room
        newcomer, found = world.enter("dave"), []
        for number in range(6):
            give(alice, room, info=b"state %d" % number)
            found += givers(world, newcomer, room, 1)
        assert found == ["alice", "carol", "bob"] * 2

    def test_members_are_not_asked_all_the_time(self, world, room):
        room, alice, *_ = room
        newcomer = world.enter("dave")
        givers(world, newcomer, room, 20)
        assert len(alice.events(StateWanted)) == 1
        world.timers.advance(PAUSE)
        givers(world, newcomer, room, 4)
        assert len(alice.events(StateWanted)) == 2

    def test_ones_own_is_given_last(self, world, room):
        room, _, _, carol = room
        assert givers(world, carol, room, 4) == ["bob", "alice", "carol", "bob"]

    def test_others_have_their_own_order(self, world, room):
        room, *_ = room
        for nick in ("dave", "erin"):
            assert givers(world, world.enter(nick), room, 1) == ["carol"]

    @pytest.mark.parametrize("bounds", [Bounds(given=2)])
    def test_not_more_is_remembered_than_has_its_bound(self, world, room):
        room, *_ = room
        for nick in ("dave", "erin", "frank"):
            givers(world, world.enter(nick), room, 1)
        assert len(world.service._turns._states._given) == 2


class TestVoid:
    def test_author_is_told_with_the_state(self, world, room):
        room, alice, bob, carol = room
        assert isinstance(give(alice, room, 3, b"the right one"), Ok)
        event = Voided(conversation=room, seq=3, account=account("alice").id, payload=13)
        assert carol.received[-1] == (event, b"the right one")
        assert bob.events(Voided) == []
        assert world.store.state(room, account("alice").id) == State(
            account("alice").id, 3, b"the right one"
        )

    def test_one_account_says_it_once_of_an_entry(self, world, room):
        room, alice, bob, carol = room
        for _ in range(3):
            assert isinstance(give(alice, room, 3), Ok)
        assert len(carol.events(Voided)) == 1
        give(bob, room, 3)
        assert len(carol.events(Voided)) == 2

    def test_nobody_is_told_of_a_state_alone(self, world, room):
        room, alice, *others = room
        give(alice, room)
        assert [other.events(Voided) for other in others] == [[], []]

    def test_who_reads_nothing_is_not_cut_off_by_it(self, world, room):
        room, alice, _, carol = room
        carol.congested = True
        give(alice, room, 3)
        assert carol.events(Voided) == []

    def test_who_is_out_is_told_nothing(self, world, room):
        room, alice, _, carol = room
        world.kick(room, "carol")
        give(alice, room, 3)
        assert carol.events(Voided) == []

    @pytest.mark.parametrize(
        ("seq", "info", "code"),
        [
            (99, b"info", "no_commit"),
            (5, b"info", "no_commit"),
            (0, b"", "bad_request"),
            (0, bytes(limits.COMMIT_SIZE + 1), "too_large"),
        ],
    )
    def test_what_cannot_be_is_refused(self, world, room, seq, info, code):
        room, alice, *_ = room
        alice.append(room)
        assert give(alice, room, seq, info).code == code

    def test_members_alone_give(self, world, room):
        room, alice, *_ = room
        dm = alice.dm("bob")
        dave = world.enter("dave")
        answers = [give(dave, each) for each in (room, dm, fresh_id())]
        assert {(each.code, each.text) for each in answers} == {
            ("not_a_member", "You are not a member of that conversation.")
        }

    def test_full_disk_is_told(self, world, room):
        room, alice, *_ = room
        world.journal.failing = True
        assert give(alice, room).code == "storage_failed"

    def test_states_outlive_the_server(self):
        world = World()
        room, alice, *_ = meet(world, "alice", "bob")
        give(alice, room, 2, b"kept")
        world.start()
        world.timers.advance(EXTERNAL)
        newcomer = world.enter("dave")
        newcomer.turn(room, state=True)
        assert newcomer.received[-1][1] == b"kept"
