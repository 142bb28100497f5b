"""Keys compared, keys that have changed, people who are ignored, and the way to another machine."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from geventim import Client
from geventim.client.people import identity_file
from tests.browser.chromium import Chromium
from tests.browser.stage import PASSPHRASE, Shown, Stage


def enter_passphrase(page: Chromium) -> None:
    page.find(".dialog h2", "Your passphrase")
    page.put(".dialog input", PASSPHRASE)
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


def test_another_key_blocks_sending_until_it_is_decided(
    browser: Chromium, start_server: Callable[..., Any], tmp_path: Path
) -> None:
    server = start_server()
    ana = Shown(server.link, "ana", tmp_path / "ana")
    with Client(server.link, nick="bo", data=tmp_path / "bo") as bo:
        ana.sees("connected")
        bo.say("@ana", "hello")
        ana.sees("message", message="hello")
    ana.kill()
    # The operator forgets everybody, keeps the server's key, and lets somebody else be bo.
    server.stop()
    data = tmp_path / "another"
    (data / "server").mkdir(parents=True)
    shutil.copy(server.data / "server" / "key", data / "server" / "key")
    other = start_server("--port", str(server.port), data=data)
    # The lobby is not gone on with unless ana says so; another room may well be new.
    ana = Shown(other.link, "ana", tmp_path / "ana")
    ana.sees("error", code="gone_back")
    ana.kill()
    ana = Shown(other.link, "ana", tmp_path / "ana", "--room", "den")
    try:
        ana.sees("connected")
        with Client(other.link, nick="bo", room="den", data=tmp_path / "impostor") as bo:
            browser.size(1280, 800)
            browser.open(ana.link())
            browser.find("#input")
            bo.say("@ana", "it is me, bo")
            browser.click(".conversation:has(.mark.bad)", "bo")
            browser.find(".banner.bad", "bo came with another identity key")
            browser.find("#input:disabled")
            browser.find(".chip.changed", "key changed")
            browser.click(".banner .button", "Accept the new key")
            browser.find(".dialog h2", "Your passphrase")
            browser.put(".dialog input", "anything")
            browser.keys("Enter")
            browser.find(".error", "has no passphrase")
    finally:
        ana.kill()


def test_the_identity_is_saved_once_the_passphrase_was_said(page: Chromium) -> None:
    page.click(".me")
    page.click(".dialog .button", "Move to another machine")
    page.find(".dialog p", "whoever has it and its passphrase can be you")
    page.put(".dialog input", "another passphrase")
    page.keys("Enter")
    page.find(".dialog h2", "Your passphrase")
    page.put(".dialog input", "anything")
    page.keys("Enter")
    page.find(".error", "That is not the passphrase.")
    enter_passphrase(page)
    page.gone(".dialog h2", "Your passphrase")
    saved = page.downloads / "ana.identity"
    page.until(lambda: saved.exists() and saved.stat().st_size, "saved identity")
    assert identity_file.open_sealed(saved.read_bytes(), "another passphrase")
