"""Wishes that somebody does not want any more."""

import pytest

from geventim.client.answers import Said
from geventim.client.events import Error
from geventim.client.wishes import Cancel, People, Say

OTHER = 7


def wish(person, *wanted, asker=OTHER):
    for each in wanted:
        person._do(lambda each=each: person.agent.grant(each, asker))


def cancel(person, asker=OTHER, **fields):
    """Cancel something; the code of the refusal, if that was refused."""
    answer = f"cancel {len(person.answers())}"
    wish(person, Cancel(id=answer, **fields), asker=asker)
    return getattr(person.answers()[answer], "code", "")


def test_what_has_not_begun_is_not_done(world, alice, bob):
    alice.drop()
    wish(
        alice, People(id=1), Say(id=2, to="lobby", text="not this"), Say(id=3, to="lobby", text="x")
    )
    assert cancel(alice, request=2) == ""
    assert alice.answers()[2].code == "cancelled"
    alice.connect()
    world.advance()
    assert bob.texts() == ["x"]
    assert isinstance(alice.answers()[3], Said)


def test_a_message_that_waits_to_be_sealed_is_not_sent(world, alice, bob):
    alice.room().parcels.next_for = lambda _: None
    wish(alice, Say(id=1, to="lobby", text="not this"))
    assert cancel(alice, request=1) == ""
    del alice.room().parcels.next_for
    world.advance()
    assert alice.answers()[1].code == "cancelled"
    assert bob.texts() == []


def test_what_has_left_cannot_be_cancelled(world, alice, bob):
    wish(alice, Say(id=1, to="lobby", text="gone"))
    assert cancel(alice, request=1) == "too_late"
    world.advance()
    assert bob.texts() == ["gone"]
    assert cancel(alice, request=1) == "too_late"


def test_nobody_cancels_for_another(world, alice, bob):
    alice.drop()
    wish(alice, Say(id=1, to="lobby", text="mine"))
    assert cancel(alice, asker=8, request=1) == "too_late"
    alice.connect()
    world.advance()
    assert bob.texts() == ["mine"]


class TestMessages:
    @pytest.fixture
    def message_id(self, alice):
        alice.drop()
        alice.wish(Say(id=50, to="lobby", text="one"))
        return alice.own_messages()[-1].message_id

    def test_what_is_queued_is_never_sent(self, world, alice, bob, message_id):
        assert cancel(alice, message_id=message_id) == ""
        assert alice.answers()[50].code == "cancelled"
        assert alice.deliveries() == [("one", "queued"), ("one", "refused")]
        alice.start()
        world.advance()
        assert bob.texts() == []
        assert cancel(alice, message_id=message_id) == "too_late"

    def test_it_may_have_been_said_by_an_earlier_process(self, world, alice, bob, message_id):
        alice._begin()
        alice.events.clear()
        assert cancel(alice, message_id=message_id) == ""
        assert alice.seen(Error) == []
        alice.start()
        world.advance()
        assert bob.texts() == []

    def test_what_the_server_may_have_stays(self, world, alice, bob, message_id):
        parcels = alice.room().parcels
        parcels.send(parcels.waiting()[0], 0)
        assert cancel(alice, message_id=message_id) == "too_late"
        alice.start()
        world.advance()
        assert bob.texts() == ["one"]

    def test_it_does_not_wait_for_what_waits_for_the_server(self, alice, message_id):
        alice.wish(People(id=51))
        assert cancel(alice, message_id=message_id) == ""
        assert 51 not in alice.answers()
