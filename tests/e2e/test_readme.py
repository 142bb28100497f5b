"""Every command that the README shows does what it says."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.e2e.pages import Page
from tests.redis_process import require

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PERFORMANCE = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")

PATIENCE = 20 * float(os.environ.get("EIM_PATIENCE", "1"))

SET_UP = "python3 -m venv .venv && "
"""How the two commands begin that set a machine up; CI runs them as they stand."""

MEASUREMENTS = [
    f"python bench/{name}.py"
    for name in (
        "fanout",
        "idle",
        "stalled",
        "halfopen",
        "masses",
        "silence",
        "hostile",
        "store",
        "disk",
        "crypto",
        "e2e",
        "history",
        "blobs",
        "files",
        "screen",
    )
]
LOAD = "--clients 500 --senders 20"
LENGTH = "--rate 50 --size 200 --duration 20"


def blocks_of(text: str) -> list[str]:
    """The lines of the blocks of commands in ``text``."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def shown_commands() -> list[str]:
    """The shell commands of the README, but for those two."""
    lines = blocks_of(README) + re.findall(r"`(eim-[a-z]+ [^`]+)`", README)
    return [line for line in lines if not line.startswith(SET_UP)]


def shown_lines() -> list[str]:
    """The lines that the README tells people to type into a client."""
    rows = [line for line in README.splitlines() if line.startswith(("| `@", "| `#"))]
    return [line for row in rows for line in re.findall(r"`([@#][^`]+)`", row)]


def runnable(command: str, **replaced: str) -> str:
    """``command`` with the programs of this checkout, and other words in place of some."""
    for old, new in replaced.items():
        assert old in command
        command = command.replace(old, new)
    python, root = shlex.quote(sys.executable), shlex.quote(str(ROOT))
    command = re.sub(r"(\.venv/bin/|^)eim-", rf"{python} {root}/bin/eim-", command, count=1)
    return re.sub(r"^\.venv/bin/python bench/", rf"{python} {root}/bench/", command)


