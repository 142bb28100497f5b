"""What is said and done in conversations, seen by both."""

from typing import Any

from tests.browser.chromium import Chromium
from tests.browser.stage import Stage, hear, say


def test_what_is_said_appears_with_its_fate(page: Chromium, stage: Stage, group: str) -> None:
    say(page, "hello *there*")
    page.find(".message.own em", "there")
    page.find(".message.own .sent [aria-label=sent]")
    assert hear(stage, "message", conversation=group).message == "hello *there*"
    stage.bo.say(group, "and **you**, see [this](https://example.org/a) `x`")
    page.find(".message strong", "you")
    link = page.js(
        "const a = document.querySelector('.message a');"
        "return [a.href, a.rel, a.title, a.innerText]"
    )
    assert link == [
        "https://example.org/a",
        "noopener noreferrer",
        "https://example.org/a",
        "this (https://example.org/a)",
    ]
    page.find(".day", "Today")


def test_it_is_seen_who_has_read_what_one_has_said(
    page: Chromium, stage: Stage, group: str
) -> None:
    say(page, "read this")
    page.find(".message.own .sent [aria-label=sent]")
    heard = hear(stage, "message", message="read this")
    stage.bo.mark_read(group, order=heard.order)
    page.find(".message.own .sent [aria-label='read by bo']")


def test_code_quotes_and_lists_are_drawn(page: Chromium, stage: Stage, group: str) -> None:
    stage.bo.say(group, "- one\n- two\n\n> said\n\n```py\nprint('<b>')\n```")
    page.find(".body ul li", "two")
    page.find(".body blockquote", "said")
    page.find(".block pre", "print('<b>')")
    page.find(".block .language", "py")
    stage.bo.say(group, "*not* meant", format="plain")
    page.find(".body p", "*not* meant")


def test_several_lines_are_one_message(page: Chromium, stage: Stage, group: str) -> None:
    page.click("#input")
    page.write("one")
    page.keys("Shift+Enter")
    page.write("two")
    page.keys("Enter")
    assert hear(stage, "message", conversation=group).message == "one\ntwo"


def test_a_reply_shows_what_it_answers_and_leads_there(
    page: Chromium, stage: Stage, group: str
) -> None:
    stage.bo.say(group, "what do you think?")
    page.hover(".message", "what do you think?")
    page.click(".tools [aria-label=Reply]")
    page.find(".context", "Reply to bo: what do you think?")
    page.write("a lot")
    page.keys("Enter")
    heard = hear(stage, "message", message="a lot")
    assert heard.reply.excerpt == "what do you think?"
    page.click(".reply", "what do you think?")
    page.find(".message.flash", "what do you think?")


def test_messages_are_edited_and_deleted(page: Chromium, stage: Stage, group: str) -> None:
    say(page, "a tpyo")
    page.find(".message .sent", "")
    page.click("#input")
    page.keys("ArrowUp")
    page.find(".context", "Edit your message")
    page.keys(*["Backspace"] * 4)
    page.write("typo")
    page.keys("Enter")
    page.find(".edited")
    hear(stage, "edited", message="a typo")
    page.hover(".message", "a typo")
    page.click(".tools [aria-label=More]")
    page.click(".choice", "Delete for everybody")
    page.click(".button.danger", "Delete")
    page.find(".deleted", "Deleted by ana")
    hear(stage, "deleted", nick="ana")
    said = stage.bo.say(group, "soon gone")
    page.find(".message", "soon gone")
    stage.bo.edit(said.message_id, "soon really gone")
    page.find(".message", "soon really gone")
    stage.bo.delete_message(said.message_id)
    page.find(".deleted", "Deleted by bo")


def test_nothing_shows_what_is_deleted(page: Chromium, stage: Stage, group: str) -> None:
    said = stage.bo.say(group, "planted")
    stage.bo.say(group, "an answer", reply_to=said.message_id)
    page.find(".reply", "planted")
    page.hover(".message", "planted")
    page.click(".tools [aria-label=Reply]")
    page.find(".context", "Reply to bo: planted")
    stage.bo.delete_message(said.message_id)
    page.find(".deleted", "Deleted by bo")
    page.find(".context", "Reply to bo: (deleted)")
    assert "planted" not in page.js("return document.body.innerText")


def test_reactions_are_given_and_taken_back(page: Chromium, stage: Stage, group: str) -> None:
    said = stage.bo.say(group, "shipped")
    page.hover(".message", "shipped")
    page.click(".tools .plain", "React with 👍")
    page.find(".reaction.mine", "👍")
    assert hear(stage, "reacted", message_id=said.message_id).reaction == "👍"
    stage.bo.react(said.message_id, "👍")
    page.find(".reaction .number", "2")
    page.click(".reaction.mine")
    page.find(".reaction:not(.mine) .number", "1")
    page.hover(".message", "shipped")
    page.click(".tools [aria-label=React]")
    page.put(".dialog input", "rocket")
    page.click(".grid button", "rocket")
    page.find(".reaction.mine", "🚀")
    # What is typed counts, also before it is drawn.
    page.hover(".message", "shipped")
    page.click(".tools [aria-label=React]")
    page.find(".dialog input")
    page.js(
        "const input = document.querySelector('.dialog input'); input.value = 'tada';"
        "input.dispatchEvent(new InputEvent('input'));"
        "input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }))"
    )
    page.find(".reaction.mine", "🎉")


def kept(stage: Stage, name: str) -> dict[str, Any]:
    """What the client of ana knows of a conversation."""
    known = stage.ana.wish("conversations")["conversations"]
    return next(each for each in known if each["name"] == name)


