from typing import get_args

import pytest
from msgspec.structs import replace

from geventim.client import events, stream, wishes
from geventim.client.answers import Done
from geventim.client.events import Delivery, Message, Notice, Sent, Trusted
from geventim.client.people.trust import Standing
from geventim.client.sealing.content import ContentKind
from geventim.client.steps.outbox import Task
from geventim.client.steps.outboxes import Outboxes
from geventim.client.told import OWN, REPLIES, Told, cause

SHARED = {
    events.Announcement,
    stream.Attached,
    stream.Behind,
    stream.Closing,
    events.Connected,
    events.ConversationChanged,
    events.Deleted,
    events.Edited,
    events.Group,
    events.Joined,
    events.KeyChanged,
    events.Left,
    events.Members,
    events.Message,
    events.Reacted,
    events.Read,
    events.Reconnecting,
    events.Secret,
    events.Sent,
    events.StatusChanged,
    events.Transfer,
    events.TimerSet,
    events.Away,
    events.Trusted,
    events.Web,
}
"""What concerns everybody, whoever has caused it."""

OTHER = 7


def spoken(kind=ContentKind.ROOM, *, history=False):
    return Message("lobby", kind, "bob", "hi", 0.0, 1, history=history)


def test_every_event_is_for_all_or_for_who_caused_it():
    assert SHARED.isdisjoint(REPLIES)
    assert {*SHARED, *REPLIES} == set(get_args(stream.AnyEvent))


@pytest.mark.parametrize("event", [spoken(), Trusted("bob", "key", Standing.VERIFIED)])
def test_what_happens_is_for_all(event):
    wish = wishes.Trust(id=3, nick="bob")
    assert Told.of(event, None) == Told(event, None, None, shared=True)
    assert Told.of(event, Task(iter(()), wish=wish, asker=OTHER)) == Told(event, OTHER, 3, True)


@pytest.mark.parametrize(
    "event", [Notice("so"), spoken(history=True), spoken(ContentKind.SECRET)], ids=repr
)
def test_a_reply_is_for_who_caused_it(event):
    assert Told.of(event, Task(iter(()), asker=OTHER)) == Told(event, OTHER, None, shared=False)
    assert Told.of(event, None).shared


def wish_as(person, asker, wish):
    person._do(lambda: person.agent.grant(wish, asker))


def told_of(person, call):
    """What the agent tells when ``call`` is made and everything has come of it."""
    told = []
    take = person.agent.take_told

    def note():
        taken = take()
        told.extend(taken)
        return taken

    person.agent.take_told = note
    call()
    person.world.advance()
    return told


def test_an_answer_is_for_who_has_wished(alice, bob):
    told = told_of(alice, lambda: wish_as(alice, OTHER, wishes.Conversations(id=1)))
    (answer,) = [each for each in told if isinstance(each.item, Done)]
    assert (answer.asker, answer.request, answer.shared) == (OTHER, None, False)


def test_what_a_wish_has_sent_bears_its_id(alice, bob):
    told = told_of(alice, lambda: wish_as(alice, OTHER, wishes.Say(id="x", to="lobby", text="hi")))
    (sent,) = [each for each in told if isinstance(each.item, Sent)]
    assert (sent.asker, sent.request, sent.shared) == (OTHER, "x", True)


def test_what_others_do_bears_none(alice, bob):
    told = told_of(alice, lambda: bob.say("hello"))
    (said,) = [each for each in told if isinstance(each.item, Message)]
    assert (said.asker, said.request, said.shared) == (None, None, True)


def test_a_secret_is_opened_for_one_alone(alice, bob):
    bob.say("@secret alice sesame treasure")
    alice.world.advance()
    wish = wishes.OpenSecret(id=1, number=1, key="sesame")
    told = told_of(alice, lambda: wish_as(alice, OTHER, wish))
    (opened,) = [each for each in told if isinstance(each.item, Done)]
    assert opened.item.done.message == "treasure"
    assert (opened.asker, opened.shared) == (OTHER, False)
    assert len(told) == 1


def test_nobody_waits_for_what_another_one_wants(alice, bob):
    alice.drop()
    wish_as(alice, OWN, wishes.People(id=1))
    wish_as(alice, OTHER, wishes.Say(id=2, to="lobby", text="hi"))
    assert (alice.agent.pending(OWN), alice.agent.pending(OTHER)) == (1, 1)
    alice.connect()
    alice.world.advance()
    assert set(alice.answers()) == {1, 2}


def test_only_what_the_process_itself_was_refused_counts(alice, bob):
    wish_as(alice, OTHER, wishes.Say(id=1, to="nowhere", text="hi"))
    assert alice.agent.refused == 0
    wish_as(alice, OWN, wishes.Say(id=1, to="nowhere", text="hi"))
    assert alice.agent.refused == 1


def test_who_leaves_waits_for_what_others_have_given_before(alice, bob):
    wish_as(alice, OTHER, wishes.Say(id=1, to="lobby", text="before"))
    alice._do(alice.agent.leave)
    wish_as(alice, OTHER, wishes.Say(id=2, to="lobby", text="after"))
    alice.world.advance()
    answers = alice.answers()
    assert (answers[1].seq > 0, answers[2].code) == (True, "leaving")
    assert alice.is_dead


def test_what_becomes_of_a_message_is_said_to_who_wrote_it():
    task = Task(iter(()), asker=OTHER)
    boxes = Outboxes(OTHER, lambda _: None, lambda *_: None)
    own = Message("lobby", ContentKind.ROOM, "alice", "hi", 1.0, 0, message_id="0f" * 16)
    queued = replace(own, delivery=Delivery.QUEUED)
    assert cause(queued, boxes) is None
    boxes.awaiting = lambda message_id: task if message_id == b"\x0f" * 16 else None
    assert cause(queued, boxes) is task
    assert cause(own, boxes) is None, "another one wrote it"
    assert cause(Sent("0f" * 16, 1, "lobby", ContentKind.ROOM, "hi"), boxes) is task
