"""A Redis that stands still: people are told, and everything goes on once it does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.redis_process import RedisProcess, require


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisProcess]:
    """A Redis of one test alone."""
    require()
    process = RedisProcess(tmp_path / "redis")
    yield process
    process.resume()
    process.stop()


def test_who_writes_while_it_stands_still_is_told_and_nothing_is_lost(
    own_redis: RedisProcess,
    start_server: Callable[..., Any],
    start_client: Callable[..., Any],
) -> None:
    server = start_server("--store", own_redis.url)
    alice = start_client(server.link, "alice")
    bob = start_client(server.link, "bob")
    alice.expect("joined", nick="bob")
    alice.say("before")
    bob.expect("message", message="before")
    own_redis.pause()
    alice.say("in between")
    assert alice.expect("delayed")["messages"] == ["in between"]
    notice = alice.expect("notice", code="storage_failed")
    assert "is not delivered yet" in notice["text"]
    own_redis.resume()
    bob.expect("message", message="in between")
    assert alice.sees("sent", message="in between")
    assert bob.texts() == ["before", "in between"]
