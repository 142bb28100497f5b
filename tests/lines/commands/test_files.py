"""Commands that send and fetch files."""

import pytest

from geventim.client import answers, wishes
from geventim.client.answers import Refusal, Refused
from geventim.client.events import Message
from geventim.client.said.aside import Attachment
from geventim.client.sealing.content import ContentKind
from geventim.lines.commands.files import amount
from geventim.lines.line_mode import LineMode

FILES = (Attachment("a.pdf", "", 1_234_567), Attachment("b", "", 7))


@pytest.fixture
def lines() -> LineMode:
    return LineMode("alice", "lobby")


def heard() -> Message:
    return Message("lobby", ContentKind.ROOM, "bob", "", 0.0, 1, message_id="0a", files=FILES)


def written(message_id: str, files: tuple[Attachment, ...]) -> answers.Written:
    """One of an earlier run, or of this one."""
    said = ("lobby", ContentKind.ROOM, "bob", "", 0.0, 1)
    return answers.Written(*said, False, "", message_id, 1, files=files)


def texts(turn) -> list[str]:
    return [event.text for event in turn.told if hasattr(event, "text")]


def test_files_are_numbered_and_fetched_by_their_numbers(lines: LineMode) -> None:
    assert texts(lines.take(heard())) == [
        "File 1: a.pdf, 1.2 MB, from bob in lobby. '@fetch 1' receives it.",
        "File 2: b, 7 bytes, from bob in lobby. '@fetch 2' receives it.",
    ]
    (wish,) = lines.type("@fetch 2 /tmp").wishes
    assert isinstance(wish, wishes.FetchFile)
    assert (wish.message_id, wish.index, wish.path) == ("0a", 1, "/tmp")
    told = lines.take(answers.Done(wish.id, answers.Fetched("/tmp/b")))
    assert texts(told) == ["File 2 is here now: /tmp/b"]


@pytest.mark.parametrize(
    "line", ["@fetch 1", "@fetch 0", "@fetch x", "@fetch", "@cancel x", "@send a"]
)
def test_what_makes_no_sense_is_no_wish(lines: LineMode, line: str) -> None:
    turn = lines.type(line)
    assert not turn.wishes
    assert len(texts(turn)) == 1


def test_a_file_is_sent(lines: LineMode) -> None:
    (wish,) = lines.type("@send @bob my report.pdf").wishes
    assert isinstance(wish, wishes.Say)
    assert (wish.to, wish.files) == ("@bob", ("my report.pdf",))
    assert lines.type("hello").wishes


def test_what_is_under_way_is_listed_and_given_up(lines: LineMode) -> None:
    lines.take(heard())
    (wish,) = lines.type("@files").wishes
    assert isinstance(wish, wishes.Search)
    assert wish.with_files
    found = answers.Messages((written("0a", FILES), written("09", FILES[:1])), damaged=False)
    (wish,) = lines.take(answers.Done(wish.id, found)).wishes
    fields = (3, "sending", "running", "c", 10_000, 2_500, 1_000, 7.5, "lobby", "", "")
    told = lines.take(answers.Done(wish.id, answers.Transfers((answers.Moving(*fields),))))
    assert texts(told) == [
        "File 3: a.pdf, 1.2 MB, from bob in lobby",
        "File 1: a.pdf, 1.2 MB, from bob in lobby",
        "File 2: b, 7 bytes, from bob in lobby",
        "Transfer 3: sending c to lobby, 2.5 KB of 10.0 KB, 1.0 KB/s, 8 s left",
    ]
    (wish,) = lines.type("@cancel 3").wishes
    assert isinstance(wish, wishes.Cancel)
    assert wish.transfer == 3


def test_amounts() -> None:
    assert [amount(size) for size in (0, 999, 1000, 10**9, 10**12)] == [
        "0 bytes",
        "999 bytes",
        "1.0 KB",
        "1.0 GB",
        "1000.0 GB",
    ]


def test_somebody_nothing_was_said_to_yet_gets_a_file_too(lines: LineMode) -> None:
    (first,) = lines.type("@send bob /tmp/a.pdf ").wishes
    refusal = Refusal("unknown_name", "You are in no conversation called 'bob'.", False)
    (again,) = lines.take(Refused(first.id, refusal)).wishes
    assert isinstance(again, wishes.Say)
    assert (again.to, again.files) == ("@bob", ("/tmp/a.pdf",))
    turn = lines.take(Refused(again.id, refusal))
    assert turn.wishes == ()
    assert texts(turn)


def test_a_place_that_is_called_so_gets_it_or_nobody(lines: LineMode) -> None:
    (wish,) = lines.type("@send #bob /tmp/a.pdf").wishes
    refusal = Refusal("unknown_name", "You are in no conversation called '#bob'.", False)
    assert lines.take(Refused(wish.id, refusal)).wishes == ()
