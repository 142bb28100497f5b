"""Fixtures that every test may use."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
VECTORS = Path(os.environ.get("EIM_VECTORS") or ROOT.parent / "shared" / "vectors")

# A shared machine may stall a test at any moment; the timeout of each test is its deadline.
settings.register_profile("default", deadline=None)
settings.load_profile("default")


def vector_files(folder: str, pattern: str = "*.json") -> list[Path]:
    """The published vector files of ``folder``; empty where they are not installed."""
    return sorted((VECTORS / folder).glob(pattern))


@pytest.fixture(scope="session")
def rounds() -> Callable[[int], int]:
    """How often to repeat a random test of ``n`` rounds: a tenth unless $EIM_ROUNDS says."""
    share = float(os.environ.get("EIM_ROUNDS", "0.1"))
    return lambda n: max(1, round(n * share))


@pytest.fixture(scope="session")
def load_vectors() -> Callable[[str, str], Any]:
    """The parsed content of one vector file; skips, naming the file, where it is missing."""

    def load(folder: str, name: str) -> Any:
        path = VECTORS / folder / name
        if not path.exists():
            pytest.skip(f"no test vectors at {path}; set EIM_VECTORS to their folder")
        return json.loads(path.read_text(encoding="utf-8"))

    return load
