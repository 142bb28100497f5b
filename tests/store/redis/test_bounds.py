"""A node goes by the bounds that it was given."""

from geventim.store.redis.bounds import USUAL, Bounds
from geventim.store.redis.link import TIMEOUT
from geventim.store.redis.store import RedisStore


def test_a_reader_gives_up_before_redis_is_taken_for_dead() -> None:
    assert USUAL.wait / 1000 < TIMEOUT


def test_replicas_are_given_up_before_redis_is_taken_for_dead() -> None:
    assert USUAL.replica_wait / 1000 < TIMEOUT


def test_each_is_that_of_its_node_alone(redis_url: str) -> None:
    one, other = RedisStore(redis_url, Bounds(wanted=60_000)), RedisStore(redis_url)
    assert one._link._bounds is one._logs._bounds
    assert (one._logs._bounds.wanted, other._logs._bounds) == (60_000, USUAL)
    one.close()
    other.close()
