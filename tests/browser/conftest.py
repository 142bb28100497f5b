"""One server, one browser and two users for all tests here, and a page for each."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.browser.chromium import Chromium
from tests.browser.pictures import png
from tests.browser.stage import Stage

NUMBERS = count(1)

WATCH = """
window.trouble = [];
addEventListener("error", ({ message, filename, lineno }) =>
  trouble.push(`${message} ${filename}:${lineno}`));
addEventListener("unhandledrejection", ({ reason }) => trouble.push(`${reason?.stack ?? reason}`));
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, lineNumber }) =>
  trouble.push(`CSP: ${violatedDirective} ${blockedURI} ${lineNumber}`));
"""
"""Collects what goes wrong in a page, and what its policy forbids."""


IS_CLEAN = """
return location.origin === arguments[0] && window.trouble?.length === 0 && !window.spoiled
  && !!document.querySelector(".side .actions")
  && !document.querySelector(
    "dialog[open], .lonely, .banner, .toast, .context, .chosen, .completion, .transfers > *");
"""
"""Whether another test can go on with the page of that origin: all is as at its beginning."""


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Ana, whom the browser belongs to, and bo, a program."""
    chromium.require()
    stage = Stage(tmp_path_factory.mktemp("stage"))
    yield stage
    stage.close()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser that tells what goes wrong in its pages."""
    chromium.require()
    browser = Chromium(tmp_path_factory.mktemp("chromium"))
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
    yield browser
    browser.close()


@pytest.fixture
def page(stage: Stage, browser: Chromium, request: pytest.FixtureRequest) -> Iterator[Chromium]:
    """The page of ana, who has read everything, as bo has; nothing may go wrong there.

    It is that of the test before, unless that has failed or left it otherwise than it was.
    """
    for each in stage.ana.wish("conversations")["conversations"]:
        if each["unread"]:
            stage.ana.wish("mark_read", conversation=each["id"])
    while stage.bo.next_event(0) is not None:
        pass  # what came of the tests before
    browser.size(1280, 800)
    browser.prefer(prefers_color_scheme="light")
    if browser.js(IS_CLEAN, stage.first.partition("/#")[0]) is not True:
        # Another fragment alone would be no other page.
        browser.open("about:blank")
        browser.open(stage.ana.link())
    browser.click(".conversation", "lobby")
    browser.find(".talk h1", "lobby")
    failed = request.session.testsfailed
    yield browser
    assert browser.js("return window.trouble ?? []") == []
    if request.session.testsfailed > failed:
        browser.open("about:blank")


@pytest.fixture
def name() -> str:
    """A name that nothing else has."""
    return f"name{next(NUMBERS)}"


@pytest.fixture
def group(stage: Stage, page: Chromium, name: str) -> str:
    """A group of both, which is shown."""
    stage.bo.create_group(name, ("ana",))
    page.click(".conversation", name)
    page.find(".talk h1", name)
    # That one was added is told for a while, or is not any more.
    page.js("document.querySelectorAll('.toast button').forEach((each) => each.click())")
    return name


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A directory with `notes.txt` and `blue.png`."""
    (tmp_path / "notes.txt").write_text("six\nwords\n" * 100)
    (tmp_path / "blue.png").write_bytes(png(120, 80, lambda *_: (64, 128, 208)))
    return tmp_path
