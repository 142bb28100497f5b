"""Commits of ours on their way: accepted in their turn, refused and dropped, sent again."""

import pytest

from geventim.chat import requests
from geventim.chat.replies import Appended, Error, Ok
from geventim.client.following.submission import work
from geventim.client.kept.stages import Stage
from geventim.client.measures import USUAL
from geventim.client.sealing.seat import Seat
from geventim.client.steps.effects import Compute
from tests.client.insiders import commit


def newcomer(world, nick="bob"):
    person = world.person(nick)
    person.connect()
    return person


def commits(person):
    return [
        (request, data) for request, data in person.asked if isinstance(request, requests.Commit)
    ]


def refuse_commits(person, code, times):
    """Let the server refuse so many commits of ``person``."""
    refused = []

    def forge(request, payload):
        if isinstance(request, requests.Commit) and len(refused) < times:
            refused.append(request.id)
            yield requests.GiveUpTurn(id=request.id, conversation=request.conversation), b""
        else:
            yield request, payload

    def tamper(message, payload):
        if isinstance(message, Ok) and message.id in refused:
            message = Error(id=message.id, code=code, text="No.")
        yield message, payload

    person.forge, person.tamper = forge, tamper


@pytest.mark.parametrize("code", ["stale_head", "no_turn", "storage_failed"])
def test_what_may_pass_is_tried_again_with_another_commit(world, alice, code):
    bob = world.person("bob")
    refuse_commits(bob, code, 2)
    bob.connect()
    world.advance()
    assert len({request.message_id for request, _ in commits(bob)}) == 3
    assert bob.errors() == []
    world.check_agreement()


def test_what_does_not_pass_is_told(world, alice):
    bob = world.person("bob")
    refuse_commits(bob, "room_full", 1)
    bob.connect()
    world.advance()
    assert bob.agent.ended.reason.code == "room_full"
    assert len(commits(bob)) == 1


def test_a_commit_that_is_always_refused_keeps_nobody_else_from_going_on(world, alice):
    bob = world.person("bob")
    bob.forge = lambda request, payload: [
        (
            requests.Commit(**{**_fields(request), "head": request.head + 100}),
            payload,
        )
        if isinstance(request, requests.Commit)
        else (request, payload)
    ]
    bob.connect()
    world.advance(30)
    assert bob.room().stage is not Stage.ACTIVE
    (carol,) = world.enter("carol")
    alice.say("we go on")
    world.advance()
    assert carol.texts() == ["we go on"]
    assert 3 < len(commits(bob)) < 20, "it tries again, and not all the time"


def _fields(struct):
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def test_a_commit_whose_answer_was_lost_is_sent_again_as_it_was(world, alice):
    bob = newcomer(world)
    while not commits(bob):
        world.step()
    while bob.line.up:
        world.step()
    bob.drop()
    bob.connect()
    world.run()
    first, *again = commits(bob)
    assert all(other[1] == first[1] for other in again)
    assert {other[0].message_id for other in again} <= {first[0].message_id}
    assert bob.room().stage is Stage.ACTIVE
    assert len(list(alice.room().group.members())) == 2
    world.check_agreement()


def test_after_a_restart_too(world, alice):
    bob = newcomer(world)
    while not commits(bob):
        world.step()
    bob.start()
    world.advance()
    assert bob.room().stage is Stage.ACTIVE
    assert len(list(alice.room().group.members())) == 2
    world.check_agreement()


def test_somebody_who_waits_in_line_when_the_connection_breaks_gets_in_line_again(world, alice):
    bob, carol = newcomer(world), newcomer(world, "carol")
    while Stage.QUEUED not in {each.stage for each in bob.agent.context.conversations}:
        world.step()
    bob.drop()
    bob.connect()
    world.advance(6)
    bob.say("here")
    world.advance()
    assert alice.texts() == carol.texts() == ["here"]


def test_a_program_that_dies_in_line_gets_in_line_again(world, alice):
    bob = newcomer(world)
    while Stage.QUEUED not in {each.stage for each in bob.agent.context.conversations}:
        world.step()
    bob.start()
    assert bob.room().stage is Stage.ABSENT
    world.advance()
    bob.say("here")
    world.advance()
    assert alice.texts() == ["here"]


def test_a_member_that_dies_in_line_gets_in_line_again(world, alice, bob):
    world.timers.time += 25 * 3600
    alice.say("after a renewal")
    assert alice.room().stage is Stage.IN_LINE
    alice.start()
    assert alice.room().stage is Stage.ACTIVE
    world.advance(6)
    alice.say("after another one")
    world.advance()
    assert bob.texts() == ["after a renewal", "after another one"]


def test_little_work_is_done_at_once_and_much_elsewhere(alice):
    user, heavy = alice.agent.context.user, USUAL.heavy
    steps = work(user, heavy - 1, lambda: 3)
    with pytest.raises(StopIteration) as stop:
        next(steps)
    assert stop.value.value == 3
    assert isinstance(next(work(user, heavy, lambda: 3)), Compute)


def test_heavy_work_leads_to_the_same(world, alice):
    world.measure(heavy=0)
    (bob,) = world.enter("bob")
    world.timers.time += 25 * 3600
    alice.say("@group set team bob", "@bob hi", "hello")
    world.advance()
    assert bob.texts() == ["hi", "hello"]
    world.check_agreement()


def test_messages_are_read_while_a_commit_is_worked_out(world, alice, bob):
    world.measure(heavy=0)
    world.timers.time += 25 * 3600
    alice.say("after the renewal")
    while alice.room().stage is not Stage.STAGING:
        world.step()
    work_to_do = alice.agent.take_work()
    bob.room().record.renewed = world.timers.time
    bob.say("in between")
    world.run()
    assert alice.texts() == ["in between"]
    for each in work_to_do:
        alice._do(lambda each=each: alice.agent.finished(each, each.wish.call()))
    world.advance()
    assert bob.texts() == ["after the renewal"]
    bob.say("and after")
    world.advance()
    assert alice.texts() == ["in between", "and after"]
    world.check_agreement()


@pytest.mark.parametrize("when", ["before its answer", "after it"])
def test_a_commit_that_is_dropped_on_its_way_is_read_like_any_other(world, alice, bob, when):
    """What comes in between may lead us elsewhere, and the server has taken it all the same."""
    room = alice.room()

    def tamper(message, payload):
        if isinstance(message, Appended) and room.pending is not None:
            if when == "after it":
                room.accept(message.seq)
            room.seat = Seat(room.seat.vantage)
            room.lack_secrets("")
        return [(message, payload)]

    alice.tamper = tamper
    commit(world, alice, "first")
    alice.tamper = None
    world.advance(20)
    bob.say("second")
    world.advance()
    assert world.faults == []
    assert alice.texts() == ["second"]
    assert bob.texts() == ["first"]
    world.check_agreement()
