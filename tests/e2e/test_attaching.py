"""Several processes of one user: one holds the session, the others are attached to it."""

import json
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geventim import Client
from geventim.app import socket_place
from geventim.client.events import Message
from tests.e2e.conftest import CLIENT, PATIENCE, Person

Start = Callable[..., Person]

BATCH = 100
"""Messages after which somebody looks whether they have arrived."""


def socket_of(tmp_path: Path, nick: str = "alice") -> Path:
    (path,) = (tmp_path / "data").glob(f"client/*/{nick}/client.sock")
    return path


@pytest.fixture
def attach(server: Any, alice: Person, start_client: Start) -> Callable[..., Person]:
    """Starts one more process of alice, which holds the session."""

    def attach(*options: str, shown: str = "--wishes") -> Person:
        return start_client(server.link, "alice", *options, shown=shown)

    return attach


def test_all_see_the_same_and_each_gets_its_answers(
    alice: Person, bob: Person, attach: Callable[..., Person]
) -> None:
    users = [alice, attach(), attach(shown="--json")]
    for number, user in enumerate(users):
        assert user.wish(wish="say", to="lobby", text=str(number))["done"]["seq"]
    for user in users:
        for number in range(3):
            user.sees("sent", message=str(number))
    for number in range(3):
        bob.sees("message", message=str(number))
    bob.say("hi")
    assert len({user.expect("message", message="hi")["n"] for user in users}) == 1
    assert len([event for event in alice.events if "answer" in event]) == 1


def test_an_attached_one_leaves_alone(alice: Person, attach: Callable[..., Person]) -> None:
    other = attach()
    other.say('{"id": 1, "wish": "say", "to": "lobby", "text": "bye"}')
    assert other.leave() == 0
    assert other.answer(1)["done"]
    alice.sees("sent", message="bye")
    assert alice.wish(wish="people")["done"]["names"] == ["alice"]


def test_what_an_attached_one_was_refused_is_its_exit_code(
    alice: Person, attach: Callable[..., Person]
) -> None:
    other = attach()
    other.say('{"id": 1, "wish": "say", "to": "nowhere", "text": "bye"}')
    assert other.leave() == 1
    assert alice.leave() == 0


@pytest.mark.parametrize("end", ["leave", "kill"])
def test_when_the_session_ends_another_process_goes_on(
    alice: Person, bob: Person, attach: Callable[..., Person], end: str
) -> None:
    others = [attach(), attach()]
    getattr(alice, end)()
    for number, other in enumerate(others):
        other.sees("connected")
        assert other.wish(wish="say", to="lobby", text=f"on {number}")["done"]
    for number in range(2):
        bob.sees("message", message=f"on {number}")
    bob.say("welcome back")
    for other in others:
        other.sees("message", message="welcome back")


def test_what_is_not_known_to_be_said_is_said_again_and_comes_once(
    alice: Person, bob: Person, attach: Callable[..., Person]
) -> None:
    other = attach()
    said = {"wish": "say", "to": "lobby", "text": "once", "message_id": "0f" * 16}
    first = other.wish(**said)["done"]
    alice.kill()
    other.expect("connected")
    assert other.wish(**said)["done"] == first
    assert other.wish(**{**said, "to": "@bob"})["done"] != first
    bob.sees("message", kind="private", message="once")
    assert bob.texts() == ["once", "once"]


def test_a_process_that_is_stopped_holds_up_nobody_and_catches_up(
    alice: Person, bob: Person, attach: Callable[..., Person]
) -> None:
    stopped, other = attach(), attach()
    stopped.process.send_signal(signal.SIGSTOP)
    count, size = 600, 4_000
    for number in range(count):
        bob.say(f"{number} {'x' * size}")
    for user in (alice, other):
        user.sees("message", message=f"{count - 1} {'x' * size}")
        assert len(user.texts()) == count
    assert other.wish(wish="say", to="lobby", text="nothing waits")["done"]
    stopped.process.send_signal(signal.SIGCONT)
    stopped.sees("sent", message="nothing waits")
    seen = stopped.texts()
    behind = [event for event in stopped.events if event.get("event") == "behind"]
    assert len(seen) == count or behind
    shot = stopped.wish(wish="snapshot")["done"]
    assert shot["n"] == other.wish(wish="snapshot")["done"]["n"]


def heard(program: Client, patience: float = 0.0) -> set[str]:
    """The messages that a program has been told of, or is told of next."""
    found = set()
    while (event := program.next_event(0.0 if found else patience)) is not None:
        if isinstance(event, Message):
            found.add(event.message)
    return found


