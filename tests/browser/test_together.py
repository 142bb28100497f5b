"""One user in the browser, one in the full screen of a terminal: each sees what the other does."""

import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Chromium
from tests.browser.stage import CLIENT, PASSPHRASE, Shown, Stage, say
from tests.browser.test_calls import ICON, NOTES, watch
from tests.browser.test_files import DROP
from tests.e2e.windows import Window, close_all

Sit = Callable[..., Window]


@pytest.fixture(scope="module")
def sit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sit]:
    """Has somebody sit down at a terminal and call a program: ``sit(data, word, word, ...)``."""
    if shutil.which("tmux") is None and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("tmux is not installed: apt-get install tmux")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    socket = tmp_path_factory.mktemp("tmux") / "socket"
    numbers = count(1)

    def start(data: Path, *words: str) -> Window:
        env = {"LANG": "C.UTF-8", "EIM_DATA": str(data), **kept}
        window = Window(socket, f"window{next(numbers)}", 120, 40, env)
        window.type(shlex.join([sys.executable, str(CLIENT), *words]), "Enter")
        return window

    yield start
    close_all(socket)


@pytest.fixture(scope="module")
def screen(stage: Stage, sit: Sit, tmp_path_factory: pytest.TempPathFactory) -> Window:
    """The full screen of cy."""
    window = sit(tmp_path_factory.mktemp("cy"), stage.server.link, "--nick", "cy")
    window.sees("#lobby>", "ready")
    return window


def enter(window: Window, line: str) -> None:
    window.type(line)
    window.sees(line[-30:])
    window.press("Enter")


def go(window: Window, place: str) -> None:
    enter(window, f"/go {place}")
    window.sees(f"{place}>")


def begin(page: Chromium, what: str, *answers: str) -> None:
    """Make a room or a group."""
    page.click("[aria-label='New conversation']")
    page.click(".choice", what)
    for field, answer in zip(("name", "members"), answers, strict=False):
        page.put(f".dialog input[name={field}]", answer)
    page.click(".dialog .button", "Make it")


AT_END = """
const input = document.getElementById("input");
return document.activeElement === input && input.value === arguments[0]
  && input.selectionStart === input.value.length;
"""
"""Whether one goes on with that text."""


def digits_of(page: Chromium) -> list[str]:
    """The digits that are to be compared."""
    page.find(".digits")
    page.find(".qr")
    script = "return [...document.querySelectorAll('.digits li')].map((each) => each.innerText)"
    return [str(each) for each in page.js(script)]


def compare(page: Chromium, window: Window) -> None:
    """Have both look whether they see the same, and say so."""
    digits = digits_of(page)
    enter(window, "/verify ana")
    shown = "".join(window.sees(digits[0], digits[-1]))
    assert all(each in shown for each in digits)
    window.press("Enter")
    window.sees("/verify ana ok", without="Esc closes")
    window.press("Enter")
    window.sees("ana is verified")
    page.click(".dialog .button", "They are the same")
    page.find(".dialog h2", "Your passphrase")
    page.put(".dialog input", "anything")
    page.keys("Enter")
    page.find(".error", "That is not the passphrase.")
    page.put(".dialog input", PASSPHRASE)
    page.keys("Enter")
    page.find(".chip.verified")


def test_what_one_does_the_other_sees(
    page: Chromium, screen: Window, name: str, files: Path
) -> None:
    # Two people, and whether they are who they seem to be.
    enter(screen, "@ana is it you, ana?")
    page.click(".conversation", "cy")
    page.find(".message", "is it you, ana?")
    page.click(".chip.unverified")
    go(screen, "@ana")
    compare(page, screen)
    # What is said, how far it has come, and what becomes of it.
    say(page, "it *is* me")
    screen.sees("it is me")
    page.find(".day", "Today")
    page.find(".message.own .sent [aria-label='read by cy']")
    enter(screen, "/reply ana I am glad")
    page.find(".message .reply", "it is me")
    page.hover(".message", "I am glad")
    page.click(".tools .plain", "React with 👍")
    screen.sees("👍")
    page.click(".tools [aria-label=React]")
    page.put(".dialog input", "rocket")
    page.click(".grid button", "rocket")
    screen.sees("🚀")
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
    say(page, "```py\nprint('so')\n```")
    screen.sees("print('so')")
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
    page.click("[aria-label='Remove cy']")
    page.click(".button.danger", "Remove")
    page.gone(".member", "cy")
    screen.sees("removed", name)
    page.click(".action", "Delete")
    page.click(".button.danger", "Delete")
    page.gone(".conversation", name)
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


