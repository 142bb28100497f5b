"""The way to a real Redis, and to none."""

from pathlib import Path

import pytest
import redis

from geventim.errors import StoreError
from geventim.store.redis.link import RedisLink, split_url
from tests.redis_process import RedisProcess, require


def test_asks_one_thing_or_several(redis_url: str) -> None:
    link = RedisLink(redis_url)
    assert link.ask("SET", "{a}1", b"\xff") is True
    assert link.ask_all([("GET", "{a}1"), ("GET", "{a}2")], atomic=True) == [b"\xff", None]
    assert link.ask_all([]) == []
    link.close()


def test_failure_does_not_quote_what_was_sent(redis_url: str) -> None:
    link = RedisLink(redis_url)
    link.ask("SET", "text", "a word")
    with pytest.raises(StoreError) as caught:
        link.ask("INCRBY", "text", "secret")
    assert "secret" not in str(caught.value)
    link.close()


def test_nobody_is_there(redis_process: RedisProcess) -> None:
    with pytest.raises(StoreError, match="Redis cannot be reached"):
        RedisLink("redis://127.0.0.1:1/0?replicas=1")


def test_address_that_is_none() -> None:
    with pytest.raises(StoreError):
        RedisLink("http://127.0.0.1")


def test_forgetful_redis_is_refused(redis_process: RedisProcess) -> None:
    with redis.Redis(port=redis_process.port) as client:
        client.config_set("appendfsync", "everysec")
        try:
            with pytest.raises(StoreError, match="--appendfsync always"):
                RedisLink(redis_process.url)
        finally:
            client.config_set("appendfsync", "always")


def test_goes_on_when_redis_comes_back(tmp_path: Path) -> None:
    require()
    process = RedisProcess(tmp_path / "redis")
    link = RedisLink(process.url)
    link.ask("SET", "kept", 1)
    process.stop()
    with pytest.raises(StoreError):
        link.ask("GET", "kept")
    process.start()
    assert link.ask("GET", "kept") == b"1"
    link.close()
    process.stop()


def test_replicas_are_taken_out_of_the_address() -> None:
    assert split_url("redis://:p%40ss@h:1/2") == ("redis://:p%40ss@h:1/2", 0)
    assert split_url("redis://:p%40ss@h:1/2?replicas=1") == ("redis://:p%40ss@h:1/2", 1)
    assert split_url("redis://h/0?a=b&replicas=12&c=d") == ("redis://h/0?a=b&c=d", 12)


@pytest.mark.parametrize("words", ["", "x", "-1", "101", "1.0", "1&replicas=2"])
def test_number_of_replicas_that_is_none(words: str) -> None:
    with pytest.raises(StoreError, match="number up to 100"):
        split_url(f"redis://h:1/0?replicas={words}")


def test_missing_replica_is_missed_at_once(own_redis: RedisProcess) -> None:
    with pytest.raises(StoreError, match="has 0 replicas, and 1 are wanted"):
        RedisLink(own_redis.url + "?replicas=1")


def test_replica_that_nobody_waits_for_is_mentioned(
    own_redis: RedisProcess, own_replica: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    RedisLink(own_redis.url + "?replicas=1").close()
    assert not caplog.records
    RedisLink(own_redis.url).close()
    assert "replicas are not waited for" in caplog.text


def test_failures_are_counted(redis_url: str) -> None:
    link = RedisLink(redis_url)
    link.write("SET", "{a}text", "a word")
    for number in (1, 2):
        with pytest.raises(StoreError):
            link.write("INCRBY", "{a}text", 1)
        assert link.failures == number
    link.close()
