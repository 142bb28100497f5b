"""How the user is called: notifications, the title, and the icon."""

import pytest

from tests.browser.chromium import Chromium
from tests.browser.stage import Stage

WATCH = """
window.notes = [];
window.Notification = class {
  constructor(title, { body, tag }) { notes.push([title, body]); }
  close() {}
};
Notification.permission = arguments[0];
Notification.requestPermission = async () => { Notification.permission = arguments[1]; };
document.hasFocus = () => window.isLookedAt;
window.isLookedAt = arguments[2];
window.spoiled = true;
"""
"""Notifications are collected. Is given which permission there is, what is answered to a request
for one, and whether somebody looks at the page."""

NOTES = "return window.notes"
ICON = "return document.querySelector('link[rel=icon]').href"


def watch(
    page: Chromium, permission: str = "granted", answer: str = "granted", looked_at: bool = False
) -> None:
    page.js(WATCH, permission, answer, looked_at)


def choose(page: Chromium, calls: str = "calls", words: bool = False) -> None:
    """Have the settings say of what, and how, one is notified."""
    page.click(".me")
    page.find(".dialog.settings select")
    page.js(
        """
        const select = document.querySelector(".dialog select");
        select.value = arguments[0];
        select.dispatchEvent(new Event("change"));
        const box = [...document.querySelectorAll(".dialog .check")]
          .find((each) => each.innerText === "Show what was written").querySelector("input");
        if (box.checked !== arguments[1]) box.click();
        """,
        calls,
        words,
    )
    page.keys("Escape")
    page.gone(".dialog.settings")


def test_who_is_called_is_told_by_whom_and_not_what(
    page: Chromium, stage: Stage, group: str
) -> None:
    watch(page)
    choose(page)
    stage.bo.say(group, "nobody is called")
    stage.bo.say(group, "@ana come")
    page.until(lambda: page.js(NOTES) == [[f"bo in {group}", "New message"]], "notification")


def test_the_settings_say_of_what_and_how(page: Chromium, stage: Stage, group: str) -> None:
    watch(page)
    choose(page, "none", words=True)
    stage.bo.say(group, "@ana one")
    page.find(".message", "@ana one")
    choose(page, "all", words=True)
    stage.bo.say(group, "two")
    page.until(lambda: page.js(NOTES) == [[f"bo in {group}", "two"]], "notification")
    choose(page)


def test_nobody_is_notified_of_what_they_look_at(page: Chromium, stage: Stage, group: str) -> None:
    watch(page, looked_at=True)
    stage.bo.say(group, "@ana one")
    page.find(".message", "@ana one")
    page.js("window.isLookedAt = false")
    stage.bo.say(group, "@ana two")
    page.until(lambda: len(page.js(NOTES)) == 1, "notification")


@pytest.mark.parametrize(
    ("answer", "words"), [("granted", ""), ("denied", "does not let the page notify you")]
)
def test_permission_is_asked_for_in_the_settings_alone(
    page: Chromium, stage: Stage, group: str, answer: str, words: str
) -> None:
    watch(page, "default", answer)
    stage.bo.say(group, "@ana one")
    page.find(".message", "@ana one")
    page.click(".me")
    page.click(".dialog .button", "Let this page notify me")
    page.gone(".dialog .button", "Let this page notify me")
    page.find(".dialog fieldset", words)
    page.keys("Escape")
    assert page.js(NOTES) == []


def test_title_and_icon_count(page: Chromium, stage: Stage, group: str) -> None:
    page.click(".conversation", "lobby")
    page.find(".talk h1", "lobby")
    title = "lobby \u2013 geventim"
    page.until(lambda: page.js("return document.title") == title, title)
    assert page.js(ICON).endswith("/page/icon.svg")
    stage.bo.say(group, "new")
    page.until(lambda: page.js("return document.title") == f"\u2022 {title}", "a dot")
    page.until(lambda: page.js(ICON).startswith("blob:"), "another icon")
    dot = page.js(ICON)
    stage.bo.say(group, "@ana")
    page.until(lambda: page.js("return document.title") == f"(1) {title}", "a count")
    page.until(lambda: page.js(ICON) not in {dot, ""} and page.js(ICON).startswith("blob:"))
    assert page.js_async(
        "const [done] = arguments; const image = new Image();"
        "image.onload = () => done(image.width > 0); image.onerror = () => done(false);"
        "image.src = document.querySelector('link[rel=icon]').href"
    )
    page.click(".conversation", group)
    page.until(lambda: page.js(ICON).endswith("/page/icon.svg"), "the icon as it was")


ADDED = "You have been added to group '{}' by bo."


def toast(page: Chromium, text: str) -> None:
    """Wait for it, and close it."""
    page.find(".toast", text)
    page.click(".toast button", "Close")
    page.gone(".toast", text)


def test_who_is_added_to_a_group_is_told(page: Chromium, stage: Stage, name: str) -> None:
    watch(page)
    choose(page)
    stage.bo.create_group(name, ("ana",))
    toast(page, ADDED.format(name))
    page.until(lambda: page.js(NOTES) == [["bo", "New group"]], "notification")


def test_who_is_added_is_notified_as_the_settings_say(
    page: Chromium, stage: Stage, name: str
) -> None:
    watch(page)
    choose(page, "none", words=True)
    stage.bo.create_group(name, ("ana",))
    toast(page, ADDED.format(name))
    assert page.js(NOTES) == []
    choose(page, "calls", words=True)
    other = f"{name}-other"
    stage.bo.create_group(other, ("ana",))
    toast(page, ADDED.format(other))
    page.until(lambda: page.js(NOTES) == [["bo", ADDED.format(other)]], "notification")
    choose(page)
    page.js("window.isLookedAt = true")
    third = f"{name}-third"
    stage.bo.create_group(third, ("ana",))
    toast(page, ADDED.format(third))
    assert len(page.js(NOTES)) == 1


TELL = """
page.know({ status: arguments[1] });
const facts = { name: "x", nick: "cy" };
page.receive({ event: "notice", code: "added", text: arguments[0], facts });
page.know({ status: "normal" });
"""


def test_nobody_is_told_who_does_not_want_to_be_disturbed(page: Chromium) -> None:
    watch(page)
    choose(page)
    page.within(TELL, "one", "dnd")
    page.within(TELL, "two", "normal")
    page.find(".toast", "two")
    assert "one" not in page.js("return document.querySelector('.toasts').innerText")
    assert page.js(NOTES) == [["cy", "New group"]]
