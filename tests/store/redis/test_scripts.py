"""The scripts by themselves, in a real Redis: nothing is written that was not compared."""

from collections.abc import Iterator
from typing import Any

import pytest

from geventim.store.redis import scripts
from geventim.store.redis.link import RedisLink
from tests.redis_process import RedisProcess

END, ROSTER, LOG, SAID, INFOS, FEED, WROTE = KEYS = [f"{{b01}}{name}" for name in "erlsifw"]


@pytest.fixture
def link(redis_url: str) -> Iterator[RedisLink]:
    opened = RedisLink(redis_url)
    yield opened
    opened.close()


def create(link: RedisLink) -> Any:
    return link.ask("EVAL", scripts.CREATE, 2, END, ROSTER, "roster", "hash 0")


def write(
    link: RedisLink,
    version: str,
    before: str,
    *said: str,
    roster: str = "",
    infos: tuple[str, ...] = (),
    old: tuple[str, ...] = (),
    writer: str = "",
) -> Any:
    entries = [part for each in said for part in (each, f"entry {each}", f"effect {each}", writer)]
    after = "1" if roster else version
    values: list[object] = [
        version,
        before,
        roster,
        after,
        f"hash {said[-1]}",
        5,
        "node",
        len(said),
        *entries,
    ]
    values += [len(infos) // 2, *infos, *old]
    return link.ask("EVAL", scripts.WRITE, len(KEYS), *KEYS, *values)


def test_conversation_begins_once(link: RedisLink) -> None:
    assert create(link) == 1
    assert create(link) == 0
    assert link.ask("HGET", END, "hash") == b"hash 0"


def test_unused_conversation_is_discarded_and_a_used_one_is_not(link: RedisLink) -> None:
    create(link)
    link.ask("EVAL", scripts.DISCARD, 2, END, ROSTER)
    assert link.ask("EXISTS", END, ROSTER) == 0
    create(link)
    write(link, "0", "hash 0", "a")
    link.ask("EVAL", scripts.DISCARD, 2, END, ROSTER)
    assert link.ask("EXISTS", END, ROSTER) == 2


def test_everything_of_an_entry_is_written(link: RedisLink) -> None:
    create(link)
    write(link, "0", "hash 0", "a", roster="new", infos=("bob", "info", "carol", "info"))
    infos = ("alice", "info")
    assert write(link, "1", "hash a", "b", infos=infos, old=("bob",), writer="alice") == b"done"
    assert link.ask("XRANGE", LOG, "-", "+") == [
        (b"1-0", {b"e": b"entry a"}),
        (b"2-0", {b"e": b"entry b"}),
    ]
    assert link.ask("XRANGE", FEED, "-", "+") == [
        (b"0-1", {b"n": b"node", b"a": b"effect a"}),
        (b"0-2", {b"n": b"node", b"a": b"effect b"}),
    ]
    assert link.ask("HGETALL", SAID) == {b"a": b"1", b"b": b"2"}
    assert link.ask("HGETALL", INFOS) == {b"alice": b"info", b"carol": b"info"}
    assert link.ask("SMEMBERS", WROTE) == {b"alice"}
    assert link.ask("GET", ROSTER) == b"new"
    end = {b"version": b"1", b"seq": b"2", b"hash": b"hash b", b"size": b"10", b"floor": b"0"}
    assert link.ask("HGETALL", END) == end


@pytest.mark.parametrize(("version", "before"), [("1", "hash a"), ("0", "hash 0"), ("0", "hash b")])
def test_nothing_is_written_on_what_has_changed(link: RedisLink, version: str, before: str) -> None:
    create(link)
    write(link, "0", "hash 0", "a")
    assert write(link, version, before, "b", roster="new") == b"stale"
    assert link.ask("XLEN", LOG) == link.ask("XLEN", FEED) == 1
    assert link.ask("GET", ROSTER) == b"roster"


def test_nothing_is_written_twice(link: RedisLink) -> None:
    create(link)
    write(link, "0", "hash 0", "a")
    assert write(link, "0", "hash a", "b", "a") == b"said"
    assert link.ask("XLEN", LOG) == link.ask("XLEN", FEED) == 1


def test_dropping_twice_counts_once(link: RedisLink) -> None:
    create(link)
    write(link, "0", "hash 0", "a", "b")
    for _ in range(2):
        link.ask("EVAL", scripts.DROP, 3, END, LOG, SAID, 1, 1, "a", 2)
    assert link.ask("XLEN", LOG) == 1
    assert link.ask("HGETALL", SAID) == {b"b": b"2"}
    assert link.ask("HMGET", END, "size", "floor") == [b"3", b"1"]
    link.ask("EVAL", scripts.DROP, 3, END, LOG, SAID, 0)
    assert link.ask("HGET", END, "floor") == b"1"


def test_field_is_exchanged_for_what_was_there(link: RedisLink) -> None:
    link.ask("HSET", "h", "field", "one")
    assert link.ask("EVAL", scripts.EXCHANGE, 1, "h", "field", "other", "two") == 0
    assert link.ask("EVAL", scripts.EXCHANGE, 1, "h", "field", "one", "two") == 1
    assert link.ask("HGET", "h", "field") == b"two"


def test_mark_is_told_to_replicas_and_kept_by_no_disk(
    own_redis: RedisProcess, own_replica: RedisProcess
) -> None:
    link = RedisLink(own_redis.url)
    link.ask("SET", "{b01}text", "kept")
    link.ask_all([("EVAL", scripts.MARK, 1, "{b01}mark"), ("WAIT", 1, 4_000)])
    replica = RedisLink(own_replica.url)
    assert replica.ask("EXISTS", "{b01}text", "{b01}mark") == 2
    own_redis.stop()
    own_redis.start()
    assert link.ask("EXISTS", "{b01}text", "{b01}mark") == 1
    link.close()
    replica.close()
