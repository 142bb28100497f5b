"""Passphrases, and users who move from one machine to another."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 20 * float(os.environ.get("EIM_PATIENCE", "1"))


@pytest.fixture
def run_client(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a client to its end, without a terminal."""

    def run(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "bin" / "eim-client"), *words],
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


def answer(terminal: Any, question: str, text: str) -> None:
    """Type ``text``, which must not be shown, when the terminal asks ``question``."""
    terminal.expect(question)
    terminal.waitnoecho()
    terminal.sendline(text)


def end(terminal: Any) -> int:
    terminal.expect(pexpect.EOF)
    terminal.close()
    code: int = terminal.exitstatus
    return code


def test_a_passphrase_locks_the_data_from_then_on(
    server: Any, open_terminal: Callable[..., Any], run_client: Callable[..., Any]
) -> None:
    words = (server.link, "--nick", "alice", "--plain")
    assert run_client(*words, typed="before\n").returncode == 0
    terminal = open_terminal(*words, "--passphrase")
    answer(terminal, "New passphrase of alice: ", "größe und mehr")
    answer(terminal, "The same again: ", "grose und mehr")
    answer(terminal, "not the same.*New passphrase of alice: ", "größe und mehr")
    answer(terminal, "The same again: ", "größe und mehr")
    terminal.expect("connected to .* as alice")
    assert "größe" not in terminal.before
    terminal.sendline("@quit")
    assert end(terminal) == 0

    # The same passphrase in another spelling: an o with a mark of its own (F12).
    again = open_terminal(*words)
    answer(again, "Passphrase of alice: ", "gro\u0308ße und mehr")
    again.expect("connected to .* as alice")
    again.sendline("@quit")
    assert end(again) == 0

    wrong = open_terminal(*words)
    answer(wrong, "Passphrase of alice: ", "something else")
    wrong.expect("That passphrase does not open this client's data")
    assert end(wrong) == 1

    pipe = run_client(*words, typed="nothing\n")
    assert pipe.returncode == 1
    assert "open with a passphrase" in pipe.stderr


def test_ctrl_c_at_the_question_gives_the_echo_back(
    server: Any, open_terminal: Callable[..., Any]
) -> None:
    terminal = open_terminal(server.link, "--nick", "alice", "--passphrase")
    terminal.expect("New passphrase of alice: ")
    terminal.waitnoecho()
    terminal.sendcontrol("c")
    assert end(terminal) == 130


def test_without_a_terminal_nothing_is_asked(server: Any, run_client: Callable[..., Any]) -> None:
    outcome = run_client(server.link, "--nick", "alice", "--passphrase")
    assert outcome.returncode == 2
    assert "terminal" in outcome.stderr


def test_the_passphrase_is_changed_and_taken_away(
    server: Any, open_terminal: Callable[..., Any], run_client: Callable[..., Any]
) -> None:
    words = (server.link, "--nick", "alice", "--plain")
    change = ("identity", "passphrase", server.address, "--nick", "alice")
    assert run_client(*words, typed="before\n").returncode == 0
    for old, new in [(None, "open sesame"), ("open sesame", "other words"), ("other words", "")]:
        terminal = open_terminal(*change)
        if old is not None:
            answer(terminal, "Passphrase of alice: ", old)
        answer(terminal, "New passphrase of alice .*: ", new)
        if new:
            answer(terminal, "The same again: ", new)
        terminal.expect("open with.* from now on")
        assert end(terminal) == 0
    assert run_client(*words, typed="after\n").returncode == 0

    piped = run_client(*change, typed="words\nwords\n")
    assert piped.returncode == 2
    assert "terminal" in piped.stderr


