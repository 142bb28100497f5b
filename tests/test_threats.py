"""docs/threats.md names a test for every attack, and each of them is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_attack_of_a_member_has_its_test():
    chapters = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8").split("\n## ")
    (table,) = (each for each in chapters if each.startswith("A member who misbehaves"))
    rows = re.findall(r"^\| (?!the account|---)(.*) \|$", table, re.M)
    named = [re.findall(r"`(test_\w+)`", row) for row in rows]
    assert rows
    assert [row for row, tests in zip(rows, named, strict=True) if not tests] == []
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    found = {name for text in texts for name in re.findall(r"def (test_\w+)", text)}
    assert {name for tests in named for name in tests} <= found
