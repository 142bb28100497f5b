import pytest

from geventim.client import answers, events, wishes
from geventim.client.answers import Moving, Refusal
from geventim.client.said.aside import Attachment
from geventim.terminal.screen.orders import Copy, Open
from tests.terminal.screen.play import identify


def hear_file(play, *names):
    files = tuple(Attachment(name, "", 3_000) for name in names)
    return play.hear("", files=files)


def moving(state, done=0, **fields):
    known = {
        "number": 1, "direction": "fetching", "name": "a.pdf", "size": 3_000, "rate": 0,
        "left": None, "message_id": "",
        "conversation": "lobby", "conversation_id": identify("lobby"),
    }  # fmt: skip
    return Moving(state=state, done=done, **{**known, **fields})


def one(play, kind):
    (found,) = play.of(kind)
    play.orders.remove(found)
    return found


def seen(play):
    return "\n".join(play.lines())


def test_a_file_is_saved_where_one_says(play):
    message_id = hear_file(play, "a.pdf")
    play.press("up", "s", *"~/x", "enter")
    wish = one(play, wishes.FetchFile)
    assert (wish.message_id, wish.index, wish.path) == (message_id, 0, "~/x")


def test_nothing_is_fetched_that_nobody_asks_for(play):
    hear_file(play, "a.pdf")
    play.press("up", "s", "esc")
    play.press("up", "o", "enter")
    assert play.of(wishes.FetchFile) == []


def test_enter_offers_what_can_be_done_with_files(play):
    hear_file(play, "a.pdf", "b.pdf")
    play.press("up", "enter")
    rows = play.scene().overlay.rows
    assert rows == (("Save", "a.pdf"), ("Open", "a.pdf"), ("Save", "b.pdf"), ("Open", "b.pdf"))
    play.press("down", "down", "enter", "enter")
    assert one(play, wishes.FetchFile).index == 1


def test_it_is_opened_when_it_is_here_and_the_user_has_said_so(play):
    hear_file(play, "a.pdf")
    play.press("up", "o", "y", "enter")
    wish = one(play, wishes.FetchFile)
    assert play.of(Open) == []
    play.done(wish, answers.Fetched("/d/a.pdf"))
    assert one(play, Open).path == "/d/a.pdf"


@pytest.mark.parametrize("name", ["a.pdf.EXE", "x.desktop", "run.sh"])
def test_what_would_be_run_is_not_opened(play, name):
    hear_file(play, name)
    play.press("up", "o")
    assert play.scene().overlay is None
    assert "save it" in play.scene().input.hint


def test_a_message_without_files_has_none_to_save(play):
    play.hear("words")
    play.press("up", "s")
    assert play.scene().input.hint == "No file came with that message."


def test_the_reason_is_seen_when_it_does_not_come(play):
    hear_file(play, "a.pdf")
    play.press("up", "s", "enter")
    play.refused(one(play, wishes.FetchFile), "It has expired.")
    assert play.scene().input.hint == "It has expired."


def test_where_a_file_is_stands_with_its_message(play):
    play.resize(160, 24)
    message_id = hear_file(play, "a.pdf")
    there = {"message_id": message_id}
    play.tell(events.Transfer(moving("waiting", **there)))
    assert "a.pdf · 3.0 KB · waiting" in seen(play)
    play.tell(events.Transfer(moving("running", 1_500, rate=500, left=3.0, **there)))
    assert "a.pdf · 3.0 KB · 50 % · 500 bytes/s · 3 s left" in seen(play)
    play.tell(events.Transfer(moving("done", 3_000, **there), path="/d/a.pdf"))
    assert "a.pdf · 3.0 KB · saved: /d/a.pdf" in seen(play)


def test_a_file_that_is_sent_is_seen_before_its_message_is(play):
    play.tell(events.Transfer(moving("running", 750)))
    play.tell(events.Transfer(moving("running", 1_500)))
    assert seen(play).count("a.pdf: 50 %") == 1
    assert "25 %" not in seen(play)
    play.tell(events.Transfer(moving("done", 3_000)))
    assert "a.pdf" not in seen(play)


def test_why_it_has_failed_is_said(play):
    play.tell(events.Transfer(moving("running", 750)))
    play.tell(events.Transfer(moving("failed"), failure=Refusal("quota", "No room.", False)))
    assert "25 %" not in seen(play)
    assert "No room." in seen(play)


def test_a_transfer_of_a_conversation_that_is_gone_changes_nothing(play):
    play.tell(events.Transfer(moving("running", conversation_id=identify("gone"))))
    assert "a.pdf" not in seen(play)


def test_files_that_are_dropped_are_sent_if_one_likes(play):
    play.model.drop(["/a b", "/c"], "'/a b' /c")
    overlay = play.scene().overlay
    assert overlay.title == "Send 2 files to #lobby?"
    assert overlay.rows == (("/a b", ""), ("/c", ""))
    play.press("enter")
    (wish,) = play.said()
    assert (wish.to, wish.files, wish.text) == (identify("lobby"), ("/a b", "/c"), "")
    play.refused(wish, "Too large.")
    assert play.scene().input.hint == "Too large."


def test_or_what_was_dropped_is_a_text(play):
    play.model.drop(["/c"], "/c")
    play.press("n")
    assert play.input == "/c"
    play.press("ctrl u")
    play.model.drop(["/c"], "/c")
    play.press("esc")
    assert play.input == ""
    assert play.said() == []


def test_where_something_else_is_asked_it_is_a_text(play):
    play.press("ctrl p")
    play.model.drop(["/c"], "/c")
    assert play.scene().overlay.typed == "/c"


def test_the_name_of_a_file_is_copied(play):
    hear_file(play, "a.pdf")
    play.press("up", "c")
    assert one(play, Copy).text == "a.pdf"
