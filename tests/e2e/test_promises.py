"""Talking and files, promise by promise: what tests/README.md lists and no other file shows."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import promises
from tests.e2e.conftest import CLIENT, Person
from tests.e2e.test_files import blobs, fill, send, under_way
from tests.e2e.test_remarks import FAST, said
from tests.faults.relay import Relay

PATIENCE = 20 * float(os.environ.get("EIM_PATIENCE", "1"))

ROOT = Path(__file__).parents[2]

MEBIBYTE = 2**20


@pytest.fixture
def fast_client(
    tmp_path: Path, server: Any, start_client: Callable[..., Person]
) -> Callable[[str], Person]:
    """Starts clients for which time passes a hundred times as fast."""
    program = tmp_path / "fast"
    program.write_text(FAST.format(client=str(CLIENT), root=str(ROOT)))
    return lambda nick: start_client(server.link, nick, program=program)


def memory(pid: int, name: str) -> int:
    """Bytes of a process that are resident, now (``VmRSS``) or at most (``VmHWM``)."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(rf"^{name}:\s+(\d+) kB$", text, re.M)[0]) * 1024


def transfers(user: Person, *, conversation: str) -> list[dict[str, Any]]:
    """How those stood that were told of."""
    told = [each["transfer"] for each in user.events if each.get("event") == "transfer"]
    return [each for each in told if each["conversation"] == conversation]


def test_every_promise_has_its_test() -> None:
    rows = promises.rows("[GH]")
    assert list(rows) == [*(f"G{n}" for n in range(5, 16)), *(f"H{n}" for n in range(1, 7))]
    promises.check(rows)


def test_g6_a_group_sees_what_its_founder_deletes_and_what_is_taken_back(
    alice: Person, bob: Person, carol: Person
) -> None:
    alice.wish(wish="create_group", name="team", members=["bob", "carol"])
    for user in (bob, carol):
        user.expect("group", group="team")
    rude = said(bob, wish="say", to="#team", text="rude")
    kind = said(bob, wish="say", to="#team", text="kind")
    for user in (alice, carol):
        user.expect("message", message="kind")
    assert carol.wish(wish="delete_message", message_id=rude)["refused"]["code"] == "not_yours"
    assert carol.wish(wish="edit", message_id=kind, text="x")["refused"]["code"] == "not_yours"
    said(alice, wish="delete_message", message_id=rude)
    said(carol, wish="react", message_id=kind, reaction="👍")
    said(carol, wish="react", message_id=kind, reaction="")
    for user in (alice, bob, carol):
        user.sees("deleted", nick="alice", message_id=rude)
        user.sees("reacted", message_id=kind, reactions=[])
        shown = user.wish(wish="timeline", conversation="#team")["done"]["messages"]
        now = {each["message_id"]: each for each in shown}
        assert (now[rude]["message"], now[kind]["message"]) == ("", "kind")


def test_g7_one_says_what_one_does(alice: Person, bob: Person) -> None:
    alice.say("@me waves")
    assert bob.expect("message", nick="alice")["message"] == "/me waves"


def test_g8_where_one_stopped_outlives_the_program(
    alice: Person, bob: Person, server: Any, start_client: Callable[..., Person]
) -> None:
    for number in range(5):
        alice.say(f"number {number}")
    orders = [bob.expect("message", message=f"number {n}")["order"] for n in range(5)]
    bob.wish(wish="mark_read", conversation="lobby", order=orders[1])
    assert bob.leave() == 0
    alice.say("@bob hello")
    alice.expect("sent", message="hello")
    again = start_client(server.link, "bob")
    again.sees("message", message="hello")
    listed = again.wish(wish="conversations")["done"]["conversations"]
    marks = {each["name"]: (each["unread"], each["read"]) for each in listed}
    assert marks["lobby"] == (3, orders[1])
    assert marks["alice"][0] == 1


def test_g11_old_words_are_found_by_phrase_person_place_and_date(
    alice: Person, bob: Person
) -> None:
    texts = ["the quick brown fox", "the brown quick fox", *(f"line {n}" for n in range(150))]
    for text in texts:
        alice.say(text)
    bob.expect("message", message=texts[-1])
    said(bob, wish="say", to="@alice", text="a quick brown dog")

    def search(**fields: Any) -> list[str]:
        found = bob.wish(wish="search", **fields)["done"]["messages"]
        return [each["message"] for each in found]

    assert search(words=["quick", "brown"]) == ["a quick brown dog", *texts[1::-1]]
    assert search(words=["quick brown"]) == ["a quick brown dog", texts[0]]
    assert search(words=["quick brown"], author="alice") == [texts[0]]
    assert search(words=["quick brown"], conversation="@alice") == ["a quick brown dog"]
    assert search(words=["quick"], until=1.0) == []
    seen: list[str] = []
    before = None
    while True:
        wish = {"wish": "timeline", "conversation": "lobby", "limit": 60, "before": before}
        page = bob.wish(**wish)["done"]["messages"]
        if not page:
            break
        seen = [each["message"] for each in page] + seen
        before = page[0]["order"]
    assert seen == texts


def test_g12_what_was_typed_is_there_again(
    bob: Person, alice: Person, server: Any, start_client: Callable[..., Person]
) -> None:
    bob.wish(wish="draft", conversation="lobby", text="half a thou")
    assert bob.leave() == 0
    again = start_client(server.link, "bob")
    (lobby,) = again.wish(wish="conversations")["done"]["conversations"]
    assert lobby["draft"] == "half a thou"