def test_what_is_new_is_counted_and_marked(page: Chromium, stage: Stage, group: str) -> None:
    stage.bo.say(group, "seen")
    page.find(".message", "seen")
    page.until(lambda: kept(stage, group)["unread"] == 0)
    page.click(".conversation", "lobby")
    stage.bo.say(group, "not seen")
    stage.bo.say(group, "@ana look")
    page.find(".conversation", f"{group}, 2 unread, 1 for you")
    page.until(lambda: page.js("return document.title").startswith("("))
    page.click(".conversation", group)
    page.find(".news", "New")
    page.find(".message.mention", "@ana look")
    page.gone(".badge")
    page.until(lambda: page.js("return document.title") == f"{group} \u2013 geventim")


def test_drafts_are_kept_for_each_conversation(page: Chromium, stage: Stage, group: str) -> None:
    page.click("#input")
    page.write("not yet")
    page.click(".conversation", "lobby")
    page.until(lambda: page.js("return document.getElementById('input').value") == "")
    page.find(".conversation", f"{group}, with a draft")
    page.until(lambda: kept(stage, group)["draft"] == "not yet")
    page.js("location.reload()")
    page.click(".conversation", group)
    page.until(lambda: page.js("return document.getElementById('input').value") == "not yet")
    page.keys("Enter")
    assert hear(stage, "message", conversation=group).message == "not yet"
    page.until(lambda: page.js("return document.getElementById('input').value") == "")


def test_what_was_said_is_searched_and_found_where_it_was_said(
    page: Chromium, stage: Stage, group: str
) -> None:
    stage.bo.say(group, "the needle of this haystack")
    for number in range(150):
        stage.bo.say(group, f"hay {number}")
    page.find(".message", "hay 149")
    page.keys("Control+f")
    page.until(lambda: page.focus == "search")
    page.write("needle until:2001-12-31")
    page.find(".side", "Nothing was found.")
    page.put("#search", "needle from:bo until:2999-12-31")
    page.click(".hit", "the needle of this haystack")
    page.find(".message.flash", "needle")
    page.click(".down .button")
    page.find(".message", "hay 149")


def test_nicks_and_emoji_are_completed(page: Chromium, stage: Stage, group: str) -> None:
    page.click("#input")
    page.keys("@", "b")
    page.find(".completion li", "bo")
    page.keys("Tab")
    page.keys(*"see :rock")
    page.find(".completion li", "rocket")
    page.keys("Enter", "Enter")
    assert hear(stage, "message", conversation=group).message == "@bo see 🚀"


def test_what_looks_like_a_command_is_not_sent(page: Chromium, stage: Stage, group: str) -> None:
    say(page, "/leave now")
    page.find(".context", "looks like a command")
    page.click(".context .link", "Find it")
    page.find("#palette li", "Leave")
    page.keys("Escape")
    say(page, "")
    page.keys("Enter")
    assert hear(stage, "message", conversation=group).message == "/leave now"


def test_messages_disappear_by_a_timer(page: Chromium, stage: Stage, group: str) -> None:
    page.js(
        "const select = document.querySelector('.side select');"
        "select.value = '300'; select.dispatchEvent(new Event('change'))"
    )
    page.find(".line", "You have set messages to disappear 5 minutes after they were read")
    assert hear(stage, "timer", conversation=group).seconds == 300
    say(page, "for a while")
    page.find(".sent [aria-label^=Disappears]")


def test_a_secret_is_sent_and_opened(page: Chromium, stage: Stage) -> None:
    stage.bo.say("@ana", "hi")
    page.click(".conversation", "bo")
    stage.bo.secret("ana", "our key", "the cake is a lie")
    page.click(".sealed .button", "Open")
    page.put(".dialog input", "wrong")
    page.keys("Enter")
    page.find(".error")
    page.put(".dialog input", "our key")
    page.keys("Enter")
    page.find(".opened", "the cake is a lie")
    page.keys("Escape")
    page.gone(".dialog", "the cake")
    page.click("[aria-label='Send a secret']")
    page.put(".dialog textarea", "it is not")
    page.put(".dialog input", "our key")
    page.keys("Enter")
    page.find(".sealed", "A secret that you have sent")
    number = hear(stage, "secret", nick="ana").id
    assert stage.bo.open_secret(number, "our key").message == "it is not"


def test_what_is_typed_goes_where_the_screen_says_at_every_moment(
    page: Chromium, stage: Stage, group: str
) -> None:
    page.click("#input")
    page.write("for the group")
    shown, text = page.js(
        """
        const input = document.querySelector("#input");
        const all = [...document.querySelectorAll(".conversation")];
        all.find((each) => each.innerText.startsWith("lobby")).click();
        const shown = document.querySelector(".talk h1").textContent;
        input.value += "!";
        input.dispatchEvent(new InputEvent("input", { bubbles: true }));
        return [shown, input.value];
        """
    )
    assert (shown, text) == ("lobby", "!")
    page.keys("Enter")
    assert hear(stage, "message", conversation="lobby").message == "!"
    page.click(".conversation", group)
    page.until(lambda: page.js("return document.querySelector('#input').value") == "for the group")


def test_what_somebody_does_is_told_as_that(page: Chromium, stage: Stage, group: str) -> None:
    stage.bo.say(group, "/me *waves*\nwith <b>both</b> hands")
    page.find(".message .body em", "* bo *waves*\nwith <b>both</b> hands")
    say(page, "/me waves back")
    page.find(".message.own .body em", "* ana waves back")
    assert "/me" not in page.js("return document.querySelector('.timeline').innerText")
