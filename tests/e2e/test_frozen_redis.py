"""A Redis that stands still: people are told, and everything goes on once it does."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.e2e.conftest import PATIENCE
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


def test_who_watches_is_told_until_it_goes_on(
    own_redis: RedisProcess, start_server: Callable[..., Any], start_client: Callable[..., Any]
) -> None:
    server = start_server("--store", own_redis.url, "--metrics", "0")
    (place,) = re.findall(r"metrics are served address='([\d.:]+)'", server.stderr_text())
    alice = start_client(server.link, "alice")
    alice.say("four")
    alice.expect("sent", message="four")
    status = json.loads(server.command("status", "--json").stdout)
    assert (status["accounts"], status["store"]) == (1, "ready")
    assert status["entries"] > 0
    assert status["bytes"] > 0
    own_redis.pause()
    assert await_answer(place, 503).startswith(b"not ready: ")
    with urlopen(f"http://{place}/metrics", timeout=PATIENCE) as answer:
        assert b"\neim_clients 1.0\n" in answer.read()
    status = json.loads(server.command("status", "--json").stdout)
    assert status["warnings"][0].startswith("Nothing is acknowledged: ")
    own_redis.resume()
    assert await_answer(place, 200) == b"ready\n"


def await_answer(place: str, code: int) -> bytes:
    """What ``/ready`` says as soon as it does so with this code."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            answer = urlopen(f"http://{place}/ready", timeout=PATIENCE)
        except HTTPError as refusal:
            answer = refusal
        with answer:
            if answer.status == code:
                said: bytes = answer.read()
                return said
    raise AssertionError(f"it never said {code}")
