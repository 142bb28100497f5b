"""The files of the page: their size, and those parts that need no browser."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
import segno

from geventim.client.said.markup import parse
from tests.conftest import ROOT

PLACE = ROOT / "geventim" / "web" / "page"

LARGEST = 188 * 1024
"""Bytes of all of them."""

TEXTS = [
    "hello *world* **strong** `code` and ``a ` b``",
    "> quote\nwhich goes on\n\nafter",
    "- a\n- b\n  - c\n\n1. x\n2. y",
    "```py\nprint(1)\n```\nrest\n\n~~~\nx",
    "see https://a.b/c_d_e. and (http://x.y/z)",
    "[text](https://e.org) [bad](javascript:1) <https://q.w>",
    "snake_case_word, 5 * 3 * 2, \\*no\\*, a*b*c, :tada: <b>hi</b>",
    "**x *y* z** and __init__.py",
    "a\n- x\n- y\nlazy\n\nb\n1. one",
    "[x](mailto:a@b.c) [c *d*](http://c.d)",
    "> - a\n> - b\n\n- > c",
    "a: b\nc",
]


def node(script: str, given: object) -> object:
    """What a module prints as JSON; it reads what is ``given`` from its standard input."""
    if shutil.which("node") is None and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("no node here: apt-get install nodejs")
    begin = "import { readFileSync } from 'fs'; const given = JSON.parse(readFileSync(0, 'utf8'));"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", begin + script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        cwd=PLACE,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


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


def test_texts_are_read_as_the_other_front_ends_read_them() -> None:
    ours = node(
        "const { parse } = await import('./markup.js');"
        "console.log(JSON.stringify(given.map((each) => parse(each))));",
        TEXTS,
    )
    theirs = msgspec.to_builtins([parse(text) for text in TEXTS])
    for text, one, other in zip(TEXTS, ours, theirs, strict=True):  # type: ignore[call-overload]
        assert one == json.loads(json.dumps(other)), text


def test_codes_are_those_of_the_standard() -> None:
    number = "".join(random.choices("0123456789", k=60))
    ours = node(
        "const { qr } = await import('./qr.js');"
        "console.log(JSON.stringify(qr(given).map((row) => row.map(Number))));",
        number,
    )
    assert ours == [list(row) for row in segno.make_qr(number, version=2, error="m", mask=0).matrix]


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
