"""Messages on their way: sealed once, sent again as they were, sealed anew for another head."""

import msgspec
import pytest

from geventim.chat.replies import Appended, Error
from geventim.chat.requests import Append
from geventim.client.events import Notice, Sent

replace = msgspec.structs.replace


def sent(person):
    return [event.message for event in person.seen(Sent)]


def appends(person):
    return [(request, payload) for request, payload in person.asked if isinstance(request, Append)]


def refuse(code, times):
    """A server that refuses so many appends."""
    left = [times]

    def tamper(message, payload):
        if isinstance(message, Appended) and left[0]:
            left[0] -= 1
            message = Error(id=message.id, code=code, text="No.")
        yield message, payload

    return tamper


def test_each_says_what_its_author_has_seen_and_for_which_head(world, alice, bob):
    alice.say("one", "two")
    world.run()
    assert [request.head for request, _ in appends(alice)] == [2, 2]
    assert len({request.message_id for request, _ in appends(alice)}) == 2
    assert b"one" not in appends(alice)[0][1]


def test_what_was_sealed_for_a_head_that_is_past_is_sealed_anew(world, alice, bob):
    """carol's join is in the log before alice's message, and alice has not seen it yet."""
    carol = world.person("carol")
    held = []

    def delay(message, payload):
        held.append((message, payload))
        return ()

    alice.tamper = delay
    carol.connect()
    world.run()
    alice.say("for those who are there")
    world.run()
    alice.tamper = None
    for message, payload in held:
        alice.tell(message, payload)
    world.run()
    first, second = appends(alice)
    assert first[0].message_id == second[0].message_id
    assert (first[0].head, second[0].head) == (2, 3)
    assert first[1] != second[1]
    assert bob.texts() == carol.texts() == ["for those who are there"]
    assert sent(alice) == ["for those who are there"]


@pytest.mark.parametrize("code", ["storage_failed", "busy"])
def test_what_may_pass_is_sent_again_as_it_was(world, alice, bob, code):
    alice.tamper = refuse(code, 2)
    alice.say("hi")
    world.run()
    assert sent(alice) == []
    world.advance()
    assert sent(alice) == ["hi"]
    assert len({payload for _, payload in appends(alice)}) == 1
    assert len(appends(alice)) == 3
    assert bob.texts() == ["hi"]


def test_a_server_that_cannot_store_is_told_once_and_tried_again_soon(world, alice, bob):
    alice.tamper = refuse("storage_failed", 12)
    alice.say("hi")
    world.advance(11 * 4.0)
    assert sent(alice) == bob.texts() == ["hi"]
    notices = [each for each in alice.news() if isinstance(each, Notice)]
    told = [each.text for each in notices if each.code == "storage_failed"]
    assert len(told) == 1
    assert "what you wrote in lobby is not delivered yet" in told[0]


def test_what_is_refused_for_good_is_told(world, alice, bob):
    alice.tamper = refuse("too_silly", 1)
    alice.say("hi")
    world.run()
    assert Notice("No.", "too_silly") in alice.news()
    assert alice.undelivered == 0
    assert len(alice.room().parcels) == 0


def test_a_lost_answer_makes_no_second_message(world, alice, bob):
    alice.say("hi")
    while alice.line.up:
        world.step()
    alice.drop()
    world.run()
    alice.connect()
    world.run()
    assert sent(alice) == ["hi"]
    assert bob.texts() == ["hi"]
    assert alice.room().record.accepted == 1


def test_after_a_restart_too(world, alice, bob):
    alice.say("hi")
    while alice.line.up:
        world.step()
    alice.start()
    world.run()
    assert sent(alice) == ["hi"]
    assert bob.texts() == ["hi"]
    alice.say("ho")
    world.run()
    assert bob.errors() == []


def test_nothing_is_sealed_before_the_log_was_read(world, alice, bob):
    """A vault of yesterday must not use keys twice: what it wrote since is in the log."""
    alice.drop()
    bob.say(*map(str, range(20)))
    world.run()
    alice.say("mine")
    alice.connect()
    while not appends(alice):
        assert world.step()
    assert alice.room().record.position.seq >= 22
    assert len(alice.texts()) == 20


def test_the_author_takes_what_was_accepted_for_read(world, alice, bob):
    alice.say("hi")
    world.run()
    room = alice.room()
    assert room.record.position.seq == 3
    assert room.record.position.hash == bob.room().record.position.hash
    assert len(room.parcels) == 0
