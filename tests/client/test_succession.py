"""A fault of this program does not end it: nothing is half done, and nothing fails for ever."""

import sys
from collections import Counter

import pytest

import geventim
from geventim.chat.replies import Appended
from geventim.chat.values import Kind
from geventim.client.agent import Agent
from geventim.client.answers import Said
from geventim.client.causes import Cause
from geventim.client.conversation import conversation
from geventim.client.events import Error, Sent
from geventim.client.following import amendment, entries, messages
from geventim.client.kept.stages import Stage
from geventim.client.operations import presence
from geventim.client.wishes import People, Say
from geventim.errors import PeerError, StoreError
from tests.client.faults import (
    SECRET,
    FaultError,
    check_all_is_well,
    failing,
    marks,
    of_alice,
    poison,
    shown,
)
from tests.client.hostile import say
from tests.client.world import World


@pytest.fixture
def alice(alice):
    alice.survives = True
    return alice


class TestAnEntry:
    def test_that_always_fails_is_passed_over_with_one_line(self, world, alice, bob, monkeypatch):
        poison(monkeypatch)
        say(world, bob, "one", SECRET, "two")
        assert shown(alice) == {"one": 1, "two": 1}
        assert len(alice.failures) == 2
        (line,) = alice.seen(Error)
        assert line.code == Cause.PASSED_OVER.code
        assert "tests/" not in line.text
        assert "geventim/client/following/messages.py, line " in line.text
        assert SECRET not in line.text
        check_all_is_well(world, alice, bob, known=["passed_over"])

    def test_that_fails_once_is_taken_after_that(self, world, alice, bob, monkeypatch):
        poison(monkeypatch, times=1)
        say(world, bob, "one", SECRET, "two")
        assert shown(alice) == {"one": 1, SECRET: 1, "two": 1}
        assert alice.errors() == []
        alice.say("@history")
        world.advance()
        check_all_is_well(world, alice, bob)

    def test_ends_no_program_that_is_started_again(self, world, alice, bob, monkeypatch):
        """Nor does it matter whether the first failure was kept."""
        poison(monkeypatch)
        alice.dies = "kept"
        say(world, bob, SECRET)
        assert alice.deaths == 1
        assert alice.errors() == [Cause.PASSED_OVER.code]
        check_all_is_well(world, alice, bob, known=["passed_over"])

    def test_whose_changes_cannot_be_kept_is_passed_over(self, world, alice, bob, monkeypatch):
        show = messages._show

        def spoil(talk, entry, opened):
            show(talk, entry, opened)
            if "poison" in opened.heard.said.message:
                talk.record.accepted = 2**70

        monkeypatch.setattr(messages, "_show", spoil)
        say(world, bob, "one", SECRET, "two")
        assert shown(alice) == {"one": 1, "two": 1}
        assert set(alice.errors()) == {"failed_here", Cause.PASSED_OVER.code}
        assert len(alice.failures) == 3
        check_all_is_well(world, alice, bob, known=["failed_here", "passed_over"])

    def test_of_another_version_is_tried_again(self, world, alice, bob, monkeypatch):
        with monkeypatch.context() as broken:
            poison(broken)
            go_on = alice._go_on

            def go_on_once(error):
                go_on(error)
                if len(alice.failures) == 2:
                    alice.drop()

            alice._go_on = go_on_once
            say(world, bob, SECRET)
            assert (len(alice.failures), len(marks(alice))) == (2, 1)
        monkeypatch.setattr(geventim, "__version__", "1000.0")
        alice.start()
        world.advance()
        assert shown(alice) == {SECRET: 1}
        assert alice.errors() == []

    @pytest.mark.parametrize("error", [MemoryError, StoreError, PeerError])
    def test_is_never_passed_over_for_want_of_memory_or_storage(
        self, world, alice, bob, monkeypatch, error
    ):
        def fail(*_, **__):
            raise error("no more")

        with monkeypatch.context() as broken:
            broken.setattr(entries.messages, "take", fail)
            for _ in range(4):
                try:
                    say(world, bob, "hello")
                    alice.start()
                    world.advance()
                except error:
                    continue
        assert marks(alice) == []
        alice.start()
        world.faults.clear()
        world.advance()
        assert shown(alice) == {"hello": 4} or len(alice.texts()) >= 1
        assert alice.failures == []
        check_all_is_well(world, alice, bob)

    def test_counts_like_any_other_when_it_is_passed_over(self, world, alice, bob, monkeypatch):
        """The next message of its author does not say that one is missing."""
        say(world, bob, "before")
        poison(monkeypatch)
        for _ in range(3):
            say(world, bob, SECRET, "after")
        assert shown(alice) == {"before": 1, "after": 3}
        assert alice.errors() == [Cause.PASSED_OVER.code] * 3

    def test_that_is_a_commit_leaves_us_to_get_in_anew(self, world, alice, bob, monkeypatch):
        take = entries.commits.take
        monkeypatch.setattr(entries.commits, "take", failing(take, of_alice, 2))
        world.enter("carol")
        world.advance(60)
        assert Cause.PASSED_OVER.code in alice.errors()
        assert len(alice.failures) == 2
        check_all_is_well(world, alice, bob, known=alice.errors())

    def test_that_says_somebody_has_left_keeps_them_out(self, world, alice, bob, monkeypatch):
        (carol,) = world.enter("carol")
        departed = failing(entries._take_departure, of_alice, 2)
        monkeypatch.setattr(entries, "_take_departure", departed)
        carol.say("@leave")
        world.advance(60)
        assert Cause.PASSED_OVER.code in alice.errors()
        say(world, alice, "carol is gone")
        account = carol.agent.context.user.account
        people = conversation.roster.members(alice.room().seat_of().tree)
        assert account not in people
        check_all_is_well(world, alice, bob, known=alice.errors())

    def test_that_deletes_a_group_leaves_us_outside(self, world, alice, bob, monkeypatch):
        say(world, bob, "@group set team alice", "@group send team hello")
        monkeypatch.setattr(entries, "_take_delete", failing(entries._take_delete, of_alice))
        say(world, bob, "@group delete team")
        team = alice.conversation(Kind.GROUP, "team")
        assert team.seat is None
        assert (team.stage, team.record.member) == (Stage.ABSENT, False)
        check_all_is_well(world, alice, bob, known=["passed_over"])

    def test_that_fails_even_when_it_is_passed_over_ends_nothing(
        self, world, alice, bob, monkeypatch
    ):
        poison(monkeypatch)
        monkeypatch.setattr(entries, "pass_over", failing(entries.pass_over))
        say(world, bob, "one", SECRET, "two")
        assert shown(alice) == {"one": 1, "two": 1}
        check_all_is_well(world, alice, bob, known=["passed_over", "gap"])


