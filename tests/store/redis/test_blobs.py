"""Blobs in Redis, reserved and changed by several nodes at once."""

import threading

from msgspec.structs import replace

from geventim.log.blobs import BeginBlob, Blob, DropBlob, FinishBlob
from geventim.store.redis.store import RedisStore
from tests.log.test_blobs import BLOB
from tests.store.builders import fresh_id

NODES = 8


def at_once(redis_url, *calls):
    """The outcomes of the changes that each of ``calls`` makes, a node for each of them."""
    stores = [RedisStore(redis_url) for _ in calls]
    outcomes = [[] for _ in calls]
    barrier = threading.Barrier(len(calls))

    def work(index):
        barrier.wait()
        for change in calls[index]:
            outcomes[index] += stores[index].commit([change])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    usage = stores[0].usage(BLOB.account), stores[0].totals()
    for store in stores:
        store.close()
    return [outcome for each in outcomes for outcome in each], *usage


def test_a_quota_holds_when_all_nodes_reserve_at_once(redis_url):
    most = 10 * BLOB.weight
    racing = [
        [
            BeginBlob(replace(BLOB, id=fresh_id(), creation=fresh_id()), most, None, 1_000)
            for _ in range(5)
        ]
        for _ in range(NODES)
    ]
    outcomes, usage, totals = at_once(redis_url, *racing)
    assert sum(isinstance(outcome, Blob) for outcome in outcomes) == 10
    assert usage.files == most
    assert (totals.files, totals.file_bytes) == (10, most)


def test_what_several_finish_and_drop_at_once_is_counted_once(redis_url):
    begin = BeginBlob(BLOB, None, None, 1)
    ways = [[begin, FinishBlob(BLOB.id, 2.0), DropBlob(BLOB.id)] for _ in range(NODES)]
    *_, usage, totals = at_once(redis_url, *ways)
    store = RedisStore(redis_url)
    store.commit([DropBlob(BLOB.id)])
    assert store.usage(BLOB.account).files == 0
    assert store.totals().file_bytes == 0
    again = replace(BLOB, id=fresh_id(), creation=fresh_id())
    assert store.commit([BeginBlob(again, None, None, 1)]) == [again]
    store.close()
    assert usage.files in {0, BLOB.weight}
    assert totals.file_bytes in {0, BLOB.weight}
