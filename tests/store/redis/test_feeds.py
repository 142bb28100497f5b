"""Feeds, the board, leases and the key of a service in a real Redis."""

from collections.abc import Iterator

import pytest
import redis

from geventim.log.outcomes import Appended
from geventim.log.shared import SharedStore, unpack_appended
from geventim.store.redis.bounds import USUAL, Bounds
from geventim.store.redis.store import RedisStore
from tests.redis_process import RedisProcess
from tests.store.builders import ALICE, BOB, CREW, LOBBY, append, apply, create, do


@pytest.fixture
def bounds() -> Bounds:
    return USUAL


@pytest.fixture
def nodes(redis_url: str, bounds: Bounds) -> Iterator[tuple[SharedStore, SharedStore]]:
    one, other = RedisStore(redis_url, bounds), RedisStore(redis_url, bounds)
    yield one, other
    one.close()
    other.close()


def feed(store: SharedStore) -> str:
    """Where entries of the crew come out."""
    return store.feeds[CREW.id[0] % len(store.feeds)]


def test_entries_come_out_of_their_feed_in_order(nodes: tuple[SharedStore, SharedStore]) -> None:
    one, other = nodes
    do(one, create(CREW, ALICE, BOB))
    assert one.last(feed(one)) is None
    written = [apply(node, append(CREW, ALICE, b"text")) for node in (one, other, one)]
    items = one.read(feed(one), 0)
    assert [item.number for item in items] == [1, 2, 3]
    assert [item.node for item in items] == [one.node, other.node, one.node]
    assert [unpack_appended(item.data) for item in items] == written
    assert one.read(feed(one), 2) == items[2:]
    assert other.last(feed(other)) == items[-1]


def test_repetition_comes_out_once(nodes: tuple[SharedStore, SharedStore]) -> None:
    one, other = nodes
    do(one, create(CREW, ALICE, BOB))
    message = append(CREW, ALICE, b"once")
    apply(one, message)
    assert apply(other, message) == Appended(apply(one, message).entry, repeated=True)
    last = one.last(feed(one))
    assert last is not None
    assert last.number == 1


def test_numbers_have_no_gap_when_old_items_are_dropped(
    nodes: tuple[SharedStore, SharedStore], redis_process: RedisProcess
) -> None:
    one, _ = nodes
    for text in (b"a", b"b", b"c"):
        one.post(text)
    with redis.Redis(port=redis_process.port) as client:
        client.xtrim(one.board, maxlen=1, approximate=False)
    one.post(b"d")
    items = one.read(one.board, 0)
    assert [(item.number, item.data) for item in items] == [(3, b"c"), (4, b"d")]


@pytest.mark.parametrize("bounds", [Bounds(wait=1)])
def test_reading_ends_when_nothing_comes(nodes: tuple[SharedStore, SharedStore]) -> None:
    one, _ = nodes
    assert one.read(one.board, 0) == []


def test_lease_is_one_nodes_until_it_gives_it_back(nodes: tuple[SharedStore, SharedStore]) -> None:
    one, other = nodes
    lease = one.acquire(CREW.id, 60.0)
    assert lease is not None
    assert other.acquire(CREW.id, 60.0) is None
    assert other.acquire(LOBBY.id, 60.0) is not None
    other.release(CREW.id, b"not it")
    assert other.acquire(CREW.id, 60.0) is None
    one.release(CREW.id, lease)
    assert other.acquire(CREW.id, 60.0) is not None


@pytest.mark.parametrize("bounds", [Bounds(wanted=60_000)])
def test_lease_goes_to_the_node_that_has_waited(nodes: tuple[SharedStore, SharedStore]) -> None:
    one, other = nodes
    lease = one.acquire(CREW.id, 60.0)
    assert lease is not None
    assert other.acquire(CREW.id, 60.0) is None
    one.release(CREW.id, lease)
    assert one.acquire(CREW.id, 60.0) is None
    assert other.acquire(CREW.id, 60.0) is not None


def test_lease_ends_by_itself(nodes: tuple[SharedStore, SharedStore]) -> None:
    one, other = nodes
    one.acquire(CREW.id, 0.001)
    while other.acquire(CREW.id, 60.0) is None:
        pass  # it is asked again a round trip later


def test_first_server_key_is_that_of_all(nodes: tuple[SharedStore, SharedStore]) -> None:
    one, other = nodes
    assert one.agree(b"key") == b"key"
    assert other.agree(b"another key") == b"key"
