"""The back ends that the contract is checked on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geventim.chat.log import Store
from geventim.store.memory import MemoryStore
from geventim.store.sqlite import SqliteStore

BACK_ENDS: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _: MemoryStore(),
    "sqlite": lambda directory: SqliteStore(directory / "server.db"),
}


@pytest.fixture(params=BACK_ENDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = BACK_ENDS[request.param](tmp_path)
    yield opened
    opened.close()