def test_a_user_moves_with_a_key_that_is_shown_once(
    server: Any,
    alice: Any,
    start_client: Callable[..., Any],
    run_client: Callable[..., Any],
    tmp_path: Path,
) -> None:
    bob = start_client(server.link, "bob")
    alice.expect("joined", nick="bob")
    bob.say("it is me")
    said = alice.expect("message", message="it is me")
    assert bob.leave() == 0
    alice.expect("left", nick="bob")

    path = str(tmp_path / "bob.identity")
    exported = run_client("identity", "export", path, server.address, "--nick", "bob")
    assert exported.returncode == 0, exported.stderr
    key = exported.stdout.rsplit(": ", 1)[1].strip()
    assert len(key.replace(" ", "")) == 26
    again = run_client("identity", "export", path, server.address, "--nick", "bob")
    assert again.returncode == 1
    assert "already" in again.stderr

    elsewhere = ("--data", str(tmp_path / "elsewhere"))
    wrong = run_client("identity", "import", path, *elsewhere, typed="another key\n")
    assert wrong.returncode == 1
    imported = run_client("identity", "import", path, *elsewhere, typed=key.upper() + "\n")
    assert imported.returncode == 0, imported.stderr
    twice = run_client("identity", "import", path, *elsewhere, typed=key + "\n")
    assert twice.returncode == 1
    assert "already" in twice.stderr

    old = start_client(server.link, "bob")
    moved = start_client(server.link, "bob", *elsewhere)
    old.expect("error", code="superseded")
    assert old.wait() == 5
    moved.say("from a new machine")
    heard = alice.expect("message", message="from a new machine", nick="bob")
    assert heard["seq"] > said["seq"]
    alice.say("welcome there")
    moved.expect("message", message="welcome there", nick="alice")

    # The old one ends by itself, and changes nothing on the way.
    for _ in range(2):
        again = run_client(server.link, "--nick", "bob", typed="hello?\n")
        assert again.returncode == 5
        assert "bob was exported from here, and is in another client since." in again.stderr
    assert moved.wait() == 5
    moved = start_client(server.link, "bob", *elsewhere)
    moved.say("still here")
    alice.expect("message", message="still here", nick="bob")
    assert not [event for event in moved.events if event["event"] == "error"]

    assert moved.leave() == 0
    path = f"{path}.back"
    back = run_client("identity", "export", path, server.address, "--nick", "bob", *elsewhere)
    key = back.stdout.rsplit(": ", 1)[1]
    assert run_client("identity", "import", path, typed=key).returncode == 0
    returned = start_client(server.link, "bob")
    returned.say("@history")
    returned.sees("message", message="it is me", history=True)


def test_an_identity_that_was_refused_makes_room_for_the_one_that_is_brought(
    server: Any, run_client: Callable[..., Any], tmp_path: Path
) -> None:
    words, path = (server.link, "--nick", "alice"), str(tmp_path / "alice.identity")
    assert run_client(*words, typed="before\n").returncode == 0
    exported = run_client("identity", "export", path, server.address, "--nick", "alice")
    key = exported.stdout.rsplit(": ", 1)[1]
    elsewhere = ("--data", str(tmp_path / "elsewhere"))
    refused = run_client(*words, *elsewhere)
    assert refused.returncode == 5
    assert "identity export" in refused.stderr
    imported = run_client("identity", "import", path, *elsewhere, typed=key)
    assert imported.returncode == 0, imported.stderr
    assert f"--nick alice --data {elsewhere[1]}" in imported.stdout
    assert run_client(*words, *elsewhere, typed="after\n").returncode == 0


def test_a_passphrase_of_the_file_is_asked_for_on_a_terminal(
    server: Any,
    open_terminal: Callable[..., Any],
    run_client: Callable[..., Any],
    tmp_path: Path,
) -> None:
    assert run_client(server.link, "--nick", "alice", typed="hello\n").returncode == 0
    path, elsewhere = str(tmp_path / "alice.identity"), str(tmp_path / "elsewhere")
    terminal = open_terminal("identity", "export", path, server.address, "--nick", "alice")
    answer(terminal, "Passphrase for .*: ", "open sesame")
    answer(terminal, "The same again: ", "open sesame")
    terminal.expect("holds the identity of alice")
    assert end(terminal) == 0
    terminal = open_terminal("identity", "import", path, "--data", elsewhere, "--passphrase")
    answer(terminal, "Passphrase or key of .*: ", "open sesame")
    answer(terminal, "New passphrase for the data on this machine: ", "words")
    answer(terminal, "The same again: ", "words")
    terminal.expect("This is the identity of alice")
    assert end(terminal) == 0
    terminal = open_terminal(server.address, "--nick", "alice", "--data", elsewhere)
    answer(terminal, "Passphrase of alice: ", "words")
    terminal.expect("connected to .* as alice")
