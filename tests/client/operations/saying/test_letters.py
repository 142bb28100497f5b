"""Which messages wait for a conversation; what becomes of them is in :mod:`..test_speech`."""

from geventim.client.operations.saying import letters


def test_only_what_is_for_somebody_new_has_to_wait_and_only_without_a_connection(world, alice, bob):
    alice.say("@bob hello")
    world.advance()
    assert not letters.is_needed(alice.agent.context, "nobody")
    alice.drop()
    assert letters.is_needed(alice.agent.context, "nobody")
    assert not letters.is_needed(alice.agent.context, "BOB")
