"""Programs that are started without standard descriptors: nothing goes out in clear."""

import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import PATIENCE, ROOT
from tests.e2e.relay import Relay

CLOSED = {
    "all": "0<&- 1>&- 2>&-",
    "output": "1>&- 2>&-",
    "input and output": "0<&- 1>&-",
    "output alone": "1>&-",
}
SAID = "attack at dawn"


def run(closed: str, environment: dict[str, str], *words: str, text: str = "") -> int:
    """Run a program of ``bin`` with descriptors ``closed`` before it begins; its exit code."""
    program = shlex.join([sys.executable, str(ROOT / "bin" / words[0]), *words[1:]])
    command = ["sh", "-c", f"exec {closed}; exec {program}"]
    done = subprocess.run(
        command,
        input=text.encode(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode


def shows_no_clear_text(relay: Relay) -> bool:
    """Whether what passed by was encrypted, and something was."""
    captured = b"".join(relay.flows)
    assert len(captured) > 1000
    return not any(text in captured for text in (SAID.encode(), b"event", b"alice", b"connected"))


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
@pytest.mark.parametrize("view", ["--json", "--plain"])
def test_a_client_without_descriptors_sends_nothing_in_clear(
    server: Any, relay: Relay, environment: dict[str, str], closed: str, view: str
) -> None:
    link = server.link.replace(server.address, relay.address)
    text = "" if "0<&-" in closed else f"{SAID}\n"
    code = run(closed, environment, "eim-client", link, "--nick", "alice", view, text=text)
    assert code == 0
    assert shows_no_clear_text(relay)


def test_a_load_generator_without_descriptors_sends_nothing_in_clear(
    server: Any, relay: Relay, environment: dict[str, str]
) -> None:
    link = server.link.replace(server.address, relay.address)
    words = ("--clients", "2", "--senders", "1", "--duration", "0.2", "--rate", "10")
    assert run(CLOSED["all"], environment, "eim-load", link, *words) == 0
    assert shows_no_clear_text(relay)


def test_a_server_without_descriptors_serves_and_sends_nothing_in_clear(
    tmp_path: Any, environment: dict[str, str], start_client: Callable[..., Any]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    words = ["--port", str(port), "--data", str(tmp_path / "server"), "--trace"]
    program = shlex.join([sys.executable, str(ROOT / "bin" / "eim-server"), *words])
    command = ["sh", "-c", f"exec {CLOSED['all']}; exec {program}"]
    process = subprocess.Popen(command, env=environment)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        relay = Relay(f"127.0.0.1:{port}")
        alice = start_client(relay.address, "alice")
        alice.say(SAID)
        alice.expect("sent", message=SAID)
        assert alice.leave() == 0
        assert shows_no_clear_text(relay)
        relay.close()
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0
