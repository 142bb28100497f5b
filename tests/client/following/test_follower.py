"""Following a log: subscribing, catching up, being contradicted, and not asking too often."""

import msgspec
import pytest

from geventim.chat import limits, requests
from geventim.chat.replies import (
    Added,
    Asks,
    Error,
    Helped,
    StateWanted,
    Subscribed,
    Voided,
)
from geventim.client import events
from geventim.client.causes import Cause
from geventim.client.kept.stages import Stage

replace = msgspec.structs.replace


def say(world, person, *lines):
    person.say(*lines)
    world.advance()


def subscriptions(person):
    return person.requests(requests.Subscribe)


def once(kind, change):
    """A server that changes one answer."""
    done = []

    def tamper(message, payload):
        if isinstance(message, kind) and not done:
            done.append(message)
            message = change(message)
        yield message, payload

    return tamper


def come_back(world, person, tamper=None):
    person.drop()
    person.tamper = tamper
    person.connect()
    world.advance()


def test_it_goes_on_where_it_was_with_the_hash_of_what_was_read(world, alice, bob):
    say(world, bob, "one")
    position = alice.room().record.position
    come_back(world, alice)
    (again,) = subscriptions(alice)[1:]
    assert (again.after, again.hash) == (position.seq, position.hash)


def test_more_than_a_page_is_read_in_order(world, alice, bob):
    alice.drop()
    texts = [str(number) for number in range(limits.PAGE_ENTRIES + 20)]
    world.enter("carol")
    for start in range(0, len(texts), 90):
        say(world, bob, *texts[start : start + 90])
    come_back(world, alice)
    assert alice.texts() == texts
    assert alice.errors() == []


def test_another_history_stops_it(world, alice, bob):
    say(world, bob, "one")
    alice.room().record.position.hash = b"h" * 32
    come_back(world, alice)
    assert alice.room().stage is Stage.STOPPED
    assert alice.errors() == [Cause.REPLACED_HISTORY.code]
    assert alice.seen(events.Connected) != []


def test_a_server_that_says_itself_that_it_has_another_history(world, alice, bob):
    refusal = Error(id=0, code="other_history", text="No.")
    come_back(world, alice, once(Subscribed, lambda message: replace(refusal, id=message.id)))
    assert alice.errors() == [Cause.REPLACED_HISTORY.code]


def test_a_server_that_confirms_another_hash_than_was_asked_for(world, alice, bob):
    come_back(world, alice, once(Subscribed, lambda message: replace(message, hash=b"h" * 32)))
    assert alice.room().stage is Stage.STOPPED


def test_a_server_that_begins_too_early_is_at_fault(world, alice, bob):
    come_back(world, alice, once(Subscribed, lambda message: replace(message, after=0)))
    assert [nick for nick, _ in world.faults] == ["alice"]


def test_a_subscription_that_is_refused_otherwise_means_to_come_again(world, alice, bob):
    refusal = Error(id=0, code="storage_failed", text="No.")
    come_back(world, alice, once(Subscribed, lambda message: replace(refusal, id=message.id)))
    assert [nick for nick, _ in world.faults] == ["alice"]
    come_back(world, alice)
    assert alice.room().stage is Stage.ACTIVE


def test_what_has_expired_is_told_from_where_to_where(world, alice, bob):
    alice.drop()
    say(world, bob, *map(str, range(5)))
    world.expire()
    say(world, bob, "after")
    come_back(world, alice)
    assert alice.texts() == ["after"]
    (error,) = alice.seen(events.Error)
    assert error.text.startswith("The entries 3 to 7 of 'lobby' have expired")
    world.check_agreement()


def test_somebody_whose_log_has_expired_to_the_end_can_still_send(world, alice, bob):
    alice.drop()
    say(world, bob, *map(str, range(5)))
    world.expire()
    come_back(world, alice)
    say(world, alice, "hello")
    assert bob.texts() == ["hello"]


def test_what_is_said_beside_a_log_that_we_do_not_follow_is_let_pass(world, alice, bob):
    room = alice.room()
    room.stop(Cause.REPLACED_HISTORY)
    asks = Asks(conversation=room.id, accounts=(b"a" * 16,), sizes=(3,), payload=3)
    for event in (
        asks,
        Helped(conversation=room.id, payload=3),
        StateWanted(conversation=room.id),
        StateWanted(conversation=b"x" * 16),
        Voided(conversation=room.id, seq=1, account=b"a" * 16, payload=3),
    ):
        alice.tell(event, b"abc" if hasattr(event, "payload") else b"")
    assert world.faults == []
    assert room.stage is Stage.STOPPED


def test_nonsense_beside_the_log_changes_nothing(world, alice, bob):
    room = alice.room()
    before = len(alice.asked)
    for payload in (b"", b"abc", bytes(200), bytes(600)):
        size = len(payload)
        account = bob.agent.context.user.account
        alice.tell(
            Asks(conversation=room.id, accounts=(account,), sizes=(size,), payload=size), payload
        )
        alice.tell(Helped(conversation=room.id, payload=size), payload)
        alice.tell(Voided(conversation=room.id, seq=1, account=account, payload=size), payload)
    world.run()
    assert room.stage is Stage.ACTIVE
    assert len(alice.asked) == before
    assert world.faults == []


def test_being_told_of_it_again_changes_nothing(world, alice, bob):
    room = alice.room()
    known = room.latest
    before = len(subscriptions(alice))
    alice.tell(Added(conversation=replace(known, member=True)))
    world.run()
    assert len(subscriptions(alice)) == before


def test_who_is_no_member_any_more_and_has_read_everything_is_out(world, alice, bob):
    room = alice.room()
    known = replace(room.latest, member=False, head=0)
    alice.tell(Added(conversation=known))
    assert room.stage is Stage.ABSENT


@pytest.mark.parametrize("stage", [Stage.QUEUED, Stage.IN_LINE])
def test_a_turn_is_given_up_when_it_is_not_needed_any_more(world, alice, bob, stage):
    """Both want to begin; one is let in by the other while waiting in line."""
    if stage is Stage.QUEUED:
        alice.say("@bob one")
        bob.say("@alice two")
    else:
        world.timers.time += 25 * 3600
        alice.say("one")
        bob.say("two")
    world.advance()
    assert {*alice.texts(), *bob.texts()} == {"one", "two"}
    assert world.service._turns._lines == {}
