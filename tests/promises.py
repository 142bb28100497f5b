"""The tables of README.md beside this file: what was promised, and the tests that show it."""

import re
from pathlib import Path

TESTS = Path(__file__).parent


def rows(letters: str) -> dict[str, str]:
    """What is said of each promise whose name begins with one of ``letters``, as ``"[GH]"``."""
    text = (TESTS / "README.md").read_text(encoding="utf-8")
    return dict(re.findall(rf"^\| ({letters}\d+) \| (.*) \|$", text, re.M))


def check(rows: dict[str, str]) -> None:
    """Return if each row names tests, and all of them are there."""
    for row, cell in rows.items():
        named = re.findall(r"`([\w/]+)/(test_\w+)`", cell)
        assert named, row
        for folder, name in named:
            texts = [each.read_text() for each in (TESTS / folder).rglob("test_*.py")]
            assert any(f"def {name}(" in each for each in texts), (row, name)
