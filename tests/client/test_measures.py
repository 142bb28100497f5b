"""What a client goes by: each by its own, and so that it agrees with the server's."""

from geventim.chat import limits
from geventim.client.measures import USUAL
from tests.client.world import QUICK, World


def test_a_stock_is_more_than_the_server_calls_few_and_no_more_than_it_keeps():
    assert limits.FEW_KEY_PACKAGES < USUAL.stock <= limits.KEY_PACKAGES


def test_keys_are_renewed_before_nothing_may_be_sealed_any_more():
    assert USUAL.renewal_count < USUAL.sealed


def test_a_client_goes_by_those_that_it_was_given():
    world = World()
    alice, bob = world.enter("alice", "bob")
    assert alice.agent.context.user.measures is QUICK
    world.measure(renewal_count=1)
    epochs = alice.room().group.epoch
    for text in ("one", "two", "three"):
        alice.say(text)
        world.advance()
    assert alice.room().group.epoch >= epochs + 2
    assert bob.texts() == ["one", "two", "three"]
