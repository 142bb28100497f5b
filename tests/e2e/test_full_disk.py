"""A server whose disk is full: a limit on the size of its files stands for that."""

import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import CLIENT, PATIENCE

SOON = 5.0 * PATIENCE / 20
"""Seconds after which everything goes on once there is room."""


def test_it_says_so_everywhere_and_goes_on_soon_once_there_is_room(
    start_server: Callable[..., Any],
    start_client: Callable[..., Any],
    environment: dict[str, str],
) -> None:
    server = start_server()
    alice = start_client(server.link, "alice")
    bob = start_client(server.link, "bob")
    alice.expect("joined", nick="bob")
    alice.say("before")
    bob.expect("message", message="before")

    full = (server.data / "server" / "log.sqlite-wal").stat().st_size
    soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (full, hard))
    alice.say("in between")
    notice = alice.expect("notice", code="storage_failed")
    assert "is not delivered yet" in notice["text"]
    newcomer = subprocess.run(
        ["sh", "-c", f"{shlex.join([sys.executable, str(CLIENT), server.link])} --nick carol"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert newcomer.returncode == 3
    assert "The server could not store this. Tell its operator" in newcomer.stderr
    assert "the store cannot be written fault=" in server.stderr_text()

    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (soft, hard))
    start = time.monotonic()
    bob.expect("message", message="in between")
    assert time.monotonic() - start < SOON
    assert "the store can be written again" in server.stderr_text()
    assert server.stderr_text().count("the store cannot be") == 1
    assert server.command("verify").returncode == 0