def test_h1_a_file_goes_to_any_conversation_in_little_memory(
    alice: Person, bob: Person, server: Any, tmp_path: Path
) -> None:
    alice.wish(wish="create_group", name="team", members=["bob"])
    bob.expect("group", group="team")
    path = fill(tmp_path / "big", 4 * 64)
    processes = (alice.process.pid, bob.process.pid, server.pid)
    for to, place in (("lobby", "lobby"), ("bob", "alice"), ("#team", "team")):
        before = {pid: memory(pid, "VmRSS") for pid in processes}
        for pid in processes:
            Path(f"/proc/{pid}/clear_refs").write_text("5")
        alice.say(f"@send {to} {path}")
        heard = bob.expect("message", conversation=place)
        assert heard["files"][0]["size"] == path.stat().st_size
        fetched = bob.wish(wish="fetch_file", message_id=heard["message_id"])["done"]
        assert Path(fetched["path"]).read_bytes() == path.read_bytes()
        for pid in processes:
            assert memory(pid, "VmHWM") - before[pid] < 20 * MEBIBYTE
    for user, place, direction in ((alice, "bob", "sending"), (bob, "alice", "fetching")):
        moving = transfers(user, conversation=place)
        assert {each["direction"] for each in moving} == {direction}
        assert sorted(each["done"] for each in moving) == [each["done"] for each in moving]
        assert moving[-1]["state"] == "done"
        running = [each for each in moving if each["state"] == "running"]
        assert any(each["rate"] and each["left"] is not None for each in running)


def test_h2_a_file_gets_through_a_network_that_cuts(
    server: Any, start_client: Callable[..., Person], tmp_path: Path
) -> None:
    relay = Relay((server.host, server.port))
    link = server.link.replace(server.address, relay.address)
    alice, bob = (start_client(link, nick) for nick in ("alice", "bob"))
    path = fill(tmp_path / "big", 200)

    def cut_while(user: Person) -> None:
        for part in (0.1, 0.3, 0.5, 0.7, 0.9):
            deadline = time.monotonic() + PATIENCE
            told: list[dict[str, Any]] = []
            while not told or told[-1]["done"] < part * told[-1]["size"]:
                assert time.monotonic() < deadline
                told = transfers(user, conversation="lobby")
                time.sleep(0.01)
            relay.cut()

    alice.say(f"@send lobby {path}")
    cut_while(alice)
    heard = bob.expect("message", conversation="lobby")
    bob.say(f'{{"id": 5, "wish": "fetch_file", "message_id": "{heard["message_id"]}"}}')
    cut_while(bob)
    there = Path(bob.answer(5)["done"]["path"])
    assert there.read_bytes() == path.read_bytes()
    assert len(blobs(server)) == 1
    for user in (alice, bob):
        assert any(each["event"] == "reconnecting" for each in user.events)
    relay.close()


def test_h3_files_are_listed_fetched_and_given_up_by_lines(
    alice: Person, bob: Person, tmp_path: Path
) -> None:
    paths = [fill(tmp_path / name, count) for name, count in (("one", 1), ("two", 400))]
    for path in paths:
        alice.say(f"@send bob {path}")
        bob.expect("message", conversation="alice")
    alice.expect("notice", code="file_sent")
    bob.say("@files")
    bob.expect("notice", text="File 1: one, 262.1 KB, from alice in alice")
    bob.expect("notice", text="File 2: two, 104.9 MB, from alice in alice")
    place = tmp_path / "kept"
    bob.say(f"@fetch 1 {place}")
    bob.expect("notice", text=f"File 1 is here now: {place}")
    assert place.read_bytes() == paths[0].read_bytes()
    bob.say("@fetch 2")
    bob.expect("transfer")
    (transfer,) = under_way(bob)
    bob.say(f"@cancel {transfer['number']}")
    bob.expect("notice", code="transfer_cancelled")
    assert under_way(bob) == []
    bob.settle()
    downloads = tmp_path / "data" / "downloads"
    assert list(downloads.glob("two*")) == []
    bob.say("@fetch 9")
    bob.expect("error")


def test_h5_what_there_is_no_room_for_is_refused_before_it_is_sent(
    start_server: Callable[..., Any], start_client: Callable[..., Person], tmp_path: Path
) -> None:
    server = start_server("--blob-space", "1")
    alice = start_client(server.link, "alice")
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(1200 * MEBIBYTE)
    refused = send(alice, path)["refused"]
    assert refused["code"] == "no_space"
    assert refused["text"]
    assert not blobs(server)
    assert under_way(alice) == []


@pytest.mark.parametrize("has_read", [True, False])
def test_g10_files_go_once_all_have_read_and_had_their_time(
    fast_client: Callable[..., Person], server: Any, tmp_path: Path, *, has_read: bool
) -> None:
    alice, bob = (fast_client(nick) for nick in ("alice", "bob"))
    said(alice, wish="say", to="@bob", text="here comes a letter")
    bob.expect("message", message="here comes a letter")
    said(alice, wish="set_timer", conversation="@bob", seconds=600)
    path = fill(tmp_path / "letter", 1)
    message = send(alice, path, to="@bob")["done"]["message_id"]
    bob.expect("message", message_id=message)
    assert len(blobs(server)) == 1
    if has_read:
        bob.wish(wish="mark_read", conversation="@alice")
        poke(bob, lambda: has_gone(bob, message))
    poke(alice, lambda: has_gone(alice, message))
    if has_read:
        poke(alice, lambda: not blobs(server))
    else:
        # Somebody may still want it.
        assert bob.wish(wish="fetch_file", message_id=message)["done"]["path"]
        assert len(blobs(server)) == 1


def poke(user: Person, condition: Callable[[], bool]) -> None:
    """Have somebody look at a clock that goes faster than what wakes them, until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        user.wish(wish="settings")


def has_gone(user: Person, message: str) -> bool:
    gone = [each for each in user.events if each.get("event") == "deleted"]
    return message in [each["message_id"] for each in gone]
