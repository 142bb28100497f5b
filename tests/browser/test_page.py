"""The files of the page: their size, and those parts that need no browser."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import promises
from tests.conftest import ROOT

PLACE = ROOT / "geventim" / "web" / "page"

LARGEST = 150 * 1024
"""Bytes of all of them."""


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in PLACE.iterdir()) <= LARGEST


@pytest.mark.parametrize("path", sorted(PLACE.iterdir()), ids=lambda path: path.name)
def test_files_name_nothing_elsewhere_and_never_set_markup(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "@import",
    ):
        assert word not in text
    for name in ("//cdn", "googleapis", "unpkg"):
        assert name not in text


def test_the_parts_that_need_no_browser() -> None:
    if shutil.which("node") is None and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("no node here: apt-get install nodejs")
    done = subprocess.run(
        [
            "node",
            "--test",
            "--test-reporter=tap",
            str(ROOT / "tests" / "browser" / "units.test.js"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_everything_that_the_page_does_has_its_test() -> None:
    rows = promises.rows("B")
    assert list(rows) == [f"B{number}" for number in range(1, 26)]
    promises.check(rows)
