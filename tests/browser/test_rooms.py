"""Conversations made, joined, changed and left."""

import pytest

from tests.browser.chromium import Chromium
from tests.browser.stage import Stage, hear, say


def test_somebody_is_written_to(page: Chromium, stage: Stage) -> None:
    page.click("[aria-label='New conversation']")
    page.click(".choice", "Message somebody")
    page.put(".dialog input", "bo")
    page.keys("Enter")
    page.find(".talk h1", "bo")
    say(page, "for you alone")
    assert hear(stage, "message", message="for you alone").kind == "private"


def test_nobody_of_that_name_is_said_in_the_dialog(page: Chromium) -> None:
    page.click("[aria-label='New conversation']")
    page.click(".choice", "Message somebody")
    page.put(".dialog input", "nobody-here")
    page.keys("Enter")
    page.find(".error", "nobody-here")
    page.keys("Escape")
    page.gone(".dialog .error")


def test_a_room_is_made_joined_and_left(page: Chromium, stage: Stage, name: str) -> None:
    page.click("[aria-label='New conversation']")
    page.click(".choice", "Make a room")
    page.put(".dialog input[name=name]", name)
    page.keys("Enter")
    page.find(".talk h1", name)
    stage.bo.join(name)
    page.find(".line", "bo joined")
    page.find(".member", "bo")
    page.click(".action", "Leave")
    page.click(".button.danger", "Leave")
    page.gone(".conversation", name)
    page.click("[aria-label='New conversation']")
    page.click(".choice", "Join a room")
    page.click(".dialog.rooms .choice", name)
    page.find(".talk h1", name)


def test_rooms_are_found_and_keyed_ones_ask_for_their_key(
    page: Chromium, stage: Stage, name: str
) -> None:
    stage.bo.create_room(f"{name}-open")
    key = stage.bo.new_key(f"{name}-keyed", create=True)
    page.click("[aria-label='New conversation']")
    page.click(".choice", "Join a room")
    page.find(".dialog.rooms .choice", f"{name}-open")
    page.put(".dialog input", "keyed")
    page.gone(".dialog.rooms .choice", f"{name}-open")
    page.click(".dialog.rooms .choice", f"{name}-keyed")
    page.put(".dialog.form input", "wrong")
    page.keys("Enter")
    page.find(".error")
    page.put(".dialog.form input", key)
    page.keys("Enter")
    page.find(".talk h1", f"{name}-keyed")
    # Also one that is typed.
    page.keys("Control+k")
    page.find(".dialog.palette input:focus")
    page.write("join a room")
    page.keys("Enter")
    page.find(".dialog.rooms input:focus")
    page.write(f"#{name}-open")
    page.keys("Enter")
    page.find(".talk h1", f"{name}-open")


@pytest.mark.parametrize(
    ("label", "setting"),
    [
        ("Tell others how far I have read", "receipts"),
        ("Show small pictures at once", "pictures"),
    ],
)
def test_settings_of_all_front_ends_are_settled(
    page: Chromium, stage: Stage, label: str, setting: str
) -> None:
    page.click(".me")
    page.click(".check", label)
    page.until(lambda: not stage.ana.wish("settings")[setting], setting)
    page.click(".check", label)
    page.until(lambda: stage.ana.wish("settings")[setting], setting)
    page.keys("Escape")


def test_a_keyed_room_shows_its_key_once(page: Chromium, stage: Stage, name: str) -> None:
    page.click("[aria-label='New conversation']")
    page.click(".choice", "Make a room")
    page.put(".dialog input[name=name]", name)
    page.click(".check", "Only those who have its key")
    page.click(".dialog .button", "Make it")
    page.find(".dialog h2", f"The key of {name}")
    key = page.js("return document.querySelector('.opened').innerText")
    page.click(".dialog .button", "Done")
    page.gone(".opened")
    assert key not in page.text
    stage.bo.join(name, key)
    page.find(".member", "bo")
    page.find(".bar .quiet", "keyed room")
    page.click(".action", "Change the key")
    page.click(".button.danger", "Change it")
    page.find(".opened")
    assert page.js("return document.querySelector('.opened').innerText") != key


def test_a_group_is_made_and_changed(page: Chromium, stage: Stage, name: str) -> None:
    page.click("[aria-label='New conversation']")
    page.click(".choice", "Make a group")
    page.put(".dialog input[name=name]", name)
    page.keys("Enter")
    page.find(".talk h1", name)
    page.click(".action", "Add people")
    page.put(".dialog input[name=members]", "bo")
    page.keys("Enter")
    page.find(".member", "bo")
    hear(stage, "group", group=name, action="added")
    page.click("[aria-label='Remove bo']")
    page.click(".button.danger", "Remove")
    page.gone(".member", "bo")
    page.click(".action", "Delete")
    page.click(".button.danger", "Delete")
    page.gone(".conversation", name)


def test_a_conversation_is_muted(page: Chromium, stage: Stage, group: str) -> None:
    page.click(".action", "Mute")
    page.find(".conversation.muted", group)
    page.click(".conversation", "lobby")
    page.find(".talk h1", "lobby")
    title = page.js("return document.title")
    stage.bo.say(group, "quietly")
    page.find(".conversation", f"{group}, 1 unread")
    assert page.js("return document.title") == title
    page.click(".conversation", group)
    page.click(".action", "Unmute")
    page.gone(".conversation.muted", group)


def test_statuses_are_seen_and_set(page: Chromium, stage: Stage) -> None:
    stage.bo.status("away")
    page.find(".member", "Away")
    stage.bo.status("normal")
    page.click(".me")
    page.click(".check", "Do not disturb")
    hear(stage, "status", nick="ana", status="dnd")
    page.click(".check", "Available")
    page.find(".me", "Available")
    page.keys("Escape")


def test_words_that_call_are_settled(page: Chromium, stage: Stage, group: str) -> None:
    page.click(".me")
    page.put(".dialog input[placeholder^=release]", "pizza")
    page.keys("Tab")
    page.until(lambda: stage.ana.wish("settings")["highlights"] == ["pizza"])
    page.keys("Escape")
    page.click(".conversation", "lobby")
    stage.bo.say(group, "there is pizza")
    page.find(".conversation", f"{group}, 1 unread, 1 for you")


def test_one_goes_on_where_one_was(page: Chromium, stage: Stage, group: str) -> None:
    page.until(lambda: stage.ana.wish("settings")["place"] == f"#{group}", "place")
    first = page.tab()
    page.open(stage.ana.link())
    page.find(".talk h1", group)
    page.back_to(first)


def test_what_came_and_went_at_once_is_gone(page: Chromium, stage: Stage, name: str) -> None:
    stage.bo.create_room(name)
    page.within(
        "const join = await page.wish('join', { name: arguments[0] });"
        "const { deeds } = await import('/page/deeds.js');"
        "deeds.go(join); await deeds.quit('leave', join.id);"
        "window.isHeld = page.app.state.conversations.has(join.id)",
        name,
    )
    # Whether that is ever told or not.
    assert page.js("return window.isHeld") is False
    page.gone(".conversation", name)
    page.gone(".talk h1", name)
