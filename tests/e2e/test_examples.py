"""The programs of docs/examples, as they stand there."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import PATIENCE, Person

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts an example."""
    started = []

    def start(name: str, *words: str) -> subprocess.Popen[bytes]:
        environ = {**environment, "PYTHONPATH": os.fspath(ROOT)}
        process = subprocess.Popen([sys.executable, str(EXAMPLES / name), *words], env=environ)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_every_example_is_run_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert all(f'"{path.name}"' in text for path in EXAMPLES.iterdir() if path.suffix == ".py")


def test_echo_bot(server: Any, alice: Person, start: Callable[..., Any]) -> None:
    start("echo_bot.py", server.link, "echo")
    alice.expect("members", conversation="lobby", added=["echo"])
    alice.say("hello", "@echo in private")
    alice.sees("message", nick="echo", conversation="lobby", message="hello")
    alice.sees("message", nick="echo", kind="private", message="in private")
    assert len((EXAMPLES / "echo_bot.py").read_text(encoding="utf-8").splitlines()) <= 20


@pytest.mark.parametrize(("code", "fate"), [(0, "passed"), (7, "failed with 7")])
def test_ci_notifier(
    server: Any, alice: Person, start: Callable[..., Any], code: int, fate: str
) -> None:
    words = ["sh", "-c", f"exit {code}"]
    process = start("ci_notifier.py", server.link, "ci", "lobby", *words)
    assert process.wait(PATIENCE) == code
    alice.expect("message", nick="ci", message=f"sh -c 'exit {code}' has {fate}.")


def test_logger(server: Any, alice: Person, start: Callable[..., Any], tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start("logger.py", server.link, "logger", str(log))
    alice.expect("members", conversation="lobby", added=["logger"])
    for number in range(2):
        alice.say(f"message {number}")
        written = await_line(log, f"message {number}")
        process.kill()
        process.wait()
        process = start("logger.py", server.link, "logger", str(log))
    # What it had written when it was killed may be there twice.
    assert sorted(set(written)) == ["message 0", "message 1"]


def await_line(log: Path, message: str) -> list[str]:
    """The messages in a file, once the last of them is there."""
    deadline = time.monotonic() + PATIENCE
    messages: list[str] = []
    while messages[-1:] != [message]:
        assert time.monotonic() < deadline, messages
        time.sleep(0.01)
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True) if log.exists() else []
        messages = [json.loads(line)["message"] for line in lines if line.endswith("\n")]
    return messages


def test_rooms_bot(server: Any, alice: Person, start: Callable[..., Any]) -> None:
    alice.say("@create room den")
    alice.expect("entered", room="den")
    start("rooms_bot.py", server.link, "robot", "lobby", "den")
    alice.sees("members", conversation="den", added=["robot"])
    alice.wish(wish="say", to="#den", text="!who")
    alice.sees("message", conversation="den", nick="robot", message="alice, robot")
    alice.wish(wish="say", to="@robot", text="!rooms")
    alice.sees("message", kind="private", nick="robot", message="den, lobby")
