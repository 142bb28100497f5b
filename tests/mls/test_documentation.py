"""What docs/mls.md says is so."""

import re
from pathlib import Path

import pytest

from geventim.mls.ground.policy import DEFAULT_POLICY

DOCUMENT = Path(__file__).parents[2] / "docs" / "mls.md"


@pytest.fixture(scope="module")
def text():
    return DOCUMENT.read_text(encoding="utf-8")


def test_the_example_runs(text):
    examples = re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    assert len(examples) == 11
    names = {}
    for example in examples:
        exec(compile(example, str(DOCUMENT), "exec"), names)
    assert names["alice"].epoch == 6


def test_the_limits_are_those_of_the_policy(text):
    listed = " ".join(text.split())
    for number, what in [
        (DEFAULT_POLICY.max_generations_ahead, "ahead of its sender's last"),
        (DEFAULT_POLICY.max_late_keys, "keys of late messages kept"),
        (DEFAULT_POLICY.past_epochs, "past epochs kept"),
        (DEFAULT_POLICY.max_pending, "waiting proposals"),
        (DEFAULT_POLICY.max_leaves, "leaves of a tree"),
        (DEFAULT_POLICY.max_lifetime // (24 * 3600), "the lifetime of a key package"),
    ]:
        assert f"{what} ({number:,}" in listed


def test_every_rule_has_its_tests(text):
    table = text.partition("## Every rule and its tests")[2]
    rows = re.findall(r"^\| [\d.]+ \| .+ \| (.+) \|$", table, flags=re.MULTILINE)
    assert len(rows) > 60
    for row in rows:
        for listed in row.split("; "):
            module, names = re.fullmatch(r"`(\w+)`: ((?:test_\w+(?:, )?)+)", listed).groups()
            (place,) = Path(__file__).parent.rglob(f"test_{module}.py")
            source = place.read_text(encoding="utf-8")
            for name in names.split(", "):
                assert f"def {name}(" in source, (module, name)
