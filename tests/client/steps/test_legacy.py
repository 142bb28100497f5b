"""What of an agent's orders goes to the next one; see also ``test_succession.py``."""

from geventim.client.wishes import Conversations


def orders(person):
    return [order.message_id for order in person.agent.bequeath().orders]


def test_what_has_not_taken_effect_is_left_to_the_next(world, alice, bob):
    alice.drop()
    alice.say("@names", "@status dnd")
    assert orders(alice) == [b"", b""]
    alice.connect()
    world.advance()
    assert orders(alice) == []


def test_a_message_that_is_on_its_way_is_known_by_its_id(world, alice, bob):
    alice.say("one")
    (sent,) = alice.room().parcels.sent()
    assert orders(alice) == [sent.message_id]
    world.advance()
    assert orders(alice) == []


def test_what_is_not_kept_yet_counts_as_not_done(world, alice, bob):
    alice.agent.grant(Conversations(id=1))
    assert len(orders(alice)) == 1
    alice.tick()
    assert orders(alice) == []


def test_lines_go_on_to_where_they_went(world, alice, bob):
    legacy = alice.agent.bequeath()
    assert (legacy.room, legacy.room_name) == (alice.room().id, "lobby")
    assert (legacy.refused, legacy.failed) == (0, None)
