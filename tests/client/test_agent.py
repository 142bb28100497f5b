import random

import msgspec
import pytest

from geventim.chat import codec, replies, requests
from geventim.chat.replies import ConversationInfo
from geventim.chat.values import Kind
from geventim.client.agent import Agent
from geventim.client.events import (
    Announcement,
    Connected,
    Error,
    Message,
    Notice,
    Sent,
)
from geventim.client.kept.memory import Memory
from geventim.client.operations.threshold import SLOW
from geventim.client.phases import Phase
from geventim.client.wishes import People, Say
from geventim.errors import MisuseError, PeerError, StoreError, UserError
from tests.client.person import SERVER_KEY, waiting
from tests.client.surroundings import START
from tests.client.world import World


def test_an_announcement(alice):
    alice.tell(replies.Announcement(text="The server restarts at noon."))
    assert alice.news() == [Announcement("The server restarts at noon.")]


def test_a_newer_login_ends_this_one(world, alice):
    alice.tell(replies.Superseded())
    assert alice.agent.ended.reason.code == "superseded"
    alice.tell(replies.Announcement(text="not shown"))
    alice.agent.disconnected()
    assert alice.agent.phase is Phase.ENDED
    assert alice.news() == []
    with pytest.raises(MisuseError):
        alice.agent.connected()


def test_who_is_dismissed_is_told_why_and_ends(alice):
    alice.tell(replies.Dismissed("banned", "You are banned.", "Ask them."))
    error = alice.agent.ended.reason
    assert (error.code, error.text, error.advice) == ("banned", "You are banned.", "Ask them.")
    assert alice.agent.phase is Phase.ENDED


def test_events_of_later_versions_are_left_out(alice):
    class Parade(msgspec.Struct, tag="parade", tag_field="type"):
        floats: int

    alice.agent.receive(codec.encode(Parade(3)))
    alice.tell(replies.Announcement(text="hi"))
    assert alice.news() == [Announcement("hi")]


@pytest.mark.parametrize(
    "header",
    [
        b'{"type":"entry","seq":1}',
        b'{"type":"presence","changes":[{"nick":1}]}',
        b'{"type":"ok","id":99,"x":1}',
        b'{"type":"unheard-of","id":1}',
        b"[]",
        b"\xff",
    ],
)
def test_what_cannot_be_left_out_is_the_servers_fault(alice, header):
    with pytest.raises(PeerError):
        alice.agent.receive(len(header).to_bytes(4, "big") + header)


def test_who_is_not_let_in_for_long_is_told_so_once(world, alice):
    dora = world.person("dora")
    held = []

    def hold(message, payload):
        if isinstance(message, replies.Turn):
            held.append((message, payload))
            return []
        return [(message, payload)]

    dora.tamper = hold
    dora.connect()
    world.advance(SLOW - 1)
    assert dora.notices() == []
    world.advance(60.0)
    assert dora.notices() == [
        "You are not in 'lobby' yet; the client goes on trying. What you type waits."
    ]


def test_connected_comes_again_with_every_connection(world, alice):
    alice.drop()
    alice.connect()
    world.run()
    assert alice.news() == [Connected("alice", "127.0.0.1:5555", "lobby")]


def test_a_reply_that_does_not_fit_loses_no_line(world, alice, bob):
    def lie(message, payload):
        if isinstance(message, replies.Appended):
            message = replies.Ok(id=message.id)
        yield message, payload

    alice.tamper = lie
    alice.say("hi")
    world.run()
    assert not alice.is_connected
    alice.tamper = None
    alice.connect()
    world.run()
    assert [event.message for event in alice.seen(Sent)] == ["hi"]
    assert bob.texts() == ["hi"]


def test_a_reply_with_a_forged_name_sends_nothing_and_says_so(world, alice, bob):
    def lie(message, payload):
        if isinstance(message, replies.Opened):
            forged = ConversationInfo(b"x" * 16, Kind.DM, "a b", b"i" * 16)
            message = replies.Opened(id=message.id, conversation=forged)
        yield message, payload

    alice.tamper = lie
    alice.say("@bob hi")
    world.run()
    assert [event.code for event in alice.news()] == ["bad_server"]
    assert bob.texts() == []


def test_a_line_that_cannot_be_read_is_told_in_its_turn(world, alice):
    alice.say("one")
    alice.reject(UserError("not_text", "That line is no text."))
    assert alice.news() == []
    world.run()
    sent, error = alice.news()
    assert isinstance(sent, Sent)
    assert error == Error("not_text", "That line is no text.")


def test_blank_lines_mean_nothing(alice):
    alice.say("", "   ", "\t")
    assert waiting(alice) == []
    assert alice.undelivered == 0


def test_notices_show_no_prefix(alice):
    alice.say("@status")
    assert alice.news() == [Notice("Your current status is 'normal'.")]


