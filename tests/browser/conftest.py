"""One server, one browser and two users for all tests here, and a page for each."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium
from tests.browser.chromium import Chromium
from tests.browser.stage import Stage

NUMBERS = count(1)

WATCH = """
window.trouble = [];
addEventListener("error", (event) => trouble.push(`${event.message} ${event.filename}:${event.lineno}`));
addEventListener("unhandledrejection", (event) => trouble.push(String(event.reason?.stack ?? event.reason)));
addEventListener("securitypolicyviolation", (event) =>
  trouble.push(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
"""Collects what goes wrong in a page, and what its policy forbids."""


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
def page(stage: Stage, browser: Chromium) -> Iterator[Chromium]:
    """The page of ana, in which nothing may go wrong."""
    browser.size(1280, 800)
    browser.prefer(prefers_color_scheme="light")
    browser.open(stage.ana.link())
    browser.find("#input")
    yield browser
    assert browser.js("return window.trouble ?? []") == []
    browser.open("about:blank")


@pytest.fixture
def name() -> str:
    """A name that nothing else has."""
    return f"name{next(NUMBERS)}"


def told(browser: Chromium) -> Any:
    """What was drawn of messages: their authors are not repeated within a block."""
    return json.loads(
        browser.js(
            "return JSON.stringify([...document.querySelectorAll('.message')].map((each) => each.ariaLabel))"
        )
    )


@pytest.fixture
def group(stage: Stage, page: Chromium, name: str) -> str:
    """A group of both, which is shown."""
    stage.bo.create_group(name, ("ana",))
    page.click(".conversation", name)
    page.find(".talk h1", name)
    return name


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A directory with `notes.txt` and `blue.png`."""
    (tmp_path / "notes.txt").write_text("six\nwords\n" * 100)
    (tmp_path / "blue.png").write_bytes(blue())
    return tmp_path


def blue(width: int = 120, height: int = 80) -> bytes:
    """A picture, as PNG."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x40\x80\xd0" * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