def begin_keyed(page: Chromium, name: str) -> None:
    page.click("[aria-label='New conversation']")
    page.click(".choice", "Make a room")
    page.put(".dialog input[name=name]", name)
    page.click(".check", "Only those who have its key")
    page.click(".dialog .button", "Make it")
    page.find(".opened")


def test_what_one_settles_the_other_notices(
    page: Chromium, screen: Window, name: str, files: Path
) -> None:
    enter(screen, "@ana here I am")
    page.click(".conversation", "cy")
    page.find(".message", "here I am")
    go(screen, "@ana")
    # Who one is, and what is sealed.
    page.click(".me")
    page.click(".check", "Do not disturb")
    screen.sees("ana is now 'dnd'")
    page.click(".check", "Available")
    screen.sees("ana is now 'normal'")
    page.keys("Escape")
    page.click(".composer [aria-label='Send a secret']")
    page.put(".dialog textarea", "behind the clock")
    page.put(".dialog input", "rosebud")
    page.keys("Enter")
    page.find(".sealed", "A secret that you have sent")
    screen.sees("Secret message #1 from ana")
    enter(screen, "/open 1")
    screen.sees("Enter the key of secret #1")
    screen.type("rosebud")
    screen.press("Enter")
    screen.sees("behind the clock")
    # Files: dropped, pasted, given up and saved.
    for how in ("drop", "paste"):
        page.js(DROP, how, f"{how}.bin", [1, 2, 3])
        page.find(".chosen .chip", f"{how}.bin")
    page.click(".send")
    screen.sees("drop.bin", "paste.bin")
    with (files / "large.bin").open("wb") as file:
        file.truncate(200_000_000)
    page.choose("#files", files / "large.bin")
    page.click(".send")
    page.find(".transfers progress")
    page.click(".transfers [aria-label='Cancel large.bin']")
    page.gone(".transfers .file")
    (files / "theirs.txt").write_text("six words\n")
    enter(screen, f"/send @ana {files / 'theirs.txt'}")
    page.click("[aria-label='Save theirs.txt']")
    saved = page.downloads / "theirs.txt"
    page.until(lambda: saved.exists() and saved.stat().st_size, "saved file")
    assert "large.bin" not in "".join(screen.lines())
    page.js(
        "const select = document.querySelector('.side select');"
        "select.value = '3600'; select.dispatchEvent(new Event('change'))"
    )
    screen.sees("ana has set that messages", "hour")
    # Rooms and groups that the other makes, and changes.
    enter(screen, f"/create room {name}-hall")
    screen.sees(f"#{name}-hall>")
    page.click("[aria-label='New conversation']")
    page.click(".choice", "Join a room")
    page.click(".dialog.rooms .choice", f"{name}-hall")
    screen.sees("ana came")
    page.click(".action", "Leave")
    page.click(".button.danger", "Leave")
    page.gone(".conversation", f"{name}-hall")
    screen.sees("1 person")
    enter(screen, f"/group set {name} ana")
    page.click(".conversation", name)
    page.find(".member", "cy")
    enter(screen, f"/group add {name} bo")
    page.find(".member", "bo")
    enter(screen, f"/group remove {name} bo")
    page.gone(".member", "bo")
    go(screen, f"#{name}")
    # Whom one hears, and what others are told.
    page.click(".member", "cy")
    page.click(".choice", "Ignore")
    page.find(".choice", "Hear of them again")
    page.keys("Escape")
    enter(screen, "words that are ignored")
    page.click(".me")
    page.click(".row .button", "Hear of them again")
    page.find("fieldset", "Nobody.")
    page.put(".dialog input[placeholder^=release]", "pizza")
    page.keys("Tab")
    page.click(".check", "Tell others how far I have read")
    page.find(".check:has(:not(:checked))", "Tell others how far I have read")
    page.keys("Escape")
    page.click(".conversation", "lobby")
    enter(screen, "there is pizza")
    page.find(".conversation", f"{name}, 1 unread, 1 for you")
    page.click(".conversation", name)
    page.find(".message", "there is pizza")
    page.gone(".badge")
    assert "words that are ignored" not in page.text
    page.click(".me")
    page.click(".check", "Tell others how far I have read")
    page.keys("Escape")
    enter(screen, "now you read")
    assert not any("pizza (read" in each for each in screen.sees("now you read (read by ana)"))
    # What one has not sent yet is seen by nobody, and not lost.
    page.click("#input")
    page.write("half a thou")
    page.click(".conversation", "cy")
    page.find(".conversation", f"{name}, with a draft")
    page.js("location.reload()")
    page.click(".conversation", name)
    page.until(lambda: page.js(AT_END, "half a thou"), "the draft, and to go on with it")
    assert "half a thou" not in "".join(screen.lines())
    page.write("ght")
    page.keys("Enter")
    screen.sees("half a thought")


