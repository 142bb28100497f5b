"""docs/threats.md names a test for every attack, and each of them is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("chapter", "heads"),
    [
        ("A member who misbehaves", "the account"),
        (
            "A browser",
            "a page in the same browser|another user of the machine|somebody who writes",
        ),
    ],
)
def test_every_attack_has_its_test(chapter, heads):
    chapters = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8").split("\n## ")
    (table,) = (each for each in chapters if each.startswith(chapter))
    rows = re.findall(rf"^\| (?!{heads}|---)(.*) \|$", table, re.M)
    named = [re.findall(r"`(test_\w+)`", row) for row in rows]
    assert rows
    assert [row for row, tests in zip(rows, named, strict=True) if not tests] == []
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    found = {name for text in texts for name in re.findall(r"def (test_\w+)", text)}
    assert {name for tests in named for name in tests} <= found
