"""The client as a process: its words, its signals, its exit codes; and as a view of its output."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import time
from types import SimpleNamespace

import pytest

from geventim.app.ending import Ending
from geventim.crypto.readable import encode_key, generate_key
from geventim.errors import UserError
from geventim.terminal import command_line
from geventim.terminal.command_line import main
from tests.conftest import PATIENCE, ROOT
from tests.usage import usage

CLIENT = [sys.executable, str(ROOT / "bin" / "eim-client")]
NOWHERE = "127.0.0.1:1"


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "EIM_DATA": str(tmp_path / "data")}


@pytest.fixture
def run(environment):
    """Runs a client on some input to its end."""

    def run(*words, text="", **options):
        options.setdefault("stdout", subprocess.PIPE)
        return subprocess.run(
            [*CLIENT, *words],
            input=text,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            env=environment,
            check=False,
            **options,
        )

    return run


@pytest.fixture
def start(environment):
    """Starts a client whose input stays open, and waits for what it says first."""
    processes = []

    def start(*words):
        process = subprocess.Popen(
            [*CLIENT, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def events(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


class TestWords:
    @pytest.mark.parametrize(
        "words",
        [
            ["--nonsense"],
            ["one", "two"],
            ["--plain", "--json"],
            ["--nick", ""],
            ["--nick", "two words"],
            ["--nick", "server"],
            ["--nick", "alice", "--room", "\u202e"],
            ["127.0.0.1:x", "--nick", "alice"],
            ["127.0.0.1:70000", "--nick", "alice"],
            ["eim://127.0.0.1/#mistyped", "--nick", "alice"],
            ["--nick", "alice", "--access-key-file", "/nonexistent"],
            ["--nick", "a\udcff"],
        ],
        ids=" ".join,
    )
    def test_wrong_ones_are_explained(self, words, monkeypatch, capsys):
        monkeypatch.setattr(command_line, "_talk", None)  # it does not come to that
        monkeypatch.setattr(command_line.signal, "signal", lambda *_: None)
        assert main(usage("eim-client"), words) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.strip()

    def test_without_a_terminal_nobody_is_asked(self, run):
        done = run(NOWHERE, text="alice\n")
        assert done.returncode == 2
        assert "--nick" in done.stderr

    @pytest.mark.parametrize("word", ["--version", "--help"])
    def test_questions_about_itself(self, run, word):
        done = run(word)
        assert done.returncode == 0
        assert "geventim" in done.stdout
        assert done.stderr == ""

    def test_how_the_screen_is_set_up_is_printed_as_its_file(self, run, tmp_path):
        first = run("config")
        assert first.returncode == 0
        assert 'theme = "auto"' in first.stdout
        file = tmp_path / "data" / "client.toml"
        file.parent.mkdir()
        file.write_text(first.stdout.replace('"auto"  # auto, dark', '"light"  # auto, dark'))
        again = run("config")
        assert (again.returncode, again.stderr) == (0, "")
        assert 'theme = "light"' in again.stdout

    def test_what_is_wrong_with_it_is_said_with_its_line(self, run, tmp_path):
        file = tmp_path / "client.toml"
        file.write_text("\ntheme = 'blue'\n")
        wrong = run("config", "--data", str(tmp_path))
        assert wrong.returncode == 2
        assert f"{file}, line 2: theme is one of" in wrong.stderr

    def test_a_key_file_that_is_none_is_not_shown(self, run, tmp_path):
        (tmp_path / "key").write_text("swordfish")
        done = run(NOWHERE, "--nick", "alice", "--access-key-file", str(tmp_path / "key"))
        assert done.returncode == 2
        assert "swordfish" not in done.stderr
        assert "Traceback" not in done.stderr


class TestTalking:
    def test_input_is_sent_and_the_end_of_it_is_the_end(self, run, start_server):
        link = start_server().link
        done = run(link, "--nick", "alice", "--json", text="one\n\xfc\ntwo")
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        sent = [event["message"] for event in events(done) if event["event"] == "sent"]
        assert sent == ["one", "\xfc", "two"]

    def test_for_people_data_and_diagnostics_go_apart(self, run, start_server):
        server = start_server()
        done = run(server.link, "--nick", "alice", text="@names\n@help quit\n")
        assert done.returncode == 0
        assert done.stdout == "[Server]: Connected users: alice\n* @quit: leaves\n"
        assert done.stderr == f"* connected to {server.address} as alice, in lobby\n"

    @pytest.mark.parametrize("line", ["@dance", "@status asleep", "@open 7", "too long" * 10_000])
    def test_a_script_is_told_that_a_line_was_refused(self, run, start_server, line):
        done = run(start_server().link, "--nick", "alice", "--json", text=f"{line}\nfine\n")
        assert done.returncode == 1
        assert done.stderr == "eim-client: 1 line was refused.\n"

    def test_an_empty_input_is_no_reason_to_fail(self, run, start_server):
        assert run(start_server().link, "--nick", "alice").returncode == 0

    def test_with_listen_the_end_of_the_input_is_not_the_end(self, start, start_server):
        server = start_server()
        process = start(server.link, "--nick", "alice", "--json", "--listen")
        process.stdin.close()
        process.stdin = None
        assert json.loads(process.stdout.readline())["event"] == "connected"
        assert server.command("announce", "still here?").returncode == 0
        told = {"event": "conversation"}
        while told["event"] == "conversation":
            told = json.loads(process.stdout.readline())
        assert (told["event"], told["text"]) == ("announcement", "still here?")

    def test_records_are_traced_on_request(self, run, start_server):
        done = run(start_server().link, "--nick", "alice", "--trace", "--json", text="hello\n")
        kinds = [line.split()[:2] for line in done.stderr.splitlines()]
        assert ["out", "preamble"] in kinds
        assert ["in", "frames"] in kinds


class TestExitCodes:
    def test_no_server(self, run):
        done = run(NOWHERE, "--nick", "alice", "--json", text="hello\n")
        assert done.returncode == 3
        (event,) = events(done)
        assert (event["event"], event["code"]) == ("error", "no_server")
        assert NOWHERE in event["text"]
        assert done.stderr == f"eim-client: {event['text']}\n"

    def test_another_key(self, run, start_server):
        address = start_server().address
        done = run(f"eim://{address}/#{encode_key(bytes(range(32)))}", "--nick", "alice")
        assert done.returncode == 4
        assert "promises" in done.stderr

    def test_a_refusal(self, run, start_server, tmp_path):
        key_file = tmp_path / "key"
        server = start_server("--access-key-file", str(key_file))
        assert run(server.link, "--nick", "alice").returncode == 5
        key_file.write_text(generate_key())
        wrong = run(server.link, "--nick", "alice", "--access-key-file", str(key_file))
        assert wrong.returncode == 5
        assert "access key" in wrong.stderr

    def test_a_directory_that_cannot_be_used(self, run, start_server, tmp_path):
        (tmp_path / "data").write_text("a file")
        done = run(start_server().link, "--nick", "alice")
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert "Traceback" not in done.stderr

    def test_an_output_that_cannot_be_written(self, run, start_server):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = run(start_server().link, "--nick", "alice", "--json", stdout=full)
        assert done.returncode == 1
        assert done.stderr == "eim-client: The output cannot be written: No space left on device.\n"

    def test_a_reader_that_has_gone_is_no_failure(self, start, start_server):
        server = start_server()
        process = start(server.link, "--nick", "alice", "--json")
        process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        assert server.command("announce", "is anybody there?").returncode == 0
        assert process.wait(PATIENCE) == 0

    def test_lines_that_were_not_delivered(self, start, start_server):
        server = start_server()
        process = start(server.link, "--nick", "alice", "--json")
        process.stdout.readline()
        server.kill()
        while json.loads(process.stdout.readline())["event"] != "reconnecting":
            pass
        process.stdin.write("one\ntwo\n")
        process.stdin.flush()
        await_reading(process.stdin)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 3
        assert "2 messages wait here, to be sent when you connect again." in process.stderr.read()


def await_reading(pipe):
    """Wait until everything that was written to ``pipe`` has been read."""
    deadline = time.monotonic() + PATIENCE
    while int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder):
        assert time.monotonic() < deadline
        time.sleep(0.005)


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_the_first_one_leaves_well(self, start, start_server, number):
        process = start(start_server().link, "--nick", "alice", "--json")
        assert json.loads(process.stdout.readline())["event"] == "connected"
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""

    def test_who_has_asked_not_to_be_hung_up_on_stays(self, start, start_server):
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            process = start(start_server().link, "--nick", "alice", "--json")
        finally:
            signal.signal(signal.SIGHUP, before)
        assert json.loads(process.stdout.readline())["event"] == "connected"
        process.send_signal(signal.SIGHUP)
        process.stdin.write("still here\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["message"] == "still here"

    def test_a_second_one_leaves_now(self, start, start_server):
        server = start_server()
        process = start(server.link, "--nick", "alice", "--json")
        assert json.loads(process.stdout.readline())["event"] == "connected"
        server.process.send_signal(signal.SIGSTOP)
        try:
            process.stdin.write("@names\n")
            process.stdin.flush()
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 130
        finally:
            server.process.send_signal(signal.SIGCONT)


class TestReport:
    @pytest.fixture
    def report(self, capsys):
        def report(how, *, as_json):
            shown = []
            command_line._report(how, Notepad(shown), as_json=as_json)
            return shown, capsys.readouterr().err

        return report

    def test_a_good_end_needs_no_words(self, report):
        assert report(Ending(0), as_json=True) == ([], "")

    def test_an_error_is_an_event_for_programs_too(self, report):
        error = UserError("gone", "It is gone.", "Look elsewhere.")
        shown, err = report(Ending(3, error), as_json=True)
        assert [(note.item.code, note.item.text) for note in shown] == [
            ("gone", "It is gone. Look elsewhere.")
        ]
        assert err == "eim-client: It is gone. Look elsewhere.\n"
        assert report(Ending(3, error), as_json=False) == ([], err)

    @pytest.mark.parametrize(("count", "text"), [(1, "1 line was"), (7, "7 lines were")])
    def test_lines_are_counted(self, report, count, text):
        _, err = report(Ending(3, None, count), as_json=False)
        assert err == f"eim-client: {text} not delivered.\n"

    @pytest.mark.parametrize(("count", "text"), [(1, "1 message waits"), (7, "7 messages wait")])
    def test_messages_that_wait_are_counted(self, report, count, text):
        _, err = report(Ending(3, None, queued=count), as_json=False)
        assert err == f"eim-client: {text} here, to be sent when you connect again.\n"

    def test_what_a_server_says_does_not_reach_the_terminal(self, report):
        _, err = report(Ending(5, UserError("x", "a\x1b[2Jb\n")), as_json=False)
        assert "\x1b" not in err
        assert err.count("\n") == 1


class Notepad:
    def __init__(self, shown):
        self.show = shown.extend


def test_what_was_loaded_is_not_looked_through_for_garbage(monkeypatch):
    done = []
    monkeypatch.setattr("gc.freeze", lambda: done.append("frozen"))
    session = SimpleNamespace(await_entry=lambda: done.append("loaded"))
    reader = SimpleNamespace(read=lambda _: done.append("read"))
    command_line._read(None, None, session, reader, listen=True)
    assert done == ["loaded", "frozen", "read"]
