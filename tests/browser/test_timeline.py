"""Long histories: only what is near is in the document, and nothing jumps."""

import json
import subprocess
import sys

import pytest

from tests.browser.chromium import Chromium
from tests.browser.stage import Stage
from tests.conftest import ROOT

TOP = "return document.querySelector('.timeline').scrollTop"
SEEN = """
const box = document.querySelector(".timeline").getBoundingClientRect();
const rows = [...document.querySelectorAll(".message")];
const seen = rows.find((each) => each.getBoundingClientRect().top > box.top + 50);
return [seen.ariaLabel, seen.getBoundingClientRect().top];
"""

WHERE = """
const rows = [...document.querySelectorAll(".message")];
return rows.find((each) => each.ariaLabel === arguments[0]).getBoundingClientRect().top;
"""

COUNT = 260
"""Messages, of which a page holds a half."""


@pytest.fixture(scope="module")
def history(stage: Stage) -> str:
    """A group in which much was said."""
    stage.bo.create_group("long", ("ana",))
    for number in range(COUNT):
        stage.bo.say("long", f"number {number}")
    return "long"


@pytest.fixture
def long(page: Chromium, history: str) -> str:
    page.click(".conversation", history)
    page.find(".talk h1", history)
    page.find(".message")
    page.keys("Control+End")
    page.gone(".down .button")
    return history


def test_what_is_far_is_not_in_the_document(page: Chromium, long: str) -> None:
    def is_at_the_beginning() -> bool:
        page.js("document.querySelector('.timeline').scrollTop -= 900")
        assert page.js("return document.querySelectorAll('.message').length") < 130
        return bool(page.js("return !!document.querySelector('.begin')"))

    page.until(is_at_the_beginning)
    page.find(".message", "number 0")


def test_nothing_jumps_while_one_has_scrolled_up(page: Chromium, stage: Stage, long: str) -> None:
    page.js("document.querySelector('.timeline').scrollTop -= 3000")
    page.find(".down .button")
    before = page.js(SEEN)
    for number in range(5):
        stage.bo.say(long, f"new {number}")
    page.find(".down .button", "5 new")
    label, top = before
    assert abs(page.js(WHERE, label) - top) <= 1
    page.click(".down .button")
    page.find(".message", "new 4")
    page.gone(".down .button")


def test_the_way_down_is_offered_at_once(page: Chromium, long: str) -> None:
    page.until(lambda: page.js(TOP) > 900)
    page.within("page.redraw(); document.querySelector('.timeline').scrollTop -= 100")
    page.find(".down .button")


def test_older_pages_come_without_a_jump(page: Chromium, long: str) -> None:
    page.js("document.querySelector('.timeline').scrollTop = 300")
    page.until(lambda: page.js(TOP) > 900)
    label, top = page.js(SEEN)
    assert "number" in label
    assert top < 400


def test_the_measurement_of_the_page_works(stage: Stage) -> None:
    call = [
        sys.executable,
        str(ROOT / "bench" / "web.py"),
        "--quick",
        "--json",
        "--history",
        "2000",
    ]
    done = subprocess.run(call, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["messages_drawn"] < 130
