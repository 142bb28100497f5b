"""The command as it is run, against a real server."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from geventim.crypto.readable import encode_key, generate_key

COMMAND = [sys.executable, str(Path(__file__).parents[2] / "bin" / "eim-load")]
SHORT = ["--clients", "5", "--senders", "2", "--rate", "20", "--duration", "0.5"]


def load(*words):
    return subprocess.run(
        [*COMMAND, *words], check=False, capture_output=True, text=True, timeout=60
    )


def test_a_run_against_a_real_server(start_server):
    done = load(start_server().link, *SHORT, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["sent"] == 10
    assert report["received"] == report["expected"] == 40
    assert report["lost"] == report["duplicated"] == report["misordered"] == 0


def test_the_report_as_text(start_server):
    done = load(start_server().address, *SHORT)
    assert done.returncode == 0, done.stderr
    assert dict(line.split() for line in done.stdout.splitlines())["received"] == "40"


def test_a_server_with_an_access_key(start_server, tmp_path):
    key_file = tmp_path / "key"
    server = start_server("--access-key-file", str(key_file))
    assert load(server.link, *SHORT, "--access-key-file", str(key_file)).returncode == 0
    without = load(server.link, *SHORT)
    assert without.returncode == 5
    assert "requires an access key" in without.stderr
    key_file.write_text(generate_key())
    wrong = load(server.link, *SHORT, "--access-key-file", str(key_file))
    assert wrong.returncode == 5
    assert "The access key is wrong." in wrong.stderr


def test_a_server_that_asks_for_invitations(start_server):
    server = start_server("--access", "invite")
    assert load(server.link, *SHORT).returncode == 0
    refused = load(server.address, *SHORT)
    assert refused.returncode == 5
    assert "invite" in refused.stderr


def test_a_server_with_another_key_than_the_link_says(start_server):
    server = start_server()
    done = load(f"eim://{server.address}/#{encode_key(bytes(range(32)))}", *SHORT)
    assert done.returncode == 4
    assert "another key" in done.stderr


def test_bounds_are_said_as_people_write_them():
    done = load("127.0.0.1", "--rate", "many")
    assert done.stderr.endswith("--rate is a number from 0.001 to 1,000,000, not 'many'.\n")


def test_no_server(start_server):
    server = start_server()
    server.stop()
    done = load(server.link, *SHORT)
    assert done.returncode == 3
    assert done.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["a", "b"],
        ["127.0.0.1", "--colour"],
        ["127.0.0.1:70000"],
        ["127.0.0.1", "--clients", "1"],
        ["127.0.0.1", "--clients", "2.5"],
        ["127.0.0.1", "--clients", "5", "--senders", "6"],
        ["127.0.0.1", "--size", "10"],
        ["127.0.0.1", "--rate", "nan"],
        ["127.0.0.1", "--duration", "-1"],
        ["127.0.0.1", "--access-key-file", "/nonexistent"],
        ["127.0.0.1", "--e2e", "--clients", "51"],
        ["127.0.0.1", "--e2e", "--clients", "5", "--size", "47"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line(words):
    done = load(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_questions_about_itself(word):
    done = load(word)
    assert done.returncode == 0
    assert "geventim" in done.stdout


def test_an_interrupted_run_reports_what_there_was(start_server):
    words = [*COMMAND, start_server().link, "--clients", "3", "--senders", "1", "--duration", "999"]
    with subprocess.Popen(
        [*words, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr:
            if " 0 sent" not in line:
                break
        process.send_signal(signal.SIGINT)
        report = json.loads(process.stdout.read())
        assert process.wait(60) == 0
    assert report["received"] == report["expected"] == 2 * report["sent"] > 0


def test_full_members_read_what_the_others_have_sealed(start_server):
    done = load(start_server().link, *SHORT, "--e2e", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["sent"] == report["acknowledged"] == 10
    assert report["received"] == report["expected"] == 40
