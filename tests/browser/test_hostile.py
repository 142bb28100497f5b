"""What others write is drawn as text, and what is no picture is not shown as one."""

from pathlib import Path

import pytest

from tests.browser.chromium import Chromium
from tests.browser.stage import Stage

ALIVE = "window.ran = (window.ran ?? 0) + 1"

FOREIGN = """
const foreign = ".message :is(script, img, svg:not(.icon), iframe, b)";
return document.querySelectorAll(foreign).length;
"""

CLICK = """
for (const each of document.querySelectorAll(".message a")) {
  if (!each.href.startsWith("http")) each.click();
}
"""

FITS = "const t = document.querySelector('.timeline'); return t.scrollWidth <= t.clientWidth"

PLANT = """
const there = "https://example.org/";
const add = (tag, props) => document.body.append(Object.assign(document.createElement(tag), props));
for (const plant of [
  () => add("script", { textContent: "window.ran = 1" }),
  () => add("img", { src: there }),
  () => add("iframe", { src: there }),
  () => add("object", { data: there }),
  () => add("video", { src: there }),
  () => add("base", { href: there }),
  () => add("style", { textContent: `@import "${there}"` }),
  () => document.body.setAttribute("style", `background: url(${there})`),
  () => { add("form", { id: "leak", action: there, target: "_blank" }); leak.submit(); },
  () => fetch(there).catch(() => null),
  () => navigator.sendBeacon(there),
  () => new WebSocket("wss://example.org/"),
  () => new EventSource(there),
  () => new Worker("/page/main.js"),
  () => navigator.serviceWorker.register("/page/main.js").then(() => (window.ran = 1), () => null),
  () => import(there).catch(() => null),
  () => { document.body.innerHTML += "<img src=x onerror='window.ran = 1'>"; },
  () => { document.body.setAttribute("onclick", "window.ran = 1"); document.body.click(); },
  () => { setTimeout("window.ran = 1"); },
]) try { plant(); } catch {}
"""

STOPPED = {
    "base-uri", "connect-src", "form-action", "frame-src", "img-src", "media-src",
    "require-trusted-types-for", "script-src-elem", "style-src-attr",
    "style-src-elem",
}  # fmt: skip
"""What the policy says of these."""

TEXTS = {
    "html": f"<img src=x onerror='{ALIVE}'><script>{ALIVE}</script><b>bold</b>",
    "svg": f"<svg onload='{ALIVE}'><a href='javascript:{ALIVE}'>x</a></svg>",
    "link": f"[click](javascript:{ALIVE}) <javascript:{ALIVE}> [x](data:text/html,<b>{ALIVE}</b>)",
    "bidi": "[https://good.example\u202e](https://evil.example/\u202egnp) \u202efdp.exe \u2066x",
    "space": "[x](java\tscript:1) [y]( javascript:1) [z](https://a\u200b.example)",
    "nested": "> " * 300 + "*" * 300 + "[" * 300,
    "zalgo": "Z" + "\u0301" * 500,
    "null": "a\x01b\x7fc",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_are_text(page: Chromium, stage: Stage, group: str, text: str) -> None:
    stage.bo.say(group, text)
    stage.bo.say(group, "the end")
    page.find(".message", "the end")
    links = page.js("return [...document.querySelectorAll('.message a')].map((each) => each.href)")
    assert all(link.startswith(("https://", "http://", "mailto:")) for link in links)
    assert page.js(FOREIGN) == 0
    page.js(CLICK)
    assert page.js("return window.ran ?? 0") == 0


def test_long_lines_stay_within_the_page(page: Chromium, stage: Stage, group: str) -> None:
    stage.bo.say(group, "W" * 32_000)
    stage.bo.say(group, "*a **b [c](" * 2_900)
    stage.bo.say(group, "the end")
    page.find(".message", "the end")
    assert page.js("return document.documentElement.scrollWidth <= innerWidth")
    assert page.js(FITS)


def test_names_of_conversations_are_text(page: Chromium, stage: Stage, name: str) -> None:
    evil = f"{name}-img-src-x"
    stage.bo.create_group(evil, ("ana",))
    page.click(".conversation", evil)
    page.find(".talk h1", evil)


def test_names_of_files_are_text_and_lie_about_nothing(
    page: Chromium, stage: Stage, group: str, tmp_path: Path
) -> None:
    names = ["<img src=x onerror=alert(1)>.txt", "invoice\u202efdp.exe", "x" * 200]
    for each in names:
        (tmp_path / each).write_text("harmless")
    stage.bo.say(group, "", files=tuple(str(tmp_path / each) for each in names))
    page.find(".file .name", "img src=x onerror=alert(1)")
    assert "\u202e" not in page.text
    assert page.js(FITS)


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.ran=1'/>",
        b"<html><script>window.ran=1</script>",
        b"\x89PNG\r\n\x1a\n and then nothing",
        b"GIF89a=0;window.ran=1",
    ],
    ids=["svg", "html", "broken", "polyglot"],
)
def test_what_is_no_picture_is_a_file_like_any_other(
    page: Chromium, stage: Stage, group: str, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "nice.png").write_bytes(content)
    stage.bo.say(group, "", files=(str(tmp_path / "nice.png"),))
    page.find(".file .name", "nice.png")
    page.gone(".picture")
    assert page.js("return window.ran ?? 0") == 0


def test_a_planted_script_is_stopped_and_noticed(browser: Chromium, stage: Stage) -> None:
    browser.open(stage.ana.link())
    browser.find("#input")
    browser.js(PLANT)
    told = (
        "return trouble.filter((each) => each.startsWith('CSP')).map((each) => each.split(' ')[1])"
    )
    browser.until(lambda: set(browser.js(told)) >= STOPPED, "all reports")
    assert browser.js("return document.baseURI === location.href")
    assert browser.js("return window.ran ?? 0") == 0
    browser.open("about:blank")