class TestOtherFaults:
    def test_what_is_told_of_people_ends_nothing(self, world, alice, bob, monkeypatch):
        (carol,) = world.enter("carol")
        with monkeypatch.context() as broken:
            broken.setattr(
                presence,
                "tell",
                failing(presence.tell, lambda context, _: context.user.nick == "alice"),
            )
            for status in ("dnd", "away", "normal"):
                say(world, carol, f"@status {status}")
        assert alice.errors() == ["failed_here"], "one line for all of them"
        check_all_is_well(world, alice, bob, known=["failed_here"])

    def test_a_line_that_fails_is_not_tried_again(self, world, alice, bob, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr(presence, "ask_names", failing(presence.ask_names, times=1))
            alice.say("one", "@names", "two")
            world.advance()
        assert len(alice.failures) == 1
        assert bob.texts() == ["one", "two"]
        check_all_is_well(world, alice, bob, known=["failed_here"])

    def test_what_is_due_in_one_conversation_stops_that_one_alone(
        self, world, alice, bob, monkeypatch
    ):
        say(world, alice, "@group set team bob", "@group send team hello")

        def renew(talk):
            if talk.name == "team":
                raise FaultError(SECRET)
            return is_owed(talk)

        is_owed = amendment.is_owed
        with monkeypatch.context() as broken:
            broken.setattr(amendment, "is_owed", renew)
            alice.say("@group send team one")
            world.advance()
            assert len(alice.failures) == 2
            assert alice.conversation(Kind.GROUP, "team").is_stopped_for(Cause.FAILED_HERE)
            say(world, alice, "two")
            assert bob.texts() == ["hello", "two"]
        say(world, alice, "@rejoin team")
        world.advance(60)
        say(world, alice, "@group send team three")
        assert bob.texts()[-1] == "three"
        check_all_is_well(world, alice, bob, known=alice.errors())


class TestLines:
    def test_that_had_not_taken_effect_do_afterwards_each_once(
        self, world, alice, bob, monkeypatch
    ):
        poison(monkeypatch, times=1)
        alice.say("one", "two", "@status dnd", "three")
        bob.say(SECRET)
        alice.say("four")
        world.advance()
        assert bob.texts() == ["one", "two", "three", "four"]
        assert len(alice.failures) == 1
        assert Counter(sent.message for sent in alice.seen(Sent)) == Counter(bob.texts())

    def test_go_where_they_were_meant_to_go(self, world, alice, bob, monkeypatch):
        say(world, bob, "@create room den")
        say(world, alice, "@join den", "@join lobby", "@join den")
        poison(monkeypatch, times=1)
        bob.say(SECRET)
        alice.say("in the den")
        world.advance()
        say(world, alice, "there as well")
        assert bob.texts("den") == ["in the den", "there as well"]
        assert bob.texts("lobby") == []

    def test_that_leave_still_leave(self, world, alice, bob, monkeypatch):
        poison(monkeypatch, times=1)
        bob.say(SECRET)
        alice.say("goodbye", "@quit")
        world.advance()
        assert bob.texts() == ["goodbye"]
        assert alice.is_dead


@pytest.mark.parametrize("kind", ["message", "commit", "leave", "dm"])
def test_wherever_it_fails_nothing_is_half_done(kind, monkeypatch):
    """It fails once, at one call after the other of all that taking an entry consists of."""
    call = 0
    while _fails_at(call, kind, monkeypatch):
        call += 13
    assert call > 13 * 5


def _fails_at(call, kind, monkeypatch):
    """Whether there were so many calls; if so, the program failed with the last of them."""
    world = World()
    alice, bob = world.enter("alice", "bob")
    if kind != "message":
        world.enter("carol")
    alice.survives = True
    left = [call]

    def trace(frame, event, _):
        if event == "call" and "geventim/client" in frame.f_code.co_filename:
            left[0] -= 1
            if left[0] < 0:
                sys.setprofile(None)
                raise FaultError(SECRET)

    receive = Agent.receive

    def fail_in_it(agent, record):
        if agent.context.user.nick == "alice" and left[0] >= 0:
            sys.setprofile(trace)
        try:
            receive(agent, record)
        finally:
            sys.setprofile(None)

    with monkeypatch.context() as broken:
        broken.setattr(Agent, "receive", fail_in_it)
        if kind == "message":
            bob.say("one", "two")
        elif kind == "dm":
            bob.say("@alice one", "@alice two")
        elif kind == "commit":
            world.people["carol"].say("@leave", "@join lobby")
        else:
            world.people["carol"].say("@leave")
        world.advance(60)
    world.advance(60)
    if kind in {"message", "dm"}:
        assert alice.texts() == ["one", "two"]
    alice.say("and I?")
    bob.say("hello")
    world.advance(60)
    assert alice.texts()[-1] == "hello"
    assert bob.texts()[-1] == "and I?"
    world.check_agreement()
    assert not world.faults
    # What fails while a commit is weighed makes it void for us: then others tell us what it is.
    assert set(alice.errors()) <= {"failed_here", "void"}
    return bool(alice.failures)


class TestWishes:
    """Each is answered once, whoever answers."""

    def test_one_with_which_the_program_fails_is_refused_and_the_others_are_granted(
        self, world, alice, bob, monkeypatch
    ):
        with monkeypatch.context() as broken:
            broken.setattr(presence, "ask_names", failing(presence.ask_names, times=1))
            alice.wish(People(id=1), Say(id=2, to="lobby", text="hello"), People(id=3))
            world.advance()
        assert alice.answers()[1].code == "failed_here"
        assert alice.answers()[3].names == ("alice", "bob")
        assert isinstance(alice.answers()[2], Said)
        assert bob.texts() == ["hello"]

    def test_one_whose_message_is_on_its_way_is_answered_by_the_next_agent(
        self, world, alice, bob, monkeypatch
    ):
        alice.drop()
        alice.connect()
        world.advance()
        alice.tamper = lambda message, payload: (
            [] if isinstance(message, Appended) else [(message, payload)]
        )
        alice.wish(Say(id=1, to="lobby", text="hello"))
        world.step()
        with monkeypatch.context() as broken:
            broken.setattr(presence, "tell", failing(presence.tell, of_alice, times=1))
            say(world, bob, "@status away")
        alice.tamper = None
        world.advance()
        assert isinstance(alice.answers()[1], Said)
        assert bob.texts() == ["hello"]