def test_the_habits_of_the_page_hold_for_what_the_other_writes(
    page: Chromium, stage: Stage, screen: Window, name: str
) -> None:
    enter(screen, f"/group set {name} ana")
    go(screen, f"#{name}")
    page.click(".conversation", name)
    page.find(".talk h1", name)
    enter(screen, "are you there?")
    heard = "return document.getElementById('live').textContent"
    page.until(lambda: page.js(heard) == "cy: are you there?", "words for who listens")
    # Who looks elsewhere is called.
    page.click(".conversation", "lobby")
    page.find(".talk h1", "lobby")
    watch(page)
    enter(screen, f"#{name} come @ana")
    page.until(lambda: page.js(NOTES) == [[f"cy in {name}", "New message"]], "notification")
    page.until(lambda: page.js("return document.title").startswith("(1) "), "count")
    page.until(lambda: page.js(ICON).startswith("blob:"), "icon with a count")
    page.js("location.reload()")
    # By keys alone.
    page.find("#input")
    page.keys("Alt+a")
    page.find(".message.mention", "come")
    page.until(lambda: page.focus == "input")
    page.keys(*"by keys", "Enter")
    screen.sees("by keys")
    page.until(lambda: (page.keys("F6"), page.focus.startswith("ana,"))[1])
    page.keys("ArrowUp")
    page.until(lambda: page.focus.startswith("cy,"))
    page.keys("+")
    page.find(".dialog.emoji input:focus")
    page.write("rocket")
    page.keys("Enter")
    screen.sees("🚀")
    # In another tab as well.
    first = page.tab()
    page.open(stage.ana.link())
    page.click(".conversation", name)
    enter(screen, "to both of you")
    page.find(".message", "to both of you")
    page.back_to(first)
    page.find(".message", "to both of you")
    # Small, in the dark, from right to left, elsewhere.
    page.prefer(prefers_color_scheme="dark", prefers_reduced_motion="reduce")
    page.size(320, 640)
    enter(screen, "שלום " + "W" * 80)
    page.find(".message", "WWWW")
    direction = (
        "return getComputedStyle([...document.querySelectorAll('.body p')].at(-1)).direction"
    )
    assert page.js(direction) == "rtl"
    assert page.js("return document.documentElement.scrollWidth") == 320
    page.size(640, 400, 2)
    assert page.js("return document.documentElement.scrollWidth") == 640


