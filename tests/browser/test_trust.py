"""Keys compared and doubted, people who are ignored, and the way to another machine."""

from pathlib import Path

import pytest

from geventim.client.people import identity_file
from tests.browser.chromium import Chromium
from tests.browser.stage import PASSPHRASE, Stage, hear, say


def enter_passphrase(page: Chromium, passphrase: str = PASSPHRASE) -> None:
    page.find(".dialog h2", "Your passphrase")
    page.put(".dialog input", passphrase)
    page.keys("Enter")


def test_keys_are_compared(page: Chromium, stage: Stage) -> None:
    stage.bo.say("@ana", "is it you?")
    page.click(".conversation", "bo")
    page.find(".chip.unverified", "not verified")
    page.click(".chip.unverified")
    page.find(".qr")
    digits = page.js("return document.querySelector('.digits').innerText.replace(/\\s/g, '')")
    assert digits == stage.bo.verify("ana").number
    page.click(".dialog .button", "They are the same")
    enter_passphrase(page)
    page.find(".chip.verified", "verified")
    page.find(".conversation .mark.good")
    stage.bo.say("@ana", "it is")
    page.find(".message .mark.good")


def test_the_code_of_a_room_is_shown(page: Chromium, stage: Stage, group: str) -> None:
    page.click(".action", "Compare the code")
    page.find(".dialog .digits")
    digits = page.js("return document.querySelector('.digits').innerText.replace(/\\s/g, '')")
    assert digits == stage.bo.room_code(group).code


def test_somebody_is_ignored_and_heard_again(page: Chromium, stage: Stage, group: str) -> None:
    page.click(".member", "bo")
    page.find(".facts", "Known since")
    page.click(".choice", "Ignore")
    page.find(".choice", "Hear of them again")
    page.keys("Escape")
    stage.bo.say(group, "ignored words")
    page.click(".me")
    page.click(".row .button", "Hear of them again")
    page.find("fieldset", "Nobody.")
    page.keys("Escape")
    stage.bo.say(group, "heard words")
    page.find(".message", "heard words")
    assert "ignored words" not in page.text


DOUBT = """
page.receive({ event: "key-changed", nick: "bo", identity: "7a", why: arguments[0], known: "cy" });
page.know(store.stand(page.app.state, "bo", "changed"));
const doubted = { ...page.app.current, trust: "changed" };
page.know({ conversations: new Map(page.app.state.conversations).set(doubted.id, doubted) });
window.spoiled = true;
"""


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("other-key", "bo came with another identity key than before."),
        ("other-nick", "bo has the identity key of cy: either cy is called so now"),
        ("look-alike", "bo looks like cy, and is somebody else."),
    ],
)
def test_it_is_said_what_is_wrong_with_a_key(
    page: Chromium, group: str, why: str, words: str
) -> None:
    page.find(".member", "bo")
    page.within(DOUBT, why)
    page.find(".banner.bad", words)
    page.find(".banner.bad", "Nothing is sent here until you have decided.")
    page.find("#input:disabled")


NO_PASSPHRASE = """
const fetched = window.fetch;
window.spoiled = true;
window.fetch = (path, options) => path !== "/unlock" ? fetched(path, options)
  : Promise.resolve(new Response('{"error": "no_passphrase"}', { status: 403 }));
"""


def test_who_has_no_passphrase_is_sent_to_the_terminal(page: Chromium) -> None:
    page.js(NO_PASSPHRASE)
    page.click(".me")
    page.click(".dialog .button", "Move to another machine")
    page.put(".dialog input", "another passphrase")
    page.keys("Enter")
    enter_passphrase(page, "anything")
    page.find(".error", "has no passphrase")


def test_the_identity_is_saved_once_the_passphrase_was_said(page: Chromium) -> None:
    page.click(".me")
    page.click(".dialog .button", "Move to another machine")
    page.find(".dialog p", "whoever has it and its passphrase can be you")
    page.put(".dialog input", "another passphrase")
    page.keys("Enter")
    enter_passphrase(page, "anything")
    page.find(".error", "That is not the passphrase.")
    enter_passphrase(page)
    page.gone(".dialog h2", "Your passphrase")
    saved = page.downloads / "ana.identity"
    page.until(lambda: saved.exists() and saved.stat().st_size, "saved identity")
    assert identity_file.open_sealed(saved.read_bytes(), "another passphrase")


def test_another_key_is_accepted_with_the_passphrase(browser: Chromium, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    try:
        stage.bo.say("@ana", "hello")
        browser.size(1280, 800)
        browser.open(stage.first)
        browser.click(".conversation", "bo")
        browser.find(".message", "hello")
        stage.forget()
        # Another room may well be new, which the lobby may not without a word of ana's.
        browser.open("about:blank")
        browser.open(stage.ana.link())
        stage.bo.say("@ana", "it is me")
        browser.click(".conversation:has(.mark.bad)", "bo")
        browser.find(".banner.bad", "bo came with another identity key than before.")
        browser.find("#input:disabled")
        browser.click(".banner .button", "Accept the new key")
        enter_passphrase(browser, "anything")
        browser.find(".error", "That is not the passphrase.")
        browser.keys("Escape")
        browser.gone(".dialog h2", "Your passphrase")
        # Nothing has been decided yet.
        browser.find("#input:disabled")
        browser.click(".banner .button", "Accept the new key")
        enter_passphrase(browser)
        browser.find(".toast", "The new key of bo is accepted. It is not verified yet.")
        browser.gone(".banner.bad")
        browser.find(".chip.unverified", "not verified")
        say(browser, "now I write to you")
        hear(stage, "message", message="now I write to you", nick="ana")
        assert browser.js("return window.trouble") == []
    finally:
        browser.open("about:blank")
        stage.close()