def run(command: str, environment: dict[str, str], typed: str = "") -> str:
    done = subprocess.run(
        ["sh", "-euc", command],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_command_is_run_here() -> None:
    """A command that is added to the README has to be added below."""
    assert [re.sub(r".*\.venv/bin/", "", command) for command in shown_commands()] == [
        "eim-server --host 0.0.0.0 --public chat.example.org:5555",
        "eim-client eim://127.0.0.1:5555/#KEY --nick alice",
        "eim-client identity export alice.identity --nick alice",
        "eim-client identity import alice.identity",
        "eim-client eim://127.0.0.1:5555/#KEY --nick alice --web",
        "eim-client --nick robot --json",
        "eim-client --nick robot --wishes",
        'eim-client send lobby "all tests pass" --nick robot',
        MEASUREMENTS[0],
        f"eim-load eim://127.0.0.1:5555/#KEY {LOAD} {LENGTH}",
        "eim-client config",
        "eim-client --passphrase",
        "eim-server invite --uses 5",
        "eim-server allow carol",
        "eim-server operator alice",
        'eim-server announce "back at noon"',
        "eim-server users",
        "eim-server config",
    ]


def test_the_set_up_commands_are_two_lines() -> None:
    assert len([line for line in README.splitlines() if line.startswith(SET_UP)]) == 2


def test_a_server_for_others(start_server: Callable[..., Any]) -> None:
    command = shown_commands()[0]
    server = start_server(*shlex.split(command)[1:])
    assert server.address.startswith("0.0.0.0:")
    assert re.fullmatch(r"eim://chat\.example\.org:5555/#[a-z2-7]{52}\.[a-z2-7]{26}", server.link)


def test_the_client_as_a_program(server: Any, alice: Any, environment: dict[str, str]) -> None:
    typed, wished, sent = (runnable(command) for command in shown_commands()[5:8])
    assert '"event": "sent"' in run(f"{typed} {server.address}", environment)
    alice.expect("message", nick="robot", message="deploy finished")
    assert '"done": {"names": ["alice", "robot"]}' in run(f"{wished} {server.address}", environment)
    run(sent, environment)
    alice.expect("message", nick="robot", message="all tests pass")


def test_the_client_in_a_browser(server: Any, environment: dict[str, str]) -> None:
    command = shown_commands()[4].replace("eim://127.0.0.1:5555/#KEY", server.link)
    variables = {**environment, "TERM": "dumb", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    terminal = pexpect.spawn(
        "sh", ["-euc", runnable(command)], env=variables, timeout=PATIENCE, encoding="utf-8"
    )
    terminal.expect(r"http://127\.0\.0\.1:\d+/#[\w-]{22}")
    page = Page(terminal.match[0])
    assert page.sees("snapshot")["nick"] == "alice"
    page.close()
    terminal.close(force=True)


def test_moving_to_another_machine(
    server: Any, alice: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    assert alice.leave() == 0
    file = {"alice.identity": shlex.quote(str(tmp_path / "alice.identity"))}
    export, take = (runnable(command, **file) for command in shown_commands()[2:4])
    key = run(f"{export} {server.address}", environment).rsplit(": ", 1)[1]
    run(take, {**environment, "EIM_DATA": str(tmp_path / "elsewhere")}, typed=key)
    assert (tmp_path / "elsewhere").is_dir()


def test_the_file_of_the_client(environment: dict[str, str]) -> None:
    assert "eim-client config" in shown_commands()
    assert "[styles]" in run(runnable("eim-client config"), environment)


def test_a_passphrase(server: Any, environment: dict[str, str]) -> None:
    command = runnable("eim-client --passphrase") + f" {server.link} --nick alice"
    assert "eim-client --passphrase" in shown_commands()
    terminal = pexpect.spawn(
        "sh",
        ["-euc", f"exec {command}"],
        env={**environment, "TERM": "xterm"},
        encoding="utf-8",
    )
    try:
        for question in ("New passphrase of alice: ", "The same again: "):
            terminal.expect(question, timeout=PATIENCE)
            terminal.waitnoecho()
            terminal.sendline("eight words")
        terminal.expect("#lobby>", timeout=PATIENCE)
    finally:
        terminal.close(force=True)


@pytest.mark.parametrize("measurement", MEASUREMENTS)
def test_measuring(measurement: str, environment: dict[str, str]) -> None:
    """With ``--quick``, as docs/performance.md says."""
    command = f".venv/bin/{measurement}"
    assert command in blocks_of(PERFORMANCE)
    assert re.search(r"\d\.\d", run(runnable(command) + " --quick", environment))


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_file_outlives_cuts_and_restarts(nodes: int, environment: dict[str, str]) -> None:
    if nodes > 1:
        require()
    command = runnable(".venv/bin/python bench/files.py") + f" --quick --cuts --nodes {nodes}"
    assert re.search(r"is the same after \d\d+ cuts", run(command, environment))


def test_the_load_test(server: Any, environment: dict[str, str]) -> None:
    """With fewer clients, for a moment."""
    (command,) = [command for command in shown_commands() if "eim-load" in command]
    replaced = {
        "eim://127.0.0.1:5555/#KEY": shlex.quote(server.link),
        LOAD: "--clients 20 --senders 5",
        LENGTH: "--rate 50 --size 200 --duration 0.4",
    }
    report = run(runnable(command, **replaced), environment)
    counts = {name: value for name, value, *_ in map(str.split, report.splitlines())}
    assert counts["received"] == counts["expected"] == "380"
    assert counts["lost"] == counts["duplicated"] == counts["misordered"] == "0"


def test_the_operators_commands(server: Any, alice: Any) -> None:
    environment = {**os.environ, "EIM_DATA": str(server.data)}
    invite, allow, operator, announce, users, config = shown_commands()[-6:]
    assert server.key in run(runnable(invite), environment)
    assert "carol" in run(runnable(allow), environment)
    assert "alice" in run(runnable(operator), environment)
    run(runnable(announce), environment)
    alice.expect("announcement", text="back at noon")
    (row,) = run(runnable(users), environment).splitlines()
    assert row.startswith("alice\toperator\tnormal\tconnected\t")
    assert "port = 5555  # default" in run(runnable(config), environment)


def test_the_client_in_a_terminal(server: Any, alice: Any, bob: Any, carol: Any) -> None:
    """Every line that the README shows, typed by alice."""
    assert shown_lines() == [
        "@bob see you at eight",
        "@names",
        "@names team",
        "@status away back at five",
        "@secret bob KEY text",
        "@open 3",
        "@group set team bob,carol",
        "@group send team hello",
        "@group add team bob",
        "@group remove team bob",
        "@group leave team",
        "@group delete team",
        "@join den",
        "@create room den",
        "@go bob",
        "#den hello",
        "@leave den",
        "@rooms",
        "@rooms all",
        "@newkey safe",
        "@join safe KEY",
        "@verify bob",
        "@verify bob ok",
        "@whois bob",
        "@trust bob",
        "@ignore bob",
        "@unignore bob",
        "@mute lobby",
        "@unmute lobby",
        "@settings receipts off",
        "@settings",
        "@history 50 team",
        "@search words",
        "@web",
        "@help",
        "@quit",
    ]
    alice.say("@bob see you at eight")
    bob.expect("message", kind="private", message="see you at eight")
    alice.say("@names")
    alice.expect("names", names=["alice", "bob", "carol"])
    alice.say("@secret bob KEY text")
    secret = bob.expect("secret", nick="alice")
    bob.say(f"@open {secret['id']}", "KEY")
    bob.expect("message", kind="secret", message="text")
    alice.say("@group set team bob,carol", "@group send team hello")
    bob.expect("message", kind="group", message="hello")
    carol.expect("message", kind="group", message="hello")
    bob.say("@group leave team")
    alice.sees("notice", text="bob left group team.")
    alice.say("@group add team bob", "@names team")
    bob.expect("group", action="added", group="team")
    alice.expect("names", conversation="team", names=["alice", "bob", "carol"])
    alice.say("@group remove team bob")
    carol.expect("members", conversation="team", removed=["bob"])
    alice.say("@group delete team")
    carol.expect("group", action="deleted", group="team")
    alice.say("@join den")
    alice.expect("error", code="no_room")
    alice.say("@create room den", "#den hello", "@leave den", "@rooms", "@rooms all")
    alice.expect("sent", conversation="den", message="hello")
    alice.sees("notice", text="Rooms: lobby")
    alice.say("@newkey safe")
    key = alice.sees("notice", code="new_key")["text"].split(": ")[1]
    bob.say(f"@join safe {key}")
    alice.expect("members", conversation="safe", added=["bob"])
    alice.say("@verify bob")
    alice.expect("safety-number", nick="bob")
    alice.say("@verify bob ok", "@trust bob", "@whois bob")
    assert alice.expect("whois", nick="bob")["standing"] == "verified"
    alice.say("@history 50 team")
    alice.sees("message", message="hello", history=True)
    alice.say("@search see you")
    alice.sees("message", message="see you at eight", history=True)
    alice.say("@status away back at five")
    bob.expect("status", nick="alice", status="away")
    bob.say("@alice are you there?")
    assert bob.expect("away", nick="alice")["text"] == "back at five"
    alice.say("@mute lobby", "@unmute lobby", "@settings receipts off", "@settings")
    alice.sees("notice", text="What is written in 'lobby' calls you again.")
    alice.sees("notice", text="highlights: none")
    alice.say("@web")
    alice.sees("web")
    alice.say("@help")
    alice.expect("notice")
    alice.say("@quit")
    # Bob's key had not changed, so that there was nothing to trust.
    assert (alice.wait(), alice.errors) == (1, b"eim-client: 2 lines were refused.\n")
