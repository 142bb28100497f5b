from geventim.client.events import Notice
from geventim.client.operations.threshold import SLOW, Threshold
from geventim.errors import UserError


def threshold(person):
    """The threshold of somebody, and how it ended."""
    ended = []
    return Threshold(person.agent.context, ended.append), ended


def test_it_ends_once_and_is_not_late_then(world, alice):
    made, ended = threshold(alice)
    made.begin()
    assert made.wake_at == world.timers.time + SLOW
    made._done(None)
    assert (ended, made.wake_at, made.poll()) == ([None], None, False)
    made._done(error := UserError("no", "No."))
    assert ended == [None, error]


def test_who_is_not_in_after_a_while_is_told_once(world, alice):
    made, _ = threshold(alice)
    made.begin()
    made.tick()
    world.timers.time += SLOW
    made.tick()
    made.tick()
    told = [event for event in alice.agent.take_events() if isinstance(event, Notice)]
    assert [notice.code for notice in told] == ["entering"]


def test_after_the_connection_nothing_is_late(world, alice):
    made, ended = threshold(alice)
    made.begin()
    made.close()
    assert (made.wake_at, made.poll(), ended) == (None, False, [])
