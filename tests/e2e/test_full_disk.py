"""Programs whose disk is full: a small one in memory where one can be mounted.

For a server that runs, a limit on the size of its files stands for that.
"""

import contextlib
import os
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CLIENT, PATIENCE, ROOT

SOON = 5.0 * PATIENCE / 20
"""Seconds after which everything goes on once there is room."""


class SmallDisk:
    """A file system of 2 MiB at ``path``, all of which can be taken."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filling = path / "filling"

    def fill(self) -> None:
        """Leave no room."""
        with self._filling.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def empty(self) -> None:
        """Leave room again."""
        self._filling.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A small disk; only root can mount one."""
    path = tmp_path / "disk"
    path.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(path)]
    mounted = subprocess.run(mounting, capture_output=True, check=False)
    if mounted.returncode and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("no disk can be mounted here; run the tests with sudo, where that is allowed")
    assert not mounted.returncode, mounted.stderr
    yield SmallDisk(path)
    subprocess.run(["umount", "-l", str(path)], check=True)


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """A program of ``bin`` that ends by itself, or within a moment because of SIGTERM."""
    return subprocess.run(
        [sys.executable, str(ROOT / "bin" / words[0]), *words[1:]],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_a_server_that_is_started_first_on_a_full_disk_says_so_and_starts_once_there_is_room(
    disk: SmallDisk, environment: dict[str, str], start_server: Callable[..., Any]
) -> None:
    data = disk.path / "server"
    disk.fill()
    for _ in range(2):
        done = run(environment, "eim-server", "--port", "0", "--data", str(data))
        assert done.returncode == 1
        assert str(data) in done.stderr
        assert "No space left on device" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    disk.empty()
    assert start_server(data=data).link


def test_a_client_that_is_started_first_on_a_full_disk_says_so_and_starts_once_there_is_room(
    disk: SmallDisk, environment: dict[str, str], server: Any
) -> None:
    words = ("eim-client", server.link, "--nick", "alice", "--data", str(disk.path / "client"))
    disk.fill()
    for _ in range(2):
        done = run(environment, *words)
        assert done.returncode == 1
        assert "No space left on device" in done.stderr or "disk is full" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    disk.empty()
    assert run(environment, *words).returncode == 0


def test_a_server_goes_on_when_a_disk_that_was_full_has_room(
    disk: SmallDisk, start_server: Callable[..., Any], start_client: Callable[..., Any]
) -> None:
    server = start_server(data=disk.path / "server")
    alice = start_client(server.link, "alice")
    bob = start_client(server.link, "bob")
    alice.expect("joined", nick="bob")
    disk.fill()
    lines = [f"{number} {'x' * 10_000}" for number in range(20)]
    alice.say(*lines)
    alice.expect("notice", code="storage_failed")
    assert "the store cannot be written fault=" in server.stderr_text()
    disk.empty()
    for line in lines:
        bob.sees("message", message=line)
    assert len(bob.texts()) == len(lines)


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
