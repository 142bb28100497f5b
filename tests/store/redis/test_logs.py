"""Logs in a real Redis: what the contract cannot see from one node."""

from collections.abc import Iterator

import pytest

from geventim.errors import StoreError
from geventim.store.redis.bounds import USUAL, Bounds
from geventim.store.redis.logs import State
from geventim.store.redis.store import RedisStore
from tests.store.builders import (
    ALICE,
    BOB,
    CREW,
    LOBBY,
    append,
    apply,
    commit,
    create,
    do,
    refused,
    seqs,
    texts,
    write,
)


@pytest.fixture
def bounds() -> Bounds:
    return USUAL


@pytest.fixture
def store(redis_url: str, bounds: Bounds) -> Iterator[RedisStore]:
    opened = RedisStore(redis_url, bounds)
    yield opened
    opened.close()


def known(store: RedisStore) -> dict[bytes, State]:
    """What the node has in mind."""
    return store._logs._known


@pytest.mark.parametrize("bounds", [Bounds(chunk=3)])
def test_long_logs_are_read_bit_by_bit(store: RedisStore) -> None:
    do(store, create(CREW, ALICE))
    store.commit([append(CREW, ALICE, b"%d" % number) for number in range(10)])
    assert texts(store, CREW, ALICE) == list("0123456789")
    assert seqs(store, CREW, ALICE, 7) == [8, 9, 10]


@pytest.mark.parametrize("bounds", [Bounds(remembered=1)])
def test_node_keeps_few_conversations_in_mind(store: RedisStore) -> None:
    for conversation in (CREW, LOBBY):
        do(store, create(conversation, ALICE))
        write(store, append(conversation, ALICE, b"text"))
    assert list(known(store)) == [LOBBY.id]
    write(store, append(CREW, ALICE, b"again"))
    assert seqs(store, CREW, ALICE) == [1, 2]


def test_writing_goes_on_without_reading(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    do(store, create(CREW, ALICE))
    write(store, append(CREW, ALICE, b"first"))
    monkeypatch.setattr(store._link, "ask", None)
    asked: list[tuple[object, ...]] = []
    ask_all = store._link.ask_all

    def count(commands: list[tuple[object, ...]], **options: bool) -> list[object]:
        asked.extend(commands)
        return ask_all(commands, **options)

    monkeypatch.setattr(store._link, "ask_all", count)
    write(store, append(CREW, ALICE, b"second"))
    assert [command[0] for command in asked] == ["EVAL", "INCRBY"]


def test_what_does_not_fit_is_looked_up_again(store: RedisStore, redis_url: str) -> None:
    do(store, create(CREW, ALICE, BOB))
    write(store, append(CREW, ALICE, b"first"))
    other = RedisStore(redis_url)
    written = apply(other, commit(CREW, BOB, 0))
    store.notice(written)
    assert CREW.id not in known(store)
    assert refused(store, append(CREW, ALICE, b"late")) == "stale_head"
    write(store, append(CREW, ALICE, b"on time", head=2))
    other.close()


@pytest.mark.parametrize("bounds", [Bounds(attempts=2)])
def test_who_is_always_too_late_gives_up(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    do(store, create(CREW, ALICE))
    ask_all = store._link.ask_all

    def lose(commands: list[tuple[object, ...]], *, atomic: bool = False) -> list[object]:
        answers: list[object] = ask_all(commands, atomic=True) if atomic else [b"stale"]
        return answers

    monkeypatch.setattr(store._link, "ask_all", lose)
    with pytest.raises(StoreError, match="faster"):
        store.commit([append(CREW, ALICE, b"never")])
