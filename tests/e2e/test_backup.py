"""A server that is backed up while people write, killed, and put back elsewhere."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

COUNTED = re.compile(r"(\d+) accounts, (\d+) conversations, (\d+) entries")


def counted(text: str) -> list[int]:
    found = COUNTED.search(text)
    assert found, text
    return [int(number) for number in found.groups()]


def test_people_go_on_where_a_backup_was_put_back(
    start_server: Callable[..., Any], start_client: Callable[..., Any], tmp_path: Path
) -> None:
    server = start_server()
    alice = start_client(server.link, "alice")
    bob = start_client(server.link, "bob")
    alice.expect("joined", nick="bob")
    alice.say(*(f"before {number}" for number in range(20)))
    bob.expect("message", message="before 19")

    # What is acknowledged when it begins is in it; the rest may be.
    early = tmp_path / "early.backup"
    before = counted(server.command("verify").stdout)
    alice.say(*(f"during {number}" for number in range(40)))
    done = server.command("backup", str(early))
    assert done.returncode == 0, done.stderr
    held = counted(done.stdout)
    assert held >= before
    assert counted(server.command("verify", str(early)).stdout) == held
    bob.expect("message", message="during 39")

    last = tmp_path / "last.backup"
    assert server.command("backup", str(last)).returncode == 0
    assert server.command("backup", str(last)).returncode == 1
    server.kill()
    server.data.rename(tmp_path / "broken")
    done = server.command("restore", str(last))
    assert done.returncode == 0, done.stderr
    assert server.command("restore", str(last)).returncode == 1
    server.restart()

    bob.expect("connected")
    bob.say("here I am")
    alice.expect("message", message="here I am")
    carol = start_client(server.link, "carol")
    alice.expect("joined", nick="carol")
    alice.say("after")
    carol.expect("message", message="after")
    bob.expect("message", message="after")
    told = server.command("verify")
    assert told.returncode == 0
    assert counted(told.stdout)[0] == 3
    assert server.stop() == 0


def test_a_copy_of_the_log_without_what_belongs_to_it_starts_no_empty_server(
    start_server: Callable[..., Any], start_client: Callable[..., Any], tmp_path: Path
) -> None:
    server = start_server()
    start_client(server.link, "alice")
    copy = tmp_path / "copy" / "server"
    copy.mkdir(parents=True)
    for name in ("key", "log.sqlite"):
        (copy / name).write_bytes((server.data / "server" / name).read_bytes())
    server.data = tmp_path / "copy"
    for command in ("check", "verify"):
        done = server.command(command)
        assert done.returncode == 1
        assert "log.sqlite-wal is missing, and what was written last is in it" in done.stderr
