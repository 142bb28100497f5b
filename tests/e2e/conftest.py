"""Real clients in real processes, driven through their standard input and output."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.e2e.relay import Relay

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 20 * float(os.environ.get("EIM_PATIENCE", "1"))
"""Seconds to wait for something that must happen."""


CLIENT = ROOT / "bin" / "eim-client"


class Person:
    """One ``eim-client --json``; ``events`` is everything it has printed.

    What it has printed of messages of its own on their way is in ``own``.
    """

    def __init__(
        self, words: list[str], environment: dict[str, str], program: Path = CLIENT
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(program), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self.events: list[dict[str, Any]] = []
        self.own: list[dict[str, Any]] = []
        self.errors = bytearray()
        self._position = 0
        self._wishes = 0
        self._news = threading.Condition()
        self._ended = False
        self._threads = [
            threading.Thread(target=self._read_events, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def say(self, *lines: str) -> None:
        """Type lines, all at once."""
        self.type_bytes("".join(f"{line}\n" for line in lines).encode())

    def type_bytes(self, data: bytes) -> None:
        """Type bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def expect(self, event: str, **fields: Any) -> dict[str, Any]:
        """Wait for the next event of this kind with these fields, after the last expected one."""
        found = self._await(event, fields, self._position)
        self._position = found + 1
        return self.events[found]

    def sees(self, event: str, **fields: Any) -> dict[str, Any]:
        """Wait for such an event, which may have come at any time."""
        return self.events[self._await(event, fields, 0)]

    def wish(self, **fields: Any) -> dict[str, Any]:
        """Wish for something; what came of it."""
        self._wishes += 1
        self.say(json.dumps({"id": self._wishes, **fields}))
        return self.answer(self._wishes)

    def answer(self, number: int | str | None) -> dict[str, Any]:
        """What came of the wish with this id."""
        return self.events[self._await(None, {"answer": number}, 0)]

    def _await(self, event: str | None, fields: dict[str, Any], start: int) -> int:
        deadline = time.monotonic() + PATIENCE
        with self._news:
            while True:
                for index in range(start, len(self.events)):
                    seen = self.events[index]
                    if seen.get("event") == event and fields.items() <= seen.items():
                        return index
                start = len(self.events)
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    pytest.fail(
                        f"no {event} {fields} came; the last events: {self.events[-12:]};"
                        f" errors: {self.errors.decode(errors='replace')[-2000:]}"
                    )
                self._news.wait(left)

    def await_own(self, *texts: str) -> list[dict[str, Any]]:
        """Wait until these were told to be queued, in order; what was told."""
        deadline = time.monotonic() + PATIENCE
        with self._news:
            while True:
                queued = [each for each in self.own if each["delivery"] == "queued"]
                if [each["message"] for each in queued] == list(texts):
                    return queued
                left = deadline - time.monotonic()
                assert left > 0, f"queued: {queued}"
                self._news.wait(left)

    def wait_for_trace(self, text: bytes, start: int) -> None:
        """Wait until a line with ``text`` is on standard error, after ``start`` bytes of it."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.errors[start:]:
            assert time.monotonic() < deadline, f"there is no {text!r}"
            time.sleep(0.01)

    def expect_notice(self, text: str) -> None:
        """Wait for the notice with exactly this text."""
        self.expect("notice", text=text)

    def texts(self) -> list[str]:
        """Every message seen so far."""
        return [event["message"] for event in self.events if event["event"] == "message"]

    def settle(self) -> None:
        """Wait until everything typed before has taken effect, on the server too."""
        self.say("@names")
        self.expect("names")

    def end_input(self) -> None:
        """Close standard input."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def wait(self) -> int:
        """Wait for the end of the process; its exit code."""
        code = self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        return code

    def leave(self) -> int:
        """Close standard input and wait for the end."""
        self.end_input()
        return self.wait()

    def interrupt(self) -> int:
        """Press Ctrl-C and wait for the end."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def kill(self) -> None:
        """End the process at once, if it runs."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Be gone, with everything that was open."""
        self.kill()
        for thread in self._threads:
            thread.join(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def _read_events(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            with self._news:
                (self.own if "delivery" in event else self.events).append(event)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors += line


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of every process of a test: state in a directory of its own."""
    # A terminal's size is its own, not that of whatever runs the tests.
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    return {**kept, "EIM_DATA": str(tmp_path / "data"), "PYTHONWARNINGS": "default"}


@pytest.fixture
def start_client(environment: dict[str, str]) -> Iterator[Callable[..., Person]]:
    """Starts clients: ``start_client(address, "alice", "--room", "den")``."""
    people: list[Person] = []

    def start(
        address: str,
        nick: str,
        *options: str,
        connected: bool = True,
        program: Path = CLIENT,
        shown: str = "--json",
    ) -> Person:
        words = [address, "--nick", nick, shown, *options]
        person = Person(words, environment, program)
        people.append(person)
        if connected:
            person.expect("connected", nick=nick)
        return person

    yield start
    for person in people:
        person.close()


@pytest.fixture
def open_terminal(environment: dict[str, str]) -> Iterator[Callable[..., Any]]:
    """Starts clients in terminals of their own: ``open_terminal("--plain", NO_COLOR="1")``."""
    terminals = []

    def start(*words: str, **variables: str) -> Any:
        terminal = pexpect.spawn(
            sys.executable,
            [str(CLIENT), *words],
            env={**environment, "TERM": "dumb", **variables},
            timeout=PATIENCE,
            dimensions=(40, 200),
            encoding="utf-8",
        )
        terminals.append(terminal)
        return terminal

    yield start
    for terminal in terminals:
        terminal.close(force=True)


@pytest.fixture
def server(start_server: Callable[..., Any]) -> Any:
    """A server with its defaults."""
    return start_server()


@pytest.fixture
def relay(server: Any) -> Iterator[Relay]:
    """Where to pass by on the way to the server."""
    relay = Relay(server.address)
    yield relay
    relay.close()


@pytest.fixture
def alice(server: Any, start_client: Callable[..., Person]) -> Person:
    return start_client(server.link, "alice")


@pytest.fixture
def bob(alice: Person, server: Any, start_client: Callable[..., Person]) -> Person:
    person = start_client(server.link, "bob")
    alice.expect("joined", nick="bob")
    return person


@pytest.fixture
def carol(bob: Person, alice: Person, server: Any, start_client: Callable[..., Person]) -> Person:
    person = start_client(server.link, "carol")
    alice.expect("joined", nick="carol")
    bob.expect("joined", nick="carol")
    return person