def test_lines_that_break_and_keys_that_change(
    browser: Chromium, sit: Sit, start_server: Callable[..., Any], tmp_path: Path
) -> None:
    server = start_server()
    ana = Shown(server.link, "ana", tmp_path / "ana", new=True)
    first = sit(tmp_path / "cy", server.link, "--nick", "cy")
    first.sees("#lobby>", "ready")
    browser.size(1280, 800)
    browser.open(ana.link())
    browser.find(".steps", "0 of 4")
    enter(first, "@ana hello")
    browser.click(".conversation", "cy")
    browser.find(".message", "hello")
    say(browser, "hello, cy")
    go(first, "@ana")
    first.sees("hello, cy")
    browser.find(".steps", "2 of 4")
    # What is said without a connection waits, also for another page.
    server.stop()
    browser.find(".banner", "Not connected")
    say(browser, "later")
    browser.find(".fate", "Is sent when you are connected")
    browser.js("location.reload()")
    browser.find(".message", "later")
    browser.find(".fate", "Is sent when you are connected")
    say(browser, "no, not this")
    browser.find(".message", "no, not this")
    browser.js("[...document.querySelectorAll('.fate .link')].at(-1).click()")
    browser.gone(".message", "no, not this")
    written = "return document.getElementById('input').value"
    browser.until(lambda: browser.js(written) == "no, not this", "what was taken back")
    browser.put("#input", "-")
    browser.keys("Backspace")
    server.restart()
    first.sees("later", without="not this")
    browser.gone(".fate")
    browser.gone(".banner", "Not connected")
    # A server that takes its time is said to.
    server.process.send_signal(signal.SIGSTOP)
    say(browser, "slowly")
    browser.find(".fate", "The server has not confirmed this yet")
    server.process.send_signal(signal.SIGCONT)
    first.sees("slowly")
    browser.gone(".fate")
    # The operator forgets everybody, keeps the server's key, and lets somebody else be cy.
    ana.kill()
    first.press("C-c", "C-c")
    first.sees("ready>")
    server.stop()
    data = tmp_path / "another"
    (data / "server").mkdir(parents=True)
    shutil.copy(server.data / "server" / "key", data / "server" / "key")
    other = start_server("--port", str(server.port), data=data)
    # The lobby is not gone on with unless ana says so; another room may well be new.
    ana = Shown(other.link, "ana", tmp_path / "ana", "--room", "den")
    ana.type(PASSPHRASE)
    try:
        ana.sees("connected")
        second = sit(tmp_path / "impostor", other.link, "--nick", "cy", "--room", "den")
        second.sees("#den>", "ready")
        browser.open("about:blank")
        browser.open(ana.link())
        browser.find("#input")
        enter(second, "@ana it is me, cy")
        browser.click(".conversation:has(.mark.bad)", "cy")
        browser.find(".banner.bad", "cy came with another identity key")
        browser.find("#input:disabled")
        browser.find(".chip.changed", "key changed")
        browser.click(".banner .button", "Compare keys")
        go(second, "@ana")
        compare(browser, second)
        browser.gone(".banner")
        say(browser, "now I know")
        second.sees("now I know")
        # The way to another machine, after which this one is over.
        browser.click(".me")
        browser.click(".dialog .button", "Move to another machine")
        browser.find(".dialog p", "whoever has it and its passphrase can be you")
        browser.put(".dialog input", "another passphrase")
        browser.keys("Enter")
        saved = browser.downloads / "ana.identity"
        browser.until(lambda: saved.exists() and saved.stat().st_size, "saved identity")
        moved = sit(tmp_path / "moved", "identity", "import", str(saved))
        moved.sees("Passphrase or key")
        moved.type("another passphrase")
        moved.press("Enter")
        moved.sees("This is the identity of ana", "Connect with")
        moved.type(shlex.join([sys.executable, str(CLIENT), other.link, "--nick", "ana"]))
        moved.press("Enter")
        moved.sees("@cy")
        browser.find(".banner.bad", "eim-client --web")
    finally:
        ana.kill()
    assert browser.js("return window.trouble ?? []") == []
    browser.open("about:blank")