class TestLeaving:
    def test_it_is_said_after_all_lines(self, world, alice, bob):
        alice.say("one", "@quit", "too late")
        assert waiting(alice) == [requests.Append]
        assert alice.undelivered == 1
        world.run()
        assert alice.agent.ended.reason is None
        assert alice.undelivered == 0
        assert bob.texts() == ["one"]

    def test_a_connection_that_ends_first_is_as_good(self, alice):
        alice.say("@quit")
        assert waiting(alice) == [requests.Quit]
        alice.drop()
        assert alice.agent.ended.reason is None

    def test_with_nobody_to_tell_it_is_over_at_once(self, alice):
        alice.drop()
        alice.agent.leave()
        assert alice.agent.ended.reason is None

    def test_with_nobody_to_tell_lines_are_still_waited_for(self, world, alice, bob):
        alice.drop()
        alice.say("one")
        alice.agent.leave()
        assert alice.agent.ended is None
        assert alice.undelivered == 1
        alice.connect()
        world.run()
        assert alice.agent.ended.reason is None
        assert bob.texts() == ["one"]

    def test_before_the_first_connection_it_waits(self, world):
        alice = world.person("alice")
        alice.agent.leave()
        assert alice.agent.ended is None
        alice.connect()
        world.run()
        assert alice.agent.ended.reason is None

    def test_a_key_that_was_asked_for_is_not_waited_for(self, world, alice, bob):
        alice.say("@secret bob key text")
        world.run()
        bob.say("@open 1")
        assert bob.lines.hides_input
        bob.leave()
        assert not bob.lines.hides_input


def test_a_moved_phase_is_one_that_may_follow(world):
    agent = Agent(world.person("x").profile, Memory({}), clock=lambda: START, random=bytes)
    with pytest.raises(MisuseError):
        agent.disconnected()


def test_what_is_kept_and_damaged_is_the_stores_fault(world, alice):
    for name in alice.kept:
        if name.startswith(("talk/", "group/")):
            damaged = {**alice.kept, name: alice.kept[name][:-1]}
            with pytest.raises(StoreError):
                Agent(alice.profile, Memory(damaged), clock=lambda: START, random=bytes)


def test_work_that_fails_is_told(world, alice, bob, monkeypatch):
    def fail(*_):
        raise UserError("too_slow", "That takes too long.")

    monkeypatch.setattr("geventim.client.sealing.secret.stretch", fail)
    alice.say("@secret bob key text")
    world.run()
    assert alice.news() == [Error("too_slow", "That takes too long.")]


def converse(seed: int, breaks: set[int]) -> World:
    """Let two people talk over lines that break after some deliveries."""
    world, dice = World(seed), random.Random(seed)
    people = world.enter("alice", "bob")
    words = {person.nick: [f"{person.nick} {n}" for n in range(6)] for person in people}
    for count in range(2000):
        for person in people:
            if words[person.nick] and dice.random() < 0.2:
                person.say(words[person.nick].pop(0))
        if count in breaks:
            dice.choice(people).drop()
        for person in people:
            if not person.is_connected:
                person.connect()
        if not world.step() and not any(words.values()):
            break
    world.advance()
    return world


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_lost_doubled_or_misordered_wherever_the_connection_breaks(seed):
    for step in range(1, 40, 4):
        world = converse(seed, {step, step + 7, step + 8})
        for nick, other in (("alice", "bob"), ("bob", "alice")):
            said = [f"{nick} {n}" for n in range(6)]
            assert [event.message for event in world.people[nick].seen(Sent)] == said, step
            assert world.people[other].texts() == said, step
        assert world.faults == []


def test_the_server_key_is_the_one_that_was_given(alice):
    assert alice.agent.context.user.profile.server_key == SERVER_KEY
    assert alice.seen(Message) == []


def test_leaving_waits_for_what_an_earlier_session_has_sealed(world, alice, bob):
    alice.say("the last word")
    assert len(waiting(alice)) == 1
    alice.drop()
    world.enter("carol")
    alice.start()
    alice.agent.leave()
    world.advance()
    assert alice.agent.ended.reason is None
    assert bob.texts() == ["the last word"]


class TestWishes:
    def test_what_is_wished_while_away_is_answered_once_after_the_return(self, world, alice, bob):
        alice.drop()
        alice.wish(Say(id=1, to="lobby", text="one"), People(id="two"))
        alice.say("three")
        world.advance()
        assert alice.answers() == {}
        alice.connect()
        world.advance()
        assert set(alice.answers()) == {1, "two"}
        assert bob.texts() == ["one", "three"]

    def test_a_refusal_counts_like_that_of_a_line(self, world, alice):
        before = alice.refused
        alice.wish(Say(id=1, to="nowhere", text="one"))
        world.advance()
        assert alice.answers()[1].code == "unknown_name"
        assert alice.refused == before + 1
        assert alice.errors() == []

    def test_who_is_about_to_leave_grants_nothing_more(self, world, alice):
        alice.agent.leave()
        alice.wish(People(id=1))
        assert alice.answers()[1].code == "leaving"

    def test_a_secret_that_waits_for_its_key_waits_while_programs_wish(self, world, alice, bob):
        bob.say("@secret alice key hush")
        world.advance()
        alice.say("@open 1")
        alice.wish(Say(id=1, to="lobby", text="key"))
        world.advance()
        assert bob.texts() == ["key"]
        assert alice.lines.hides_input
        alice.say("key")
        world.advance()
        assert alice.texts("bob") == ["hush"]
