"""Keys, screen readers, sizes and preferences."""

import json
import os
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium
from tests.browser.stage import Stage, hear, say
from tests.conftest import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def axe() -> str:
    """The program that looks for what keeps people out."""
    if not AXE.exists() and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("no axe-core here: npm ci")
    return AXE.read_text(encoding="utf-8")


def check(page: Chromium, axe: str, where: str) -> None:
    page.devtools("Runtime.evaluate", expression=axe)
    found = page.devtools(
        "Runtime.evaluate",
        expression="axe.run(document).then((found) => JSON.stringify(found.violations.map((each) =>"
        " [each.id, each.nodes.map((node) => node.html.slice(0, 200) + node.failureSummary)])))",
        awaitPromise=True,
    )
    assert json.loads(found["result"]["value"]) == [], where


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_any_view(
    page: Chromium, stage: Stage, group: str, files: Path, axe: str, theme: str
) -> None:
    page.prefer(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
    said = stage.bo.say(
        group,
        "# all *kinds* of `things`\n\n> quoted\n\n- a\n\n```py\ncode\n```\nhttps://example.org",
    )
    stage.bo.react(said.message_id, "🎉")
    stage.bo.say(group, "answer", reply_to=said.message_id)
    stage.bo.say(group, "@ana files", files=(str(files / "blue.png"), str(files / "notes.txt")))
    say(page, "mine")
    page.find(".picture img")
    page.find(".message .sent")
    check(page, axe, "a conversation")
    page.hover(".message.own", "mine")
    page.find(".tools")
    check(page, axe, "tools")
    for opener, closer in (
        (lambda: page.keys("Control+k"), ".dialog.palette"),
        (lambda: page.click("[aria-label='New conversation']"), ".dialog.begin"),
        (lambda: page.click(".me"), ".dialog.settings"),
        (lambda: page.click("[aria-label=Emoji]"), ".dialog.emoji"),
        (lambda: page.keys("F1"), ".dialog.help"),
        (lambda: page.click(".member", "bo"), ".dialog.person"),
        (lambda: page.click(".action", "Compare the code"), ".dialog.code"),
        (lambda: page.click(".action", "Add people"), ".dialog.form"),
        (lambda: page.click(".picture"), ".dialog.picture"),
    ):
        opener()
        page.find(closer)
        check(page, axe, closer)
        page.keys("Escape")
        page.gone(closer)
    page.keys("Control+f")
    page.until(lambda: page.focus == "search")
    page.write("things")
    page.find(".hit")
    check(page, axe, "a search")
    page.size(360, 740)
    page.keys("Escape")
    check(page, axe, "360 pixels")


def palette(page: Chromium) -> None:
    page.keys("Control+k")
    page.find(".dialog.palette input:focus")


def test_everything_is_done_without_a_mouse(page: Chromium, stage: Stage, name: str) -> None:
    palette(page)
    page.write("make a group")
    page.keys("Enter")
    page.find(".dialog.form input:focus")
    page.write(name)
    page.keys("Tab")
    page.write("bo")
    page.keys("Enter")
    page.find(".talk h1", name)
    page.until(lambda: page.focus == "input")
    page.write("first")
    page.keys("Enter")
    page.find(".message .sent")
    said = stage.bo.say(name, "second")
    page.find(".message", "second")
    # From the input to the messages, and what can be done there.
    page.until(lambda: (page.keys("F6"), page.focus.startswith("bo,"))[1])
    page.keys("+")
    page.find(".dialog.emoji input:focus")
    page.write("tada")
    page.keys("Enter")
    assert hear(stage, "reacted", nick="ana").message_id == said.message_id
    page.until(lambda: (page.keys("F6"), page.focus.startswith("bo,"))[1])
    page.keys("ArrowUp")
    page.until(lambda: page.focus.startswith("ana,"))
    page.keys("e")
    page.find(".context", "Edit")
    page.until(lambda: page.focus == "input")
    page.write("!")
    page.keys("Enter")
    hear(stage, "edited", message="first!")
    page.keys("Alt+ArrowUp")
    page.gone(".talk h1", name)
    page.keys("Alt+ArrowDown")
    page.find(".talk h1", name)
    palette(page)
    page.write("leave")
    page.keys("Enter")
    page.find(".dialog.form h2", f"Leave {name}?")
    page.find(".dialog.form .danger:focus")
    page.keys("Enter")
    page.gone(".conversation", name)


def test_help_lists_the_keys(page: Chromium) -> None:
    page.keys("Escape", "F1")
    page.find(".dialog kbd", "Ctrl-K")
    page.keys("Escape")
    page.gone(".dialog kbd")


WIDE = """
return [...document.querySelectorAll("body, .shell > *, .dialog[open], .dialog[open] .content")]
  .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.className || each.tagName);
"""


@pytest.mark.parametrize(("width", "scale"), [(320, 1), (360, 1), (640, 2), (800, 1), (1280, 1)])
def test_it_fits(page: Chromium, stage: Stage, group: str, width: int, scale: int) -> None:
    # A page of 1280 pixels at 200 % has 640 of its own, of two points each.
    page.size(width, 640, scale)
    stage.bo.say(group, "fits " * 40 + "W" * 300)
    page.find(".message", "fits")
    assert page.js("return document.documentElement.scrollWidth") <= width
    assert page.js(WIDE) == []
    for deed in ("help", "settings", "new"):
        page.keys("Control+k")
        page.find(".dialog.palette input:focus")
        page.write({"help": "keys", "settings": "settings", "new": "make a group"}[deed])
        page.keys("Enter")
        page.find(".dialog[open]:not(.palette) header")
        assert page.js(WIDE) == [], deed
        page.keys("Escape")
        page.gone(".dialog[open]")
    if width < 720:
        page.click("[aria-label='All conversations']")
        page.find(".conversation", group)
        page.gone("#input")
        page.click(".conversation", group)
        page.click(".bar [aria-label=Details]")
        page.find(".member", "bo")
        page.click(".side .back")
    page.find("#input")


SMALL = """
return [...document.querySelectorAll("button, input, select, textarea")]
  .filter((each) => each.checkVisibility() && !each.closest(".message"))
  .map((each) => each.closest("label") ?? each)
  .filter((each) => each.offsetWidth < arguments[0] || each.offsetHeight < arguments[0])
  .filter((each) => !each.matches(".unseen, .skip, #files"))
  .map((each) => each.outerHTML.slice(0, 120));
"""


def test_targets_are_large_enough_for_fingers(page: Chromium, group: str) -> None:
    assert page.js(SMALL, 24) == []
    page.devtools("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=5)
    try:
        page.until(lambda: page.js("return matchMedia('(pointer: coarse)').matches"), "touch")
        page.size(360, 740)
        page.find("#input")
        assert page.js(SMALL, 36) == []
        # Who types with a thumb ends lines with Enter, and sends with the button.
        page.click("#input")
        page.keys("a", "Enter", "b")
        assert page.js("return document.getElementById('input').value") == "a\nb"
        page.click(".send")
        page.find(".message.own", "a\nb")
    finally:
        page.devtools("Emulation.setTouchEmulationEnabled", enabled=False)


@pytest.mark.parametrize("still", [True, False])
def test_nothing_moves_for_who_does_not_want_that(page: Chromium, still: bool) -> None:
    page.prefer(prefers_reduced_motion="reduce" if still else "no-preference")
    page.click("[aria-label='New conversation']")
    page.find(".dialog.begin")
    lasts = page.js("return getComputedStyle(document.querySelector('.dialog')).animationDuration")
    assert (float(lasts.removesuffix("s")) < 0.001) == still
    page.keys("Escape")
    page.gone(".dialog.begin")


def test_who_listens_hears_of_messages_but_not_of_each_in_a_flood(
    page: Chromium, stage: Stage, group: str
) -> None:
    stage.bo.say(group, "one")
    page.until(lambda: page.js("return document.getElementById('live').textContent") == "bo: one")
    for number in range(20):
        stage.bo.say(group, f"many {number}")
    page.until(
        lambda: (
            "new messages, the last from bo"
            in page.js("return document.getElementById('live').textContent")
        )
    )


def test_text_of_any_direction_keeps_its_own(page: Chromium, stage: Stage, group: str) -> None:
    stage.bo.say(group, "שלום עולם")
    page.find(".message", "שלום")
    assert page.js("return getComputedStyle(document.querySelector('.body p')).direction") == "rtl"
