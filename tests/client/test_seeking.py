"""Being out of step: asking, being lied to, waiting, and getting in anew."""

import pytest

from geventim.chat.replies import Helped
from geventim.chat.requests import Ask, Help, TakeTurn
from geventim.client import seeking
from geventim.client.helping import REPETITION
from geventim.client.seeking import PATIENCE
from geventim.client.stages import Stage
from tests.client.hostile import shut_out
from tests.client.insiders import commit


@pytest.fixture
def lonely(world, alice, bob):
    """Alice is out of step, and bob helps nobody."""
    for person in (alice, bob):
        person.say(f"{person.nick} is here")
    world.advance(20)
    bob.forge = lambda request, payload: [] if isinstance(request, Help) else [(request, payload)]
    shut_out(alice, alice.room())
    world.run()
    return alice


def test_help_is_asked_for_at_once_and_again_and_again(world, lonely):
    assert len(lonely.requests(Ask)) == 1
    world.advance(REPETITION * 2)
    assert len(lonely.requests(Ask)) == 3
    payloads = [payload for request, payload in lonely.asked if isinstance(request, Ask)]
    assert len({payload[-96:-64] for payload in payloads}) == 1, "all with one key"


def test_without_help_one_gets_in_anew(world, lonely):
    world.advance(PATIENCE - 0.1)
    assert lonely.room().stage is Stage.OUTSIDE
    world.advance(1)
    assert lonely.room().stage is Stage.ACTIVE
    world.check_agreement()


def test_after_a_lost_connection_one_asks_with_another_key(world, lonely):
    lonely.drop()
    lonely.connect()
    world.advance(0.2)
    payloads = [payload for request, payload in lonely.asked if isinstance(request, Ask)]
    assert len({payload[-96:-64] for payload in payloads}) == 2


def test_help_that_comes_after_the_next_commit_opens_what_was_written(
    world, alice, bob, monkeypatch
):
    """It is given once: who forgot what it was sealed to would get no other."""
    monkeypatch.setattr(seeking, "PATIENCE", 60)
    (carol,), held = world.enter("carol"), []

    def hold(request, payload):
        if isinstance(request, Help):
            held.append(payload)
            return []
        return [(request, payload)]

    commit(world, bob)
    world.advance(2)
    bob.forge = carol.forge = hold
    shut_out(alice, alice.room())
    bob.say("before")
    world.advance(REPETITION)
    commit(world, carol, "after")
    world.advance(2)
    assert len(alice.room().outlooks) == 1
    for help_ in held:
        alice.tell(Helped(conversation=alice.room().id, payload=len(help_)), help_)
    assert alice.texts()[-2:] == ["before", "after"]


def test_only_so_many_lies_are_tried(world, lonely, monkeypatch):
    monkeypatch.setattr(seeking, "LIES", 3)
    tried = []
    original = seeking.Help.open
    monkeypatch.setattr(seeking.Help, "open", lambda *args: tried.append(args) or original(*args))
    (payload,) = [payload for request, payload in lonely.asked if isinstance(request, Ask)]
    vantage = lonely.room().seat_of().vantage
    lie = seeking.Help(
        1,
        lonely.room().id,
        vantage.public.context.epoch,
        vantage.public.interim_transcript_hash,
        payload[-96:-64],
        bytes(100),
    ).encode()
    for _ in range(10):
        lonely.tell(Helped(conversation=lonely.room().id, payload=len(lie)), lie)
    assert len(tried) == 3
    assert lonely.room().stage is Stage.OUTSIDE


def test_help_that_nobody_asked_for_costs_nothing(world, alice, bob, monkeypatch):
    monkeypatch.setattr(seeking.Help, "open", lambda *_: pytest.fail("it was opened"))
    lie = seeking.Help(1, alice.room().id, 1, bytes(32), bytes(32), bytes(100)).encode()
    alice.tell(Helped(conversation=alice.room().id, payload=len(lie)), lie)
    assert alice.room().stage is Stage.ACTIVE


def test_who_is_helped_takes_no_turn_to_get_in(world, alice, bob):
    before = len(alice.requests(TakeTurn))
    for person in (alice, bob):
        person.say("here")
    world.advance(20)
    bob.room().record.renewed = 0
    bob.say("so that there is a secret to be helped with")
    world.run()
    shut_out(alice, alice.room())
    world.advance(0.2)
    assert alice.room().in_step
    assert len(alice.requests(TakeTurn)) == before
