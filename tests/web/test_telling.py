"""Streams that break and go on: nothing twice, nothing lost."""

import json

import pytest

from geventim.app.note import Note
from geventim.chat.values import Status
from geventim.client import wishes
from geventim.client.answers import Connection, Done, Moving, Refusal, Refused, Result, Snapshot
from geventim.client.events import Announcement, Notice, Transfer
from geventim.web.telling import Telling


def survey(n):
    return Snapshot(n, "alice", "", Connection.ONLINE, "", Status.NORMAL, (), {}, ())


def records(data):
    """Each record's number and what it says."""
    told = []
    for block in data.decode().split("\n\n")[:-1]:
        lines = block.split("\n")
        number = lines.pop(0).removeprefix("id: ") if lines[0].startswith("id: ") else None
        (line,) = lines
        told.append((number, json.loads(line.removeprefix("data: "))))
    return told


def event(number, run="run"):
    return Note(Announcement(str(number)), f"{run}-{number}")


def answer(wish):
    return Note(Done(wish, Result()))


@pytest.fixture
def telling():
    return begun()


def begun(**bounds):
    """The stream of a page that has taken a snapshot."""
    telling = Telling("mark", **bounds)
    repeated, wish = telling.begin("")
    assert (repeated, type(wish)) == (b"", wishes.Snapshot)
    ((number, told),) = records(telling.take(Note(Done(wish.id, survey("run-5")))))
    assert (number, told["event"], told["n"], told["nick"]) == (
        "run-5",
        "snapshot",
        "run-5",
        "alice",
    )
    return telling


def test_what_came_before_the_snapshot_is_part_of_it():
    telling = Telling("mark")
    _, wish = telling.begin("")
    assert telling.take(event(4)) == b""
    assert telling.take(Note(Notice("x"))) == b""
    assert telling.take(answer(3))
    assert telling.take(Note(Done(wish.id, survey("run-5"))))
    assert records(telling.take(event(6))) == [
        ("run-6", {"event": "announcement", "text": "6", "n": "run-6"})
    ]


def test_a_record_is_one_line_whatever_somebody_wrote(telling):
    text = "a\nb\r\n\r\ndata: x\u2028\x00\x7f"
    ((_, told),) = records(telling.take(Note(Announcement(text), "run-6")))
    assert told["text"] == text


def test_a_page_that_comes_back_is_told_what_it_has_missed(telling):
    telling.take(event(6))
    telling.take(event(7))
    repeated, wish = telling.begin("run-6")
    assert repeated == b""
    assert (type(wish), wish.after) == (wishes.Resume, "run-6")
    # Waiting from before, and told again by the hub after its answer.
    assert telling.take(event(8)) == b""
    assert telling.take(answer(wish.id)) == b""
    told = b"".join(telling.take(event(number)) for number in (7, 8, 9))
    assert [number for number, _ in records(told)] == ["run-7", "run-8", "run-9"]


def test_answers_that_may_not_have_arrived_are_said_again(telling):
    telling.take(answer(1))
    telling.take(event(6))
    telling.take(answer(2))
    telling.take(event(7))
    telling.take(answer(3))
    repeated, _ = telling.begin("run-6")
    assert [told["answer"] for _, told in records(repeated)] == [2, 3]
    repeated, _ = telling.begin("run-7")
    assert [told["answer"] for _, told in records(repeated)] == [3]
    repeated, _ = telling.begin("run-8")
    assert repeated == b""


def test_a_page_that_was_loaded_anew_hears_no_old_answers(telling):
    telling.take(answer(1))
    assert telling.begin("")[0] == b""
    assert telling.begin("run-1")[0] == b""


def test_what_the_hub_does_not_have_any_more_becomes_a_snapshot(telling):
    _, wish = telling.begin("other-3")
    told = telling.take(Note(Refused(wish.id, Refusal("not_kept", "", False))))
    assert isinstance(told, wishes.Snapshot)
    assert telling.take(event(9)) == b""
    assert records(telling.take(Note(Done(told.id, survey("run-9")))))[0][0] == "run-9"


def test_an_answer_for_a_stream_that_is_over_is_nothing(telling):
    _, old = telling.begin("run-5")
    _, new = telling.begin("run-5")
    assert telling.take(answer(old.id)) == b""
    assert telling.take(event(6)) == b""
    assert telling.take(answer(new.id)) == b""
    assert telling.take(event(6))


@pytest.mark.parametrize("after", ["x", "run-", "run-x", "run-" + "9" * 100, "-1", "\u0665-\u0665"])
def test_a_page_can_say_what_it_wants(telling, after):
    telling.take(answer(1))
    repeated, wish = telling.begin(after)
    assert [told["answer"] for _, told in records(repeated)] == [1]
    assert wish.after == after


def test_only_so_many_answers_are_kept_but_the_last_in_any_case():
    telling = begun(repeated=10)
    for number in range(3):
        telling.take(answer(number))
    assert [told["answer"] for _, told in records(telling.begin("run-5")[0])] == [2]


def test_nothing_that_is_told_has_a_path_of_this_machine(telling):
    moving = Moving(1, "fetching", "done", "a.png", 1, 1, 0, None, "lobby", "", "")
    refusal = Refusal(
        "bad_path", "'/private/a' cannot be used.", False, facts={"path": "/private/a"}
    )
    told = telling.take(Note(Transfer(moving, "/private/a"), "run-6"))
    told += telling.take(Note(Refused(1, refusal)))
    assert len(records(told)) == 2
    assert b"/private" not in told
