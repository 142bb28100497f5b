"""Scripts that send, watch and ask, alone or beside a client that runs."""

import json
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import CLIENT, PATIENCE, Person

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Runs ``eim-client`` to its end."""

    def run(*words: str, text: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, str(CLIENT), *words],
            env=environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
        )

    return run


@pytest.fixture(params=["alone", "attached"])
def robot(request: Any, server: Any, alice: Person, run: Run, start_client: Any) -> str:
    """Somebody who has been here, and whose client runs or not."""
    if request.param == "attached":
        start_client(server.link, "robot")
    else:
        assert run(server.link, "--nick", "robot").returncode == 0
    return "robot"


def test_a_message_is_sent(alice: Person, robot: str, run: Run) -> None:
    for words, text in ((["hello"], ""), ([], "two\nlines\n"), (["-"], "typed")):
        done = run("send", "lobby", *words, "--nick", robot, text=text)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert run("send", "@alice", "psst", "--nick", robot).returncode == 0
    for text in ("hello", "two\nlines", "typed", "psst"):
        alice.sees("message", nick=robot, message=text)


def test_what_is_refused_is_said(alice: Person, robot: str, run: Run) -> None:
    done = run("send", "#nowhere", "hello", "--nick", robot)
    assert done.returncode == 1
    assert done.stderr == "eim-client: You are in no conversation called '#nowhere'.\n"


@pytest.mark.parametrize(
    ("words", "text", "complaint"),
    [
        (["send", "lobby", "hi", "--nick", "nobody"], "", "nobody has been at no server from here"),
        (["send", "lobby", "hi", "127.0.0.1", "--nick", "x", "--wait", "no"], "", "'no' is no num"),
        (["send", "lobby", "--nick", "x", "-", "127.0.0.1"], "", "There is nothing to send"),
        (["send", "lobby", "-", "127.0.0.1", "--nick", "x"], "x" * 70_000, "too long"),
        (["send", "--nick", "x"], "", "'send' of what?"),
    ],
)
def test_what_cannot_be_sent(run: Run, words: list[str], text: str, complaint: str) -> None:
    done = run(*words, text=text)
    assert done.returncode == 2
    assert complaint in done.stderr


def test_without_a_server_nothing_is_sent_now_or_later(
    server: Any, alice: Person, robot: str, run: Run
) -> None:
    server.process.send_signal(signal.SIGSTOP)
    done = run("send", "lobby", "too late", "--nick", robot, "--wait", "1")
    server.process.send_signal(signal.SIGCONT)
    assert done.returncode == 3
    assert "not delivered in time" in done.stderr
    if "may still arrive" not in done.stderr:
        assert run("send", "lobby", "after", "--nick", robot).returncode == 0
        alice.sees("message", message="after")
        assert "too late" not in alice.texts()


def test_a_conversation_is_watched(
    alice: Person, bob: Person, robot: str, start_client: Any, environment: dict[str, str]
) -> None:
    watching = subprocess.Popen(
        [sys.executable, str(CLIENT), "tail", "#lobby", "--json", "--nick", robot],
        env=environment,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert watching.stdout is not None
    said = ""
    for number in range(1_000):
        bob.wish(wish="say", to="@robot", text="elsewhere")
        bob.wish(wish="say", to="lobby", text=f"here {number}")
        if said := _line(watching):
            break
    assert json.loads(said)["message"].startswith("here ")
    watching.send_signal(signal.SIGINT)
    assert watching.wait(PATIENCE) == 0
    rest = [json.loads(line) for line in watching.stdout]
    assert {event["conversation"] for event in rest} <= {"lobby"}
    watching.stdout.close()


@pytest.mark.parametrize(
    ("to", "complaint"),
    [
        ("#nosuch", "You are in no conversation called '#nosuch'."),
        ("nosuch", "You are in no conversation called 'nosuch'."),
        ("@nosuch", "User 'nosuch' not found."),
    ],
)
def test_where_nothing_can_be_written_nobody_watches(
    robot: str, run: Run, to: str, complaint: str
) -> None:
    for words in (["send", to, "hi"], ["tail", to]):
        done = run(*words, "--nick", robot)
        assert (done.returncode, done.stdout) == (1, ""), words
        assert done.stderr == f"eim-client: {complaint}\n", words


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["send", "lobby", "\udcff"], "TEXT"),
        (["send", "#\udcff", "hi"], "TO"),
        (["send", "lobby", "hi", "--file", "/\udcff"], "The name of a file"),
        (["tail", "#\udcff"], "TO"),
    ],
)
def test_what_is_no_text_is_refused(robot: str, run: Run, words: list[str], what: str) -> None:
    done = run(*words, "--nick", robot)
    complaint = f"eim-client: {what} is not UTF-8 text.\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", complaint)


def test_text_is_utf8_in_any_locale(
    alice: Person, robot: str, environment: dict[str, str], run: Run
) -> None:
    environment.update(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert run("send", "lobby", "gr\u00fc\u00dfe", "--nick", robot).returncode == 0
    alice.sees("message", nick=robot, message="gr\u00fc\u00dfe")


def _line(process: "subprocess.Popen[str]") -> str:
    """A line, if there is one."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 0.05)
    return process.stdout.readline() if ready else ""


def test_wishes_are_answered(robot: str, run: Run) -> None:
    wishes = [{"id": 1, "wish": "conversations"}, {"id": "x", "wish": "fly"}]
    done = run("ask", "--nick", robot, text="".join(f"{json.dumps(wish)}\n" for wish in wishes))
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["answer"] for answer in said] == [1, "x"]
    assert [each["name"] for each in said[0]["done"]["conversations"]] == ["lobby"]
    assert done.returncode == 1


def test_files_are_sent(alice: Person, robot: str, run: Run, tmp_path: Any) -> None:
    report = tmp_path / "report.pdf"
    report.write_bytes(b"x" * 1_000_000)
    done = run("send", "lobby", "read", "--file", str(report), "--nick", robot)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run("send", "@alice", "--file", str(report), "--file", str(report), "--nick", robot)
    assert (done.returncode, done.stderr) == (0, "")
    assert alice.sees("message", nick=robot, message="read")["files"][0]["name"] == "report.pdf"
    assert len(alice.sees("message", nick=robot, message="")["files"]) == 2
    done = run("send", "lobby", "--file", str(tmp_path / "none"), "--nick", robot)
    assert done.returncode == 1
    assert "cannot be sent" in done.stderr
