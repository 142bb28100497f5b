"""The page, as axe sees it: what keeps out those who do not see, or do not use a mouse."""

import json
import os
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium
from tests.browser.stage import Stage, say
from tests.conftest import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def axe() -> str:
    """The program that looks for what keeps people out."""
    if not AXE.exists() and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("no axe-core here: npm ci")
    return AXE.read_text(encoding="utf-8")


def check(page: Chromium, axe: str, where: str) -> None:
    page.devtools("Runtime.evaluate", expression=axe)
    found = page.devtools(
        "Runtime.evaluate",
        expression="axe.run(document).then((found) => JSON.stringify(found.violations.map((each) =>"
        " [each.id, each.nodes.map((node) => node.html.slice(0, 200) + node.failureSummary)])))",
        awaitPromise=True,
    )
    assert (where, json.loads(found["result"]["value"])) == (where, [])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_any_view(
    page: Chromium, stage: Stage, group: str, files: Path, axe: str, theme: str
) -> None:
    page.prefer(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
    said = stage.bo.say(
        group,
        "# all *kinds* of `things`\n\n> quoted\n\n- a\n\n```py\ncode\n```\nhttps://example.org",
    )
    stage.bo.react(said.message_id, "🎉")
    stage.bo.say(group, "answer", reply_to=said.message_id)
    stage.bo.say(group, "@ana files", files=(str(files / "blue.png"), str(files / "notes.txt")))
    stage.bo.say("@ana", "for you")
    say(page, "mine")
    page.find(".picture img")
    page.find(".message .sent")
    check(page, axe, "a conversation")
    page.hover(".message.own", "mine")
    page.find(".tools")
    check(page, axe, "tools")
    for opener, closer in (
        (lambda: page.keys("Control+k"), ".dialog.palette"),
        (lambda: page.click("[aria-label='New conversation']"), ".dialog.begin"),
        (lambda: page.click(".me"), ".dialog.settings"),
        (lambda: page.click("[aria-label=Emoji]"), ".dialog.emoji"),
        (lambda: page.keys("F1"), ".dialog.help"),
        (lambda: page.click(".member", "bo"), ".dialog.person"),
        (lambda: page.click(".action", "Compare the code"), ".dialog.code"),
        (lambda: page.click(".action", "Add people"), ".dialog.form"),
        (lambda: more(page), ".dialog.message"),
        (lambda: page.click(".picture"), ".dialog.picture"),
        (lambda: page.within("(await import('/page/deeds.js')).deeds.rooms()"), ".dialog.rooms"),
        (lambda: page.within("(await import('/page/deeds.js')).deeds.verify('bo')"), ".qr"),
        (lambda: page.within("(await import('/page/forms.js')).forms.room()"), ".check input"),
        (
            lambda: page.within("(await import('/page/forms.js')).forms.end(page.app.current)"),
            ".danger",
        ),
        (
            lambda: page.within("(await import('/page/forms.js')).forms.sendSecret('bo')"),
            "textarea",
        ),
        (lambda: page.within("page.ask({ kind: 'key', name: 'den', key: '5f' })"), ".dialog.key"),
        (lambda: page.within("page.ask({ kind: 'secret', nick: 'bo', text: 'x' })"), ".opened"),
    ):
        opener()
        page.find(closer)
        check(page, axe, closer)
        page.keys("Escape")
        page.gone(".dialog[open]")
    page.hover(".message", "answer")
    page.click(".tools [aria-label=Reply]")
    page.choose("#files", files / "notes.txt")
    page.write("@b")
    page.find(".completion")
    check(page, axe, "an answer with a file and completions")
    page.keys("Escape", "Escape")
    page.click("[aria-label='Remove notes.txt']")
    page.put("#input", "")
    page.keys("Backspace")
    page.keys("Control+f")
    page.until(lambda: page.focus == "search")
    page.write("things")
    page.find(".hit")
    check(page, axe, "a search")
    page.size(360, 740)
    page.keys("Escape")
    check(page, axe, "360 pixels")
    page.click("[aria-label='All conversations']")
    page.find(".badge")
    check(page, axe, "conversations")
    page.size(1280, 800)
    for view, script in VIEWS.items():
        page.within(script)
        check(page, axe, view)


def more(page: Chromium) -> None:
    page.hover(".message.own", "mine")
    page.click(".tools [aria-label=More]")


VIEWS = {
    "a toast": "page.toast('said'); page.toast('went wrong', true)",
    "an announcement": "page.show({ announcement: 'it is late' })",
    "files that hover": "page.show({ dragging: true })",
    "a key that has changed": "page.show({ dragging: false }); const all = page.app.state.members;"
    "page.know(store.stand(page.app.state, 'bo', 'changed')); const one = page.app.current;"
    "const doubted = { ...one, trust: 'changed' }; window.spoiled = true;"
    "page.know({ conversations: new Map([[one.id, doubted]]) })",
    "no connection": "page.know({ connection: 'offline' }); const id = page.app.ui.open;"
    "const mine = { conversation_id: id, nick: 'ana', message: 'x', date: 1, order: 0, own: true };"
    "page.know(store.wait(page.app.state, 'a', { ...mine, message_id: 'a', delivery: 'queued' }));"
    "page.know(store.wait(page.app.state, 'b', { ...mine, message_id: 'b', delivery: 'refused' }))",
    "no client": "page.show({ line: 'lost' })",
    "no conversation": "page.show({ line: 'open', open: '' }); page.know({ connection: 'online' })",
    "the end": "page.show({ line: 'ended', code: 'old_link' })",
}
"""What is seen seldom: the page is left as it should not be."""
