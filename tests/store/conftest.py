"""The back ends that the contract is checked on."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geventim.log.store import Store
from geventim.store.memory.store import MemoryStore
from geventim.store.redis.store import RedisStore
from geventim.store.sqlite.store import SqliteStore

ROOT = Path(__file__).resolve().parents[2]

BACK_ENDS = ("memory", "sqlite", "redis")


@pytest.fixture(params=BACK_ENDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened: Store
    match request.param:
        case "memory":
            opened = MemoryStore()
        case "sqlite":
            opened = SqliteStore(tmp_path / "server.db")
        case _:
            opened = RedisStore(request.getfixturevalue("redis_url"))
    yield opened
    opened.close()


@pytest.fixture
def run_at_once() -> Callable[[str, list[list[str]]], None]:
    """Run a program in several processes at the same time, each with its own arguments."""

    def run(program: str, arguments: list[list[str]]) -> None:
        command = [sys.executable, "-c", program]
        running = [subprocess.Popen([*command, *own], cwd=ROOT) for own in arguments]
        assert [process.wait(timeout=60) for process in running] == [0] * len(running)

    return run
