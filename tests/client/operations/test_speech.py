import pytest

from geventim.client import wishes
from geventim.client.events import Error, Message, Sent
from geventim.client.operations import speech
from geventim.lines.sentences import describe


@pytest.fixture
def wish(world):
    """Wishes for something, and gives what comes of it."""
    count = 0

    def grant(person, kind, **fields):
        nonlocal count
        count += 1
        person.wish(kind(id=count, **fields))
        world.advance()
        return person.answers()[count]

    return grant


OWN_ID = "0f" * 16


def test_what_was_said_already_is_answered_the_same_and_not_said_again(wish, world, alice, bob):
    said = wish(alice, wishes.Say, to="lobby", text="once", message_id=OWN_ID)
    assert said.message_id != OWN_ID
    assert wish(alice, wishes.Say, to="#lobby", text="once", message_id=OWN_ID) == said
    alice.start()
    world.advance()
    assert wish(alice, wishes.Say, to="lobby", text="again", message_id=OWN_ID) == said
    assert bob.texts() == ["once"]
    other = wish(bob, wishes.Say, to="lobby", text="bob's", message_id=OWN_ID)
    assert other.message_id != said.message_id
    assert wish(alice, wishes.Say, to="@bob", text="private", message_id=OWN_ID).seq
    assert alice.texts("lobby") == ["bob's"]
    assert bob.texts("alice") == ["private"]


def test_what_waits_to_be_sent_is_not_queued_twice(world, alice, bob):
    alice.drop()
    for number in (1, 2):
        alice.wish(wishes.Say(id=number, to="lobby", text="once", message_id=OWN_ID))
    alice.start()
    alice.wish(wishes.Say(id=3, to="lobby", text="once", message_id=OWN_ID))
    world.advance()
    alice.wish(wishes.Say(id=4, to="lobby", text="once", message_id=OWN_ID))
    world.advance()
    (message,) = bob.seen(Message)
    found = alice.answers()
    assert found[3] == found[4]
    assert (found[3].message_id, found[3].seq) == (message.message_id, message.seq)


def test_what_was_refused_or_withdrawn_can_be_said_again(wish, world, alice, bob):
    alice.drop()
    alice.wish(wishes.Say(id=901, to="lobby", text="no", message_id=OWN_ID))
    (queued,) = [each for each in alice.events if isinstance(each, Message) and each.is_own]
    alice.wish(wishes.Cancel(id=902, message_id=queued.message_id))
    alice.connect()
    world.advance()
    assert bob.texts() == []
    assert wish(alice, wishes.Say, to="lobby", text="yes", message_id=OWN_ID).seq
    assert bob.texts() == ["yes"]


def test_what_is_said_with_files_has_no_id_of_its_own(wish, alice):
    refused = wish(alice, wishes.Say, to="lobby", text="", files=("/x",), message_id=OWN_ID)
    assert refused.code == "bad_wish"


def own(person):
    """How far messages of their own have come, as it was told."""
    told = (each for each in person.events if isinstance(each, Message) and each.is_own)
    return [(each.message, each.delivery.value) for each in told]


@pytest.fixture
def carol(world):
    """Somebody with whom nobody has a conversation."""
    return world.enter("carol")[0]


def away(alice, *texts, to="@carol"):
    """Have alice write without a connection."""
    alice.drop()
    alice.events.clear()
    for number, text in enumerate(texts, 1):
        alice.wish(wishes.Say(id=number, to=to, text=text, message_id=f"{number:032x}"))


def test_what_is_written_to_somebody_new_outlives_the_process(world, alice, carol):
    away(alice, "one", "two\nlines")
    assert own(alice) == [("one", "queued"), ("two\nlines", "queued")]
    assert (alice.agent.context.queued, alice.agent.unkept) == (2, 0)
    queued = [each for each in alice.events if isinstance(each, Message)]
    alice.start()
    world.advance()
    assert carol.texts("alice") == ["one", "two\nlines"]
    for told in (carol.seen(Message), alice.seen(Sent)):
        assert [each.message_id for each in told] == [each.message_id for each in queued]
    alice.start()
    world.advance()
    assert carol.texts("alice") == ["one", "two\nlines"]
    assert alice.agent.context.queued == 0


def test_it_is_answered_when_there_is_a_connection_again(world, alice, carol):
    away(alice, "hello", to="@Carol")
    alice.connect()
    world.advance()
    (message,) = carol.seen(Message)
    said = alice.answers()[1]
    assert (said.message_id, said.seq) == (message.message_id, message.seq)


def test_nothing_before_it_keeps_it_from_being_kept(world, alice, bob, carol):
    alice.drop()
    alice.wish(wishes.Say(id=1, to="lobby", text="to all"))
    alice.wish(wishes.Say(id=2, to="@carol", text="to you"))
    alice.wish(wishes.People(id=3))
    alice.wish(wishes.Say(id=4, to="@carol", text="again"))
    alice.start()
    world.advance()
    assert (bob.texts("lobby"), carol.texts("alice")) == (["to all"], ["to you", "again"])


def test_it_is_said_once_however_often_it_is_wished_for(world, alice, carol):
    away(alice, "once")
    alice.wish(wishes.Say(id=2, to="@carol", text="once", message_id=f"{1:032x}"))
    alice.start()
    alice.wish(wishes.Say(id=3, to="@carol", text="once", message_id=f"{1:032x}"))
    world.advance()
    (message,) = carol.seen(Message)
    assert alice.answers()[3].message_id == message.message_id


def test_what_cannot_be_delivered_is_told_with_its_text(world, alice):
    away(alice, "is anybody there?", to="@nobody")
    alice.connect()
    world.advance()
    assert alice.answers()[1].code == "user_not_found"
    assert own(alice)[-1] == ("is anybody there?", "refused")
    away(alice, "and now?", to="@nobody")
    alice.start()
    world.advance()
    error = next(each for each in alice.seen(Error) if each.code == "not_sent")
    text = "What you wrote to nobody was not sent: and now? (User 'nobody' not found.)"
    assert describe(error).text == text
    assert own(alice)[-1] == ("and now?", "refused")
    assert alice.agent.context.queued == 0


def test_what_waits_for_a_connection_can_be_cancelled(world, alice, carol):
    away(alice, "no", "yes")
    alice.wish(wishes.Cancel(id=3, request=1))
    assert alice.agent.context.queued == 1
    alice.connect()
    world.advance()
    assert carol.texts("alice") == ["yes"]
    assert alice.answers()[1].code == "cancelled"


def test_another_agent_delivers_what_the_one_that_failed_was_to(world, alice, carol, monkeypatch):
    away(alice, "hello")
    alice.survives = True
    monkeypatch.setattr(speech, "what_is_said", _fail)
    alice.wish(wishes.Say(id=9, to="lobby", text="x"))
    monkeypatch.undo()
    assert alice.failures
    world.advance()
    assert carol.texts("alice") == ["hello"]
    assert alice.answers()[1].message_id == carol.seen(Message)[0].message_id


def _fail(*_):
    raise RuntimeError("a fault")
