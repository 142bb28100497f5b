"""Wishes that somebody does not want any more."""

import pytest

from geventim.client.answers import Said
from geventim.client.wishes import People, Say
from geventim.errors import UserError

OTHER = 7


def wish(person, *wanted, asker=OTHER):
    for each in wanted:
        person._do(lambda each=each: person.agent.grant(each, asker))


def cancel(person, request, asker=OTHER):
    person._do(lambda: person.agent.cancel(request, asker))


def test_what_has_not_begun_is_not_done(world, alice, bob):
    alice.drop()
    wish(
        alice, People(id=1), Say(id=2, to="lobby", text="not this"), Say(id=3, to="lobby", text="x")
    )
    cancel(alice, 2)
    assert alice.answers()[2].code == "cancelled"
    alice.connect()
    world.advance()
    assert bob.texts() == ["x"]
    assert isinstance(alice.answers()[3], Said)


def test_a_message_that_waits_to_be_sealed_is_not_sent(world, alice, bob):
    alice.room().parcels.next_for = lambda _: None
    wish(alice, Say(id=1, to="lobby", text="not this"))
    cancel(alice, 1)
    del alice.room().parcels.next_for
    world.advance()
    assert alice.answers()[1].code == "cancelled"
    assert bob.texts() == []


def test_what_has_left_cannot_be_cancelled(world, alice, bob):
    wish(alice, Say(id=1, to="lobby", text="gone"))
    with pytest.raises(UserError) as caught:
        cancel(alice, 1)
    assert caught.value.code == "too_late"
    world.advance()
    assert bob.texts() == ["gone"]
    with pytest.raises(UserError):
        cancel(alice, 1)


def test_nobody_cancels_for_another(world, alice, bob):
    alice.drop()
    wish(alice, Say(id=1, to="lobby", text="mine"))
    with pytest.raises(UserError):
        cancel(alice, 1, asker=8)
    alice.connect()
    world.advance()
    assert bob.texts() == ["mine"]
