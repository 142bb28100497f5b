"""Keys, screen readers, sizes and preferences."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.browser.chromium import Chromium
from tests.browser.stage import Stage, hear


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
    assert hear(stage, "reacted", message_id=said.message_id).reaction == "🎉"
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


def command(page: Chromium, words: str) -> None:
    """Do something by the palette."""
    palette(page)
    page.write(words)
    page.keys("Enter")
    page.gone(".dialog.palette")


def test_all_else_is_done_without_a_mouse(page: Chromium, stage: Stage, name: str) -> None:
    # A room with a key, which others enter; a status.
    command(page, "make a room")
    page.find(".dialog.form input:focus")
    page.write(name)
    page.reach("Only those who have its key")
    page.keys(" ", "Enter")
    page.find(".opened")
    key = page.js("return document.querySelector('.opened').innerText")
    page.reach("Done")
    page.keys("Enter")
    stage.bo.join(name, key)
    page.find(".talk h1", name)
    command(page, "be away")
    hear(stage, "status", nick="ana", status="away")
    command(page, "be available")
    # Muted, searched, answered and deleted.
    command(page, "mute")
    page.find(".conversation.muted", name)
    stage.bo.say(name, "the needle")
    page.find(".message", "the needle")
    page.keys("Control+f")
    page.until(lambda: page.focus == "search")
    page.write("needle")
    page.find(".hit", "the needle")
    page.reach("the needle")
    page.keys("Enter")
    page.find(".message.flash", "the needle")
    page.keys("Escape")
    page.until(lambda: (page.keys("F6"), page.focus.startswith("bo,"))[1])
    page.keys("r")
    page.find(".context", "Reply to bo")
    page.until(lambda: page.focus == "input")
    page.write("found")
    page.js(PASTE)
    page.find(".chosen .chip", "pasted.txt")
    page.keys("Enter")
    assert hear(stage, "message", message="found").files[0].name == "pasted.txt"
    page.find(".message.own .file", "pasted.txt")
    page.until(lambda: (page.keys("F6"), page.focus.startswith("bo,"))[1])
    page.keys("ArrowDown")
    page.until(lambda: page.focus.startswith("ana,"))
    page.reach("Save pasted.txt")
    page.keys("Enter")
    saved = page.downloads / "pasted.txt"
    page.until(lambda: saved.exists() and saved.stat().st_size, "saved file")
    page.until(lambda: (page.keys("F6"), page.focus.startswith("ana,"))[1])
    page.keys("Delete")
    page.find(".dialog .danger:focus")
    page.keys("Enter")
    page.find(".deleted", "Deleted by ana")
    # Details: messages that disappear, and who somebody is.
    page.keys("Alt+m")
    page.until(lambda: (page.keys("F6"), page.focus == "Close")[1])
    page.reach("Messages disappear")
    page.keys("ArrowDown")
    assert hear(stage, "timer", conversation=name).seconds == 300
    page.reach("bo")
    page.keys("Enter")
    page.find(".dialog.person .choice", "Compare keys")
    page.reach("Ignore")
    page.keys("Enter")
    page.find(".choice", "Hear of them again")
    page.keys("Enter")
    page.find(".choice", "Ignore")
    page.reach("Compare keys")
    page.keys("Enter")
    page.find(".digits")
    page.reach("They are the same")
    page.keys("Enter")
    page.find(".dialog.form input:focus")
    page.keys("Escape")
    page.gone(".dialog[open]")
    # Secrets, the settings, and the way to another machine.
    command(page, "message somebody")
    page.find(".dialog.form input:focus")
    page.write("bo")
    page.keys("Enter")
    page.find(".talk h1", "bo")
    command(page, "send a secret")
    page.find(".dialog textarea:focus")
    page.write("sealed")
    page.keys("Tab")
    page.write("rosebud")
    page.keys("Enter")
    assert stage.bo.open_secret(hear(stage, "secret").id, "rosebud").message == "sealed"
    count = "return document.querySelectorAll('.sealed .button').length"
    before = page.js(count)
    stage.bo.secret("ana", "rosebud", "sealed as well")
    page.until(lambda: page.js(count) > before, "secret")
    command(page, f"open secret {max(stage.ana.wish('secrets')['numbers'])}")
    page.find(".dialog.form input:focus")
    page.write("rosebud")
    page.keys("Enter")
    page.find(".opened", "sealed as well")
    page.keys("Escape")
    command(page, "settings")
    page.reach("Show small pictures at once")
    page.keys(" ")
    page.until(lambda: not stage.ana.wish("settings")["pictures"], "setting")
    page.keys(" ")
    page.reach("Move to another machine")
    page.keys("Enter")
    page.find(".dialog.form input:focus")
    page.keys("Escape")
    page.gone(".dialog[open]")


PASTE = """
const transfer = new DataTransfer();
transfer.items.add(new File(["six words"], "pasted.txt"));
document.body.dispatchEvent(
  new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: transfer }));
"""
"""What a browser tells of Ctrl-V."""


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


def test_times_are_those_of_the_reader(page: Chromium, stage: Stage, group: str) -> None:
    stage.bo.say(group, "when?")
    page.find(".message", "when?")
    (said,) = stage.ana.wish("timeline", conversation=group)["messages"]
    page.devtools("Emulation.setTimezoneOverride", timezoneId="Asia/Tokyo")
    page.devtools("Emulation.setLocaleOverride", locale="de-DE")
    try:
        page.js("location.reload()")
        page.find(".day", "Heute")
        there = datetime.fromtimestamp(said["date"], ZoneInfo("Asia/Tokyo"))
        page.find(".message time", f"{there:%H:%M}")
    finally:
        page.devtools("Emulation.setTimezoneOverride", timezoneId="")
        page.devtools("Emulation.setLocaleOverride")
        page.js("location.reload()")


def test_it_can_be_installed(page: Chromium) -> None:
    assert page.devtools("Page.getInstallabilityErrors")["installabilityErrors"] == []
