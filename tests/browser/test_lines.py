"""Lines that break, links that are used up, and sessions that end."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium
from tests.browser.stage import Shown, Stage, say

BREAK = "window.broken = true; for (const each of window.streams) each.abort();"

STREAMS = """
window.streams = [];
const fetched = window.fetch;
window.fetch = (path, options = {}) => {
  if (path !== "/events") return fetched(path, options);
  const cut = new AbortController();
  streams.push(cut);
  window.resumed = options.headers["Last-Event-ID"];
  return fetched(path, { ...options, signal: cut.signal });
};
"""


def test_a_broken_stream_goes_on_with_nothing_twice(
    browser: Chromium, stage: Stage, name: str
) -> None:
    script = browser.devtools("Page.addScriptToEvaluateOnNewDocument", source=STREAMS)
    try:
        browser.open(stage.ana.link())
        browser.find("#input")
        stage.bo.create_group(name, ("ana",))
        browser.click(".conversation", name)
        stage.bo.say(name, "before")
        browser.find(".message", "before")
        for number in range(3):
            browser.js(BREAK)
            stage.bo.say(name, f"meanwhile {number}")
            browser.find(".message", f"meanwhile {number}")
        browser.gone(".banner.bad")
        assert browser.js("return window.resumed")
        texts = browser.js(
            "return [...document.querySelectorAll('.body')].map((each) => each.innerText)"
        )
        assert texts == ["before", "meanwhile 0", "meanwhile 1", "meanwhile 2"]
    finally:
        browser.devtools("Page.removeScriptToEvaluateOnNewDocument", **script)


def test_a_link_is_for_one_tab_and_leaves_no_token(browser: Chromium, stage: Stage) -> None:
    link = stage.ana.link()
    browser.open(link)
    browser.find("#input")
    assert browser.js("return location.hash") == ""
    token = link.rpartition("#")[2]
    assert token not in browser.js("return document.title + document.body.innerHTML + location")
    first = browser.tab()
    browser.open(link)
    browser.find(".lonely h1", "This link was used already")
    browser.find(".lonely code", "eim-client --web")
    browser.back_to(first)
    browser.find(".lonely h1", "This session was ended")


def test_without_a_link_it_says_how_to_get_one(browser: Chromium, stage: Stage) -> None:
    origin = stage.ana.link().partition("/#")[0]
    here = browser.tab()
    browser.open(origin)
    browser.find(".lonely h1", "This page needs a link")
    browser.back_to(here)


def test_a_page_that_is_loaded_anew_goes_on(page: Chromium, group: str) -> None:
    say(page, "still here")
    page.find(".message .sent")
    page.js("location.reload()")
    page.find(".talk h1", group)
    page.find(".message", "still here")


def test_leaving_ends_the_session(page: Chromium) -> None:
    page.click(".me")
    page.click(".dialog .button", "End this session")
    page.find(".lonely h1", "You have left")
    # Nothing stays for whoever sits down here next.
    assert page.js("return Object.keys(sessionStorage)") == []
    assert page.js("return Object.keys(localStorage)") in ([], ["preferences"])
    page.js("location.reload()")
    page.find(".lonely h1", "This page needs a link")


def test_two_tabs_are_told_the_same(page: Chromium, stage: Stage, group: str) -> None:
    first = page.tab()
    page.open(stage.ana.link())
    page.click(".conversation", group)
    say(page, "from the second")
    page.find(".message .sent")
    page.back_to(first)
    page.find(".message.own", "from the second")


def test_a_client_that_was_started_again_knows_no_old_page(
    browser: Chromium, stage: Stage, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = Shown(stage.server.link, "eva", tmp_path, "--web-host", f"127.0.0.1:{port}")
    browser.open(str(client.sees("web")["url"]))
    browser.find("#input")
    client.kill()
    browser.find(".banner.bad", "does not answer")
    client.start()
    try:
        link = str(client.sees("web")["url"])
        browser.find(".lonely h1", "This session is over")
        browser.find(".lonely code", "eim-client --web")
        assert browser.js("return Object.keys(sessionStorage)") == []
        browser.open("about:blank")
        browser.open(link)
        browser.find("#input")
    finally:
        client.kill()


@pytest.fixture(autouse=True)
def nothing_is_wrong(browser: Chromium) -> Iterator[Callable[[], None] | None]:
    """No page may have failed."""
    browser.size(1280, 800)
    yield None
    trouble = browser.js("return window.trouble ?? []")
    browser.open("about:blank")
    assert trouble == []
