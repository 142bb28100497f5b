"""A primary Redis and its replica: nothing is answered before both have it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest
import redis
from msgspec.structs import replace

from geventim.errors import StoreError
from geventim.log.changes import AddKeyPackages, Append, Change, TakeKeyPackage
from geventim.log.outcomes import Appended, Taken
from geventim.log.people import AddInvite, Allow, Register, SetOperator
from geventim.store.redis import feeds
from geventim.store.redis.bounds import Bounds
from geventim.store.redis.store import RedisStore
from tests.conftest import PATIENCE
from tests.redis_process import RedisProcess
from tests.store.builders import (
    ALICE,
    BOB,
    CAROL,
    CREW,
    LOBBY,
    append,
    apply,
    commit,
    create,
    do,
    leave,
    refused,
    texts,
    write,
)

Result = TypeVar("Result")

WRITING: list[Change] = [
    Register(BOB),
    SetOperator(ALICE.id),
    AddInvite("code", 1),
    Allow("carol"),
    AddKeyPackages(ALICE.id, (b"package",), 1.0),
    AddKeyPackages(ALICE.id, (b"package",), 1.0, last_resort=True),
    TakeKeyPackage(ALICE.id, 0.0),
    create(CREW, ALICE),
    append(CREW, ALICE, b"text"),
]


PATIENT = Bounds(replica_wait=4_000)
"""Those of a node whose replica answers."""

HASTY = Bounds(replica_wait=200)
"""Those of a node whose replica does not."""


@contextmanager
def still(replica: RedisProcess) -> Iterator[None]:
    """The replica does nothing meanwhile."""
    replica.pause()
    yield
    replica.resume()


@pytest.fixture
def url(own_redis: RedisProcess, own_replica: RedisProcess) -> str:
    return own_redis.url + "?replicas=1"


@pytest.fixture
def store(url: str) -> Iterator[RedisStore]:
    opened = RedisStore(url, PATIENT)
    yield opened
    opened.close()


@pytest.fixture
def hasty(url: str) -> Iterator[RedisStore]:
    opened = RedisStore(url, HASTY)
    yield opened
    opened.close()


def promoted(own_redis: RedisProcess, own_replica: RedisProcess) -> RedisStore:
    """What is left when the primary is lost together with its disk."""
    own_redis.stop()
    own_replica.promote()
    return RedisStore(own_replica.url)


@pytest.mark.parametrize("change", WRITING, ids=lambda change: type(change).__name__)
def test_nothing_is_answered_before_a_replica_has_it(
    own_replica: RedisProcess, store: RedisStore, hasty: RedisStore, change: Change
) -> None:
    do(store, Register(ALICE))
    do(store, AddKeyPackages(ALICE.id, (b"first",), 1.0))
    if isinstance(change, Append):
        do(store, create(CREW, ALICE))
    with still(own_replica), pytest.raises(StoreError, match="0 replicas have answered"):
        hasty.commit([change])
    assert hasty.failures == 1


def test_what_is_repeated_is_waited_for_too(
    own_replica: RedisProcess, store: RedisStore, hasty: RedisStore, url: str
) -> None:
    other = RedisStore(url, HASTY)
    do(store, Register(ALICE))
    do(store, create(CREW, ALICE))
    message = append(CREW, ALICE, b"once")
    with still(own_replica):
        for node in (hasty, hasty, other):
            for change in (message, Register(BOB), create(CREW, ALICE)):
                with pytest.raises(StoreError, match="0 replicas have answered"):
                    node.commit([change])
    assert texts(store, CREW, ALICE) == ["once"]
    assert apply(store, message).repeated
    other.close()


def test_what_was_refused_before_it_was_known_is_waited_for_too(
    own_replica: RedisProcess, store: RedisStore, hasty: RedisStore, url: str
) -> None:
    other = RedisStore(url, HASTY)
    do(store, create(CREW, ALICE, BOB))
    gone = leave(CREW, ALICE)
    with still(own_replica):
        for node in (hasty, other):
            with pytest.raises(StoreError, match="0 replicas have answered"):
                node.commit([gone])
    assert apply(store, gone).repeated
    other.close()


def test_what_was_answered_outlives_the_primary(
    own_redis: RedisProcess, own_replica: RedisProcess, store: RedisStore
) -> None:
    do(store, Register(ALICE))
    do(store, AddKeyPackages(ALICE.id, (b"one", b"two"), 1.0))
    assert do(store, TakeKeyPackage(ALICE.id, 0.0)) == Taken(b"one", 1)
    do(store, create(CREW, ALICE, BOB))
    written = [write(store, append(CREW, ALICE, b"%d" % number)) for number in range(20)]
    assert store.agree(b"key") == b"key"
    left = promoted(own_redis, own_replica)
    assert left.account_named("alice") == ALICE
    assert do(left, TakeKeyPackage(ALICE.id, 0.0)) == Taken(b"two", 0)
    assert left.agree(b"another key") == b"key"
    assert left.conversation(CREW.id) == CREW
    assert list(left.entries(CREW.id, BOB.id, 0).entries) == written
    last = left.last(left.feeds[CREW.id[0] % len(left.feeds)])
    assert last is not None
    assert last.number == 20
    left.close()


def test_nothing_is_read_before_a_replica_has_it(
    own_replica: RedisProcess, store: RedisStore, hasty: RedisStore, url: str
) -> None:
    other = RedisStore(url, HASTY)
    feed = store.feeds[CREW.id[0] % len(store.feeds)]
    do(store, create(CREW, ALICE, BOB))
    write(store, append(CREW, ALICE, b"kept"))
    with still(own_replica):
        with pytest.raises(StoreError):
            hasty.commit([append(CREW, ALICE, b"not yet")])
        for node in (hasty, other):
            with pytest.raises(StoreError, match="0 replicas have answered"):
                node.read(feed, 1)
        store.post(b"what the nodes tell each other is no promise")
        assert [item.number for item in other.read(other.board, 0)] == [1]
    assert other.looks < feeds.LOOKS
    assert [item.number for item in until_it_works(lambda: other.read(feed, 0))] == [1, 2]
    other.close()


def test_what_is_gone_when_the_replica_answers_is_not_read(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch, own_redis: RedisProcess
) -> None:
    do(store, create(CREW, ALICE))
    write(store, append(CREW, ALICE, b"text"))
    write_all = store._link.write_all

    def lose(commands: list[tuple[object, ...]]) -> list[object]:
        own_redis.empty()
        return write_all(commands)

    monkeypatch.setattr(store._link, "write_all", lose)
    with pytest.raises(StoreError, match="has changed"):
        store.read(store.feeds[CREW.id[0] % len(store.feeds)], 0)


def test_batch_is_waited_for_once(
    own_redis: RedisProcess, own_replica: RedisProcess, store: RedisStore
) -> None:
    others = [type(CREW)(bytes([n]) * 16, CREW.kind, f"crew{n}", BOB.id) for n in range(3)]
    for conversation in others:
        do(store, create(conversation, ALICE))
        write(store, append(conversation, ALICE, b"first"))
    with redis.Redis(port=own_redis.port) as client:
        before = client.info("commandstats")["cmdstat_wait"]["calls"]
        store.commit([append(each, ALICE, b"text") for each in others for _ in range(10)])
        assert client.info("commandstats")["cmdstat_wait"]["calls"] == before + 1


def test_replica_that_comes_back_in_time_is_enough(
    own_replica: RedisProcess, store: RedisStore
) -> None:
    do(store, create(CREW, ALICE))
    own_replica.pause()
    back = threading.Timer(0.3, own_replica.resume)
    back.start()
    assert not apply(store, append(CREW, ALICE, b"text")).repeated
    assert back.finished.is_set()
    back.join()


def test_redis_can_refuse_to_write_without_a_replica(
    own_redis: RedisProcess, own_replica: RedisProcess, store: RedisStore
) -> None:
    do(store, create(CREW, ALICE))
    with redis.Redis(port=own_redis.port) as client:
        client.config_set("min-replicas-to-write", 1)
        client.config_set("min-replicas-max-lag", 1)
        with still(own_replica):
            while client.info("replication").get("min_slaves_good_slaves"):
                time.sleep(0.05)
            with pytest.raises(StoreError, match="Redis has failed"):
                store.commit([append(CREW, ALICE, b"not written")])
    assert texts(store, CREW, ALICE) == []


class TestPrimaryThatHasLostSomething:
    """What nobody was told to be kept may be taken back: here, by going back to a copy."""

    @pytest.fixture
    def nodes(self, redis_url: str) -> Iterator[tuple[RedisStore, RedisStore]]:
        one, other = RedisStore(redis_url), RedisStore(redis_url)
        yield one, other
        one.close()
        other.close()

    @pytest.fixture
    def copy(self, redis_process: RedisProcess) -> Iterator[Callable[[], Callable[[], None]]]:
        with redis.Redis(port=redis_process.port) as client:

            def copy() -> Callable[[], None]:
                copied = {name: client.dump(name) for name in client.scan_iter()}

                def go_back() -> None:
                    client.flushall()
                    for name, value in copied.items():
                        client.restore(name, 0, value)

                return go_back

            yield copy

    def test_its_log_is_continued_as_it_is(
        self,
        nodes: tuple[RedisStore, RedisStore],
        copy: Callable[[], Callable[[], None]],
    ) -> None:
        one, other = nodes
        do(one, create(CREW, ALICE, BOB))
        write(one, append(CREW, ALICE, b"kept"))
        go_back = copy()
        write(one, append(CREW, ALICE, b"taken back"))
        go_back()
        write(other, append(CREW, BOB, b"instead"))
        write(one, append(CREW, ALICE, b"after it"))
        entries = one.entries(CREW.id, BOB.id, 0).entries
        assert [entry.payload for entry in entries] == [b"kept", b"instead", b"after it"]
        assert entries[2].previous == entries[1].hash

    def test_its_members_are_those_that_it_has(
        self,
        nodes: tuple[RedisStore, RedisStore],
        copy: Callable[[], Callable[[], None]],
    ) -> None:
        one, other = nodes
        do(one, create(CREW, ALICE, BOB, CAROL))
        go_back = copy()
        write(one, leave(CREW, ALICE))
        go_back()
        # To leave has no payload: the running hash is the same for whoever does.
        one.notice(apply(other, leave(CREW, BOB)))
        one.notice(apply(other, append(CREW, CAROL, b"you left")))
        assert refused(one, append(CREW, BOB, b"did I?")) == "not_a_member"


def test_cluster_is_waited_for_and_fails_over(
    cluster_pair: tuple[RedisProcess, RedisProcess],
) -> None:
    primary, replica = cluster_pair
    url = primary.url + "?replicas=1"
    store, hasty = RedisStore(url, PATIENT), RedisStore(url, HASTY)
    do(store, create(CREW, ALICE, BOB))
    do(store, create(LOBBY))
    with still(replica), pytest.raises(StoreError, match="0 replicas have answered"):
        hasty.commit([append(CREW, ALICE, b"one")])
    hasty.close()
    kept = append(CREW, ALICE, b"two")
    outcomes = store.commit([kept, commit(LOBBY, ALICE, 0, add=(ALICE,))])
    assert all(isinstance(outcome, Appended) for outcome in outcomes)
    primary.stop()
    replica.promote()
    last = append(CREW, ALICE, b"three")
    with pytest.raises(StoreError):
        store.commit([last])
    primary.follow(replica)
    assert until_it_works(lambda: do(store, kept)) == replace(outcomes[0], repeated=True)
    until_it_works(lambda: do(store, last))
    assert texts(store, CREW, BOB) == ["one", "two", "three"]
    store.close()


def until_it_works(call: Callable[[], Result]) -> Result:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return call()
        except StoreError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
