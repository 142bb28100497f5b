"""Published vectors as parameters: each case of each file is a test of its own."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.conftest import VECTORS, vector_files


def each_case(
    folder: str, pattern: str, split: Callable[[Any], Iterable[tuple[str, Any]]]
) -> pytest.MarkDecorator:
    """Run a test on every ``case`` that ``split`` finds, with its name, in the files' content."""
    found = [
        pytest.param(case, id=f"{path.stem}-{name}")
        for path in vector_files(folder, pattern)
        for name, case in split(json.loads(path.read_text(encoding="utf-8")))
    ]
    reason = f"no test vectors at {VECTORS / folder / pattern}; set EIM_VECTORS to their folder"
    missing = pytest.param(None, id="missing", marks=pytest.mark.skip(reason=reason))
    return pytest.mark.parametrize("case", found or [missing])


def numbered(content: list[Any]) -> Iterable[tuple[str, Any]]:
    """The cases of a file that is one list."""
    return ((str(number), case) for number, case in enumerate(content, 1))
