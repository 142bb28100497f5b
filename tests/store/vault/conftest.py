"""A vault, and where it is."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from geventim.store.vault.vault import Vault


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "data" / "alice"


@pytest.fixture
def vault(place: Path) -> Iterator[Vault]:
    opened = Vault.open(place, secrets.token_bytes)
    yield opened
    opened.close()