def catch_up(person: Person, texts: set[str]) -> None:
    """See that one who was stopped gets to know all ``texts``, be it by asking for them."""
    missing = texts - set(person.texts())
    is_behind = any(event.get("event") == "behind" for event in person.events)
    assert bool(missing) == is_behind
    newest = 0
    while missing:
        page = {"conversation": "lobby", "after": newest, "limit": 500}
        found = person.wish(wish="timeline", **page)["done"]["messages"]
        assert found, f"{len(missing)} messages are lost"
        missing -= {each["message"] for each in found}
        newest = found[-1]["order"]


def await_text(path: Path, text: str) -> None:
    """Wait until it is in the file at ``path``."""
    deadline = time.monotonic() + PATIENCE
    while text not in path.read_text():
        assert time.monotonic() < deadline, f"there is no {text!r}"
        time.sleep(0.01)


def test_three_kinds_of_front_ends_on_one_session_while_one_is_stopped(
    server: Any,
    environment: dict[str, str],
    start_client: Start,
    tmp_path: Path,
    rounds: Callable[[int], int],
) -> None:
    """With $EIM_ROUNDS=1, as many messages as 200 a second are in a minute."""
    data, shown = environment["EIM_DATA"], tmp_path / "lines"
    words = [sys.executable, str(CLIENT), server.link, "--nick", "alice"]
    with (
        shown.open("wb") as output,
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=output, env=environment) as lines,
        Client(server.link, nick="alice", data=data) as program,
    ):
        stopped = start_client(server.link, "alice")
        stopped.process.send_signal(signal.SIGSTOP)
        texts = [f"message {number}" for number in range(rounds(12_000))]
        missing = set(texts)
        writers = [start_client(server.link, nick, shown="--wishes") for nick in ("bob", "carol")]
        for number, text in enumerate(texts):
            writer = writers[number % 2]
            writer.say(json.dumps({"id": text, "wish": "say", "to": "lobby", "text": text}))
            if number % BATCH == BATCH - 1:
                assert program.people() == ("alice", "bob", "carol"), "nothing waits"
                assert writer.answer(text)["done"]
                missing -= heard(program)
        while missing:
            more = heard(program, PATIENCE)
            assert more, f"{len(missing)} messages did not come"
            missing -= more
        assert program.say("lobby", "the last word").seq
        await_text(shown, texts[-1])
        found = re.findall(r"(?:bob|carol): (message \d+)$", shown.read_text(), re.MULTILINE)
        assert sorted(found) == sorted(texts)
        stopped.process.send_signal(signal.SIGCONT)
        stopped.sees("sent", message="the last word")
        catch_up(stopped, set(texts))
        assert lines.stdin is not None
        lines.stdin.close()
        assert lines.wait(PATIENCE) == 0


def test_the_socket_is_for_the_user_alone(alice: Person, bob: Person, tmp_path: Path) -> None:
    mode = socket_of(tmp_path).stat().st_mode
    assert (stat.S_ISSOCK(mode), stat.S_IMODE(mode)) == (True, 0o600)
    assert alice.leave() == 0
    assert not list((tmp_path / "data").glob("client/*/alice/client.sock"))


def test_a_socket_that_a_killed_process_has_left_is_replaced(
    server: Any, alice: Person, tmp_path: Path, start_client: Start
) -> None:
    path = socket_of(tmp_path)
    alice.kill()
    assert path.is_socket()
    again = start_client(server.link, "alice")
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(PATIENCE)
        with socket_place.address(path.parent) as address:
            caller.connect(address)
        assert caller.recv(100).startswith(b'{"event": "attached"')
    assert again.leave() == 0


def test_a_path_of_any_length_will_do(server: Any, start_client: Start, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    first = start_client(server.link, "alice", "--data", str(deep))
    second = start_client(server.link, "alice", "--data", str(deep), shown="--wishes")
    second.wish(wish="say", to="lobby", text="far down")
    first.sees("sent", message="far down")


def test_the_passphrase_is_asked_for_by_who_goes_on(
    server: Any, open_terminal: Callable[..., Any]
) -> None:
    first = open_terminal(server.link, "--nick", "alice", "--passphrase")
    for _ in range(2):
        first.expect("(passphrase of alice|The same again): ")
        first.sendline("correct horse")
    first.expect("connected")
    second = open_terminal(server.link, "--nick", "alice")
    second.expect("connected")
    first.sendline("@quit")
    second.expect("Passphrase of alice: ")
    second.sendline("correct horse")
    second.expect("connected")
    second.sendline("@status")
    second.expect("Your current status is 'normal'")
