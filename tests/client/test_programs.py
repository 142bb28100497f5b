"""docs/programs.md says what the code says."""

import re
from pathlib import Path

import pytest

from tests.client import programs

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "programs.md"
TABLES = {
    "wishes": programs.table_of_wishes,
    "values": programs.table_of_values,
    "events": programs.table_of_events,
}


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_those_of_the_code(name):
    text = DOCUMENT.read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n(.*?)\n\n", text, re.DOTALL)
    assert found is not None
    assert found[1] == TABLES[name]()
