"""One user in the browser, one in the full screen of a terminal: each sees what the other does."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium
from tests.browser.stage import CLIENT, PASSPHRASE, Stage, say
from tests.e2e.test_full_screen import Window


@pytest.fixture
def screen(stage: Stage, tmp_path: Path) -> Iterator[Window]:
    """The full screen of cy."""
    if shutil.which("tmux") is None and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("tmux is not installed: apt-get install tmux")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    env = {"LANG": "C.UTF-8", "EIM_DATA": str(tmp_path / "cy"), **kept}
    window = Window(tmp_path / "tmux", "cy", 120, 40, env)
    window.type(shlex.join([sys.executable, str(CLIENT), stage.server.link, "--nick", "cy"]))
    window.press("Enter")
    window.sees("#lobby>", "ready")
    yield window
    subprocess.run(
        ["tmux", "-S", str(tmp_path / "tmux"), "kill-server"], capture_output=True, check=False
    )


def enter(window: Window, line: str) -> None:
    window.type(line)
    window.sees(line[-30:])
    window.press("Enter")


def begin(page: Chromium, what: str, *answers: str) -> None:
    """Make a room or a group."""
    page.click("[aria-label='New conversation']")
    page.click(".choice", what)
    for field, answer in zip(("name", "members"), answers, strict=False):
        page.put(f".dialog input[name={field}]", answer)
    page.click(".dialog .button", "Make it")


def test_what_one_does_the_other_sees(
    page: Chromium, screen: Window, name: str, files: Path
) -> None:
    # Two people, and whether they are who they seem to be.
    enter(screen, "@ana is it you, ana?")
    page.click(".conversation", "cy")
    page.find(".message", "is it you, ana?")
    page.click(".chip.unverified")
    page.find(".digits")
    digits = page.js("return [...document.querySelectorAll('.digits li')].map((e) => e.innerText)")
    enter(screen, "/go @ana")
    screen.sees("@ana>")
    enter(screen, "/verify ana")
    shown = "".join(screen.sees(digits[0], digits[-1]))
    assert all(each in shown for each in digits)
    page.click(".dialog .button", "They are the same")
    page.put(".dialog input", PASSPHRASE)
    page.keys("Enter")
    page.find(".chip.verified")
    enter(screen, "/verify ana ok")
    # What is said, how far it has come, and what becomes of it.
    say(page, "it *is* me")
    screen.sees("it is me")
    page.find(".message.own .sent [aria-label='read by cy']")
    enter(screen, "/reply ana I am glad")
    page.find(".message .reply", "it *is* me")
    page.hover(".message", "I am glad")
    page.click(".tools .plain", "React with 👍")
    screen.sees("👍")
    enter(screen, "/react tada ana")
    page.find(".reaction", "🎉")
    enter(screen, "/edit I am very glad")
    page.find(".message .edited")
    page.find(".message", "I am very glad")
    page.click("#input")
    page.keys("ArrowUp")
    page.find(".context", "Edit your message")
    page.write("!")
    page.keys("Enter")
    screen.sees("it is me!", "(edited)")
    enter(screen, "soon gone")
    page.find(".message", "soon gone")
    enter(screen, "/delete")
    page.find(".deleted", "Deleted by cy")
    # Files, and a secret.
    page.choose("#files", files / "blue.png")
    page.click(".send")
    screen.sees("blue.png")
    enter(screen, f"/send @ana {files / 'blue.png'}")
    page.find(".message:not(.own) .picture:not(.empty) img")
    enter(screen, "/secret ana rosebud under the mat")
    page.click(".sealed .button", "Open")
    page.put(".dialog input", "rosebud")
    page.keys("Enter")
    page.find(".opened", "under the mat")
    page.keys("Escape")
    # A group, whose messages disappear and which calls.
    begin(page, "Make a group", name, "cy")
    page.find(".talk h1", name)
    page.find(".member", "cy")
    say(page, "@cy welcome")
    screen.sees("1 for you")
    screen.press("M-a")
    screen.sees(f"#{name}>", "welcome")
    page.click(".conversation", "lobby")
    enter(screen, "@ana thanks, I am here")
    page.find(".conversation", "cy, 1 unread")
    enter(screen, f"#{name} hello @ana, and all")
    page.find(".conversation", f"{name}, 1 unread, 1 for you")
    page.click(".conversation", name)
    page.find(".news", "New")
    page.find(".message.mention", "hello")
    enter(screen, "/timer 1d")
    page.find(".line", "cy has set messages to disappear 1 day after they were read")
    # A room with a key, who is there, and what is searched.
    begin_keyed(page, f"{name}-den")
    key = page.js("return document.querySelector('.opened').innerText")
    page.click(".dialog .button", "Done")
    enter(screen, f"/join {name}-den {key}")
    page.find(".member", "cy")
    enter(screen, "/status away")
    page.find(".member", "Away")
    page.keys("Control+f")
    page.until(lambda: page.focus == "search")
    page.write("thanks from:cy")
    page.click(".check", "Only in")
    page.click(".hit", "thanks, I am here")
    page.find(".talk h1", "cy")
    page.find(".message.flash", "thanks")
    # One goes, and is heard no more.
    screen.press("C-c", "C-c")
    page.find(".bar .quiet", "Not connected")


def begin_keyed(page: Chromium, name: str) -> None:
    page.click("[aria-label='New conversation']")
    page.click(".choice", "Make a room")
    page.put(".dialog input[name=name]", name)
    page.click(".check", "Only who has its key")
    page.click(".dialog .button", "Make it")
    page.find(".opened")
