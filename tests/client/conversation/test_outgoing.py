from msgspec import UNSET

from geventim.chat.values import Kind
from geventim.client.events import Error, Message, Sent
from geventim.errors import DeniedError, UserError

NO = UserError("no", "No.")


def test_what_one_writes_is_told_when_it_is_queued_and_when_it_is_sent(world, alice, bob):
    alice.say("one", "@bob two")
    world.advance()
    told = alice.own_messages()
    assert [(each.conversation, each.message, each.delivery) for each in told] == [
        ("lobby", "one", "queued"),
        ("lobby", "one", "sent"),
        ("bob", "two", "queued"),
        ("bob", "two", "sent"),
    ]
    sent = {each.message_id: each.seq for each in alice.seen(Sent)}
    assert [(each.seq, each.order) for each in told] == [
        (0, 0),
        (sent[told[1].message_id], 1),
        (0, 0),
        (sent[told[3].message_id], 2),
    ]
    assert [each.message_id for each in bob.seen(Message)] == list(sent)
    assert {each.delivery for each in bob.seen(Message)} == {UNSET}
    assert bob.own_messages() == []


def test_nothing_is_told_of_secrets(world, alice, bob):
    alice.say("@secret bob key meet at ten")
    world.advance()
    assert len(alice.seen(Sent)) == 1
    assert alice.own_messages() == []


def test_what_is_refused_is_told_to_who_waits_for_it(world, alice, bob):
    alice.drop()
    alice.say("one")
    alice.room().parcels.refuse_all(NO)
    alice.tick()
    assert alice.deliveries() == [("one", "queued"), ("one", "refused")]
    assert alice.errors() == ["no"]


def test_what_is_refused_that_an_earlier_process_left_says_why(world, alice, bob):
    alice.drop()
    alice.say("one")
    alice.start()
    alice.events.clear()
    alice.room().parcels.refuse_all(NO)
    alice.tick()
    assert alice.deliveries() == [("one", "refused")]
    (error,) = alice.seen(Error)
    assert error.code == "not_sent"
    text = "What you wrote in 'lobby' earlier was not sent, and is a draft now."
    assert error.text == f"{text} No."
    bob.drop()
    bob.say("two")
    bob.start()
    bob.events.clear()
    bob.room().parcels.refuse_all(DeniedError("not_a_member", case="any_more", name="lobby"))
    bob.tick()
    assert bob.seen(Error)[0].text == f"{text} You are not a member of 'lobby' any more."
    assert alice.room().bookmark.draft == "one"


def test_to_a_person_one_writes_while_there_is_no_connection(world, alice, bob):
    alice.say("@bob one")
    world.advance()
    alice.drop()
    alice.say("@bob two")
    assert alice.deliveries()[2:] == [("two", "queued")]
    dm = alice.conversation(Kind.DM, "bob")
    assert [parcel.content for parcel in dm.parcels.waiting()]
    alice.connect()
    world.advance()
    assert bob.texts("alice") == ["one", "two"]
