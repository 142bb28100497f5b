"""What is counted in a Redis is what is there, also when several nodes write at once."""

from geventim.chat import limits
from geventim.store.redis.store import RedisStore
from geventim.store.redis.usage import counting
from tests.store.builders import ALICE, BOB, CREW, append, create, do, last


def test_what_had_to_be_written_twice_counts_once(redis_url: str) -> None:
    one, other = RedisStore(redis_url), RedisStore(redis_url)
    try:
        do(one, create(CREW, ALICE, BOB))
        for number in range(4):
            # Neither knows what the other one has written.
            for store in (one, other):
                do(store, append(CREW, ALICE, bytes(10)))
            assert last(one, CREW) == 2 * (number + 1)
        assert one.usage(ALICE.id).stored == 8 * (10 + limits.ENTRY_SIZE)
    finally:
        one.close()
        other.close()


def test_what_is_nothing_is_not_counted() -> None:
    assert counting([], 1) == []
