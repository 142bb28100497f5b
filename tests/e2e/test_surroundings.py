"""What surrounds the programs and goes wrong: terminals, disks, directories, other servers."""

import http.server
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests import homeless

ROOT = Path(__file__).resolve().parent.parent.parent
CLIENT = [sys.executable, str(ROOT / "bin" / "eim-client")]
PATIENCE = 20 * float(os.environ.get("EIM_PATIENCE", "1"))


@pytest.fixture
def run_client(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a client to its end, in a shell: ``run_client("… >/dev/full")``."""

    def run(words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", f"{shlex.join(CLIENT)} {words}"],
            env={**environment, **variables},
            input="",
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


@pytest.fixture
def web_server() -> Iterator[str]:
    """The address of a server for browsers."""

    class Quiet(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_web_server_at_the_other_end_is_named(
    web_server: str, run_client: Callable[..., Any]
) -> None:
    done = run_client(f"{web_server} --nick alice")
    assert done.returncode == 3
    assert f"What answers at {web_server} is a web server. Check the address" in done.stderr


def test_a_link_that_was_cut_says_so(server: Any, run_client: Callable[..., Any]) -> None:
    link = server.link.replace("eim:", "EIM:")
    assert run_client(f"{shlex.quote(link)} --nick alice").returncode == 0
    done = run_client(f"{shlex.quote(link[:-5])} --nick alice")
    assert done.returncode == 2
    assert "The server's key in this link has 47 of its 52 characters." in done.stderr


def test_without_a_home_the_client_asks_for_a_directory() -> None:
    done = subprocess.run(
        [sys.executable, homeless.__file__, *CLIENT[1:], "--nick", "alice"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2
    assert "It is not known where data are kept on this machine." in done.stderr
    assert "Traceback" not in done.stderr


def test_who_has_lost_the_values_of_a_vault_is_not_made_anew(
    server: Any, run_client: Callable[..., Any], environment: dict[str, str]
) -> None:
    assert run_client(f"{shlex.quote(server.link)} --nick alice").returncode == 0
    (values,) = Path(environment["EIM_DATA"]).glob("client/*/alice/vault.db")
    kept = values.read_bytes()
    values.unlink()
    for _ in range(2):
        done = run_client(f"{shlex.quote(server.link)} --nick alice")
        assert done.returncode == 1
        assert f"{values} is missing or empty" in done.stderr
    values.write_bytes(kept)
    assert run_client(f"{shlex.quote(server.link)} --nick alice").returncode == 0


def test_an_identity_whose_key_nobody_gets_is_not_exported(
    server: Any, run_client: Callable[..., Any], tmp_path: Path
) -> None:
    words = f"{server.address} --nick alice"
    assert run_client(words).returncode == 0
    export = f"identity export {shlex.quote(str(tmp_path))}/日 {words}"
    done = run_client(f"{export} >/dev/full")
    assert done.returncode == 1
    assert done.stderr == ("eim-client: The output cannot be written: No space left on device.\n")
    assert not (tmp_path / "日").exists()
    done = run_client(export, PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert f"{tmp_path}/\\u65e5 holds the identity of alice" in done.stdout
    assert (tmp_path / "日").exists()


def test_a_terminal_is_as_wide_as_it_is(server: Any, open_terminal: Callable[..., Any]) -> None:
    terminal = open_terminal(server.link, "--nick", "alice", COLUMNS="30")
    terminal.expect("connected to .* as alice")
    terminal.sendline("word " * 20)
    terminal.sendline("@history 5")
    terminal.expect("alice: " + "word " * 20)


def test_a_key_that_is_typed_after_a_stop_is_not_shown(
    server: Any, environment: dict[str, str]
) -> None:
    shell = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "-i"],
        env={**environment, "PS1": "ready> ", "TERM": "dumb"},
        timeout=PATIENCE,
        encoding="utf-8",
    )
    try:
        shell.expect("ready> ")
        words = [*CLIENT, server.link, "--nick", "alice", "--plain", "--passphrase"]
        shell.sendline(shlex.join(words))
        shell.expect("New passphrase of alice: ")
        shell.waitnoecho()
        shell.sendcontrol("z")
        shell.expect("Stopped.*ready> ")
        shell.sendline("fg")
        shell.expect("eim-client.*\n")
        assert shell.waitnoecho(PATIENCE)
        shell.sendline("swordfish")
        shell.expect("The same again: ")
        assert "swordfish" not in shell.before
    finally:
        shell.close(force=True)
