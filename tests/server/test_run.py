"""The server as a process: what it prints, and how it ends."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import gevent
import pexpect
import pytest

from geventim.chat import administration as admin
from geventim.chat.links import parse_link
from geventim.chat.requests import ListNames
from geventim.server.clients.listener import RESERVE
from geventim.server.run import administer
from tests import homeless
from tests.conftest import PATIENCE, SERVER, ServerProcess
from tests.greenlets import until
from tests.raw_client import RawClient


def run(*words):
    """A server that does not get to serve."""
    return subprocess.run(
        [sys.executable, str(SERVER), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


CHANGED = """
public = "chat.example.org"
client_package = "git+https://example.org/a b"
room_limit = 7
"""


class TestWatching:
    def test_it_is_told_over_http_and_by_a_command(self, start_server):
        server = start_server("--metrics", "0")
        lines = server.command("status").stdout.splitlines()
        assert lines[0].startswith("version: ")
        assert "store: ready" in lines
        (place,) = re.findall(r"metrics are served address='([\d.:]+)'", server.stderr_text())
        with urlopen(f"http://{place}/ready", timeout=PATIENCE) as answer:
            assert answer.read() == b"ready\n"
        with urlopen(f"http://{place}/metrics", timeout=PATIENCE) as answer:
            assert b"\neim_connections 0.0\n" in answer.read()
        assert json.loads(server.command("status", "--json").stdout)["accounts"] == 0
        assert server.stop() == 0
        done = server.command("status")
        assert done.returncode == 3
        assert "No server is running in" in done.stderr


class TestFirstLines:
    def test_they_are_where_it_listens_its_key_and_a_link(self, start_server):
        server = start_server()
        assert server.host == "127.0.0.1"
        link = parse_link(server.link)
        client = RawClient(server.link)
        assert link.server_key == client.caller.profile.server_key
        assert (link.address, link.code) == (server.address, "")
        client.close()

    def test_the_link_names_the_public_address(self, start_server):
        server = start_server("--public", "chat.example.org")
        assert server.link == f"eim://chat.example.org:{server.port}/#{server.key}"

    def test_a_server_on_localhost_is_where_a_client_looks_that_is_told_nothing(self, start_server):
        assert start_server("--host", "localhost").host == "127.0.0.1"

    @pytest.mark.parametrize("host", ["0.0.0.0", "::"])
    def test_a_link_for_others_never_says_every_address(self, start_server, host):
        server = start_server("--host", host)
        link = parse_link(server.link)
        assert server.host == host
        assert link.host not in {"0.0.0.0", "::"}
        assert link.port == server.port
        assert link.code

    def test_the_code_stays_the_same_while_it_lasts(self, start_server):
        server = start_server("--access", "invite")
        first = server.link
        server.stop()
        server.restart()
        assert server.link == first


class TestEnding:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_stops_it_well(self, start_server, number):
        server = start_server()
        client = RawClient(server.link)
        client.register("alice")
        server.process.send_signal(number)
        client.receive_all()
        client.close()
        assert server.wait() == 0
        assert "stopped" in server.stderr_text()
        assert not (server.data / "server" / "control").exists()

    def test_a_second_signal_ends_it_now(self, start_server):
        server = start_server()
        client = RawClient(server.link)
        client.register("alice")  # and does not go away by itself
        server.process.send_signal(signal.SIGINT)
        until(lambda: "stopping" in server.stderr_text())
        server.process.send_signal(signal.SIGINT)
        assert server.wait() == 130
        assert "stopped" not in server.stderr_text()
        client.close()

    def test_an_address_in_use_is_a_matter_of_the_network(self, start_server, tmp_path):
        server = start_server()
        done = run("--port", server.port, "--data", tmp_path / "other")
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr == (
            f"eim-server: The server cannot listen on 127.0.0.1, port {server.port}: Address"
            " already in use. Choose another address with --host or another port with --port.\n"
        )

    def test_a_directory_in_use_is_not(self, start_server):
        server = start_server()
        done = run("--port", "0", "--data", server.data)
        assert (done.returncode, done.stdout) == (1, "")
        assert "A server is running in" in done.stderr
        assert len(done.stderr.splitlines()) == 1

    def test_a_directory_that_cannot_be_used(self, tmp_path):
        (tmp_path / "data").write_text("a file")
        done = run("--port", "0", "--data", tmp_path / "data")
        assert (done.returncode, done.stdout) == (1, "")
        assert "cannot be used" in done.stderr
        assert "Traceback" not in done.stderr

    def test_an_access_key_that_is_none(self, tmp_path):
        (tmp_path / "key").write_text("swordfish\n")
        done = run("--port", "0", "--data", tmp_path, "--access-key-file", tmp_path / "key")
        assert (done.returncode, done.stdout) == (1, "")
        assert f"The key file {tmp_path / 'key'} does not hold an access key." in done.stderr
        assert "swordfish" not in done.stderr
        assert "Traceback" not in done.stderr


class TestFirstStart:
    """A disk that is full is a limit on the size of files here: writing fails in the same place."""

    @pytest.mark.parametrize("blocks", [0, 1, 8])
    def test_on_a_full_disk_it_is_told_and_can_be_repeated_with_room(
        self, start_server, tmp_path, blocks
    ):
        data = tmp_path / "data"
        words = [sys.executable, str(SERVER), "--port", "0", "--data", str(data)]
        done = subprocess.run(
            ["bash", "-c", f'ulimit -f {blocks}; exec "$@"', "bash", *words],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert "Traceback" not in done.stderr
        (line,) = done.stderr.splitlines()
        assert line.startswith("eim-server: ")
        start_server(data=data)

    def test_without_a_home_it_asks_for_a_directory(self):
        done = subprocess.run(
            [sys.executable, homeless.__file__, str(SERVER), "check"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={"PATH": os.environ["PATH"]},
        )
        assert done.returncode == 2
        assert done.stderr == (
            "eim-server: It is not known where data are kept on this machine. Name a directory"
            " with --data, or in $EIM_DATA.\n"
        )


class TestSignals:
    def test_a_change_of_the_configuration_is_taken_up_without_a_restart(self, start_server):
        server = start_server("--log-level", "debug")
        client = RawClient(server.link)
        client.register("alice")
        place = server.data / "server"
        (place / "config.toml").write_text(CHANGED)
        server.process.send_signal(signal.SIGHUP)
        until(lambda: "waits for a restart" in server.stderr_text())
        assert "was read again changed=['public', 'client_package']" in server.stderr_text()
        assert "settings=['room_limit']" in server.stderr_text()
        invite, install = server.command("invite").stdout.splitlines()
        link = parse_link(invite)
        assert install == "pipx install 'git+https://example.org/a b'"
        assert (link.host, link.port) == ("chat.example.org", server.port)
        (place / "config.toml").write_text("port = eleven\n")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: "was not read again" in server.stderr_text())
        assert client.ask(ListNames).names == ("alice",)
        client.close()

    def test_signals_that_ask_for_nothing_end_nothing(self, start_server):
        server = start_server()
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            server.process.send_signal(number)
        RawClient(server.link).close()
        assert server.stop() == 0

    def test_a_log_file_that_was_moved_away_is_opened_anew(self, start_server, tmp_path):
        log = tmp_path / "log"
        server = start_server("--log-file", str(log))
        log.rename(tmp_path / "log.1")
        server.process.send_signal(signal.SIGHUP)
        until(log.exists)
        server.stop()
        assert "started" in (tmp_path / "log.1").read_text()
        assert "stopped" in log.read_text()
        assert server.stderr_text() == ""

    def test_a_server_in_a_terminal_ends_with_it(self, tmp_path):
        words = [str(SERVER), "--port", "0", "--data", str(tmp_path)]
        terminal = pexpect.spawn(sys.executable, words, timeout=PATIENCE, encoding="utf-8")
        terminal.expect("invite ")
        os.close(terminal.child_fd)
        terminal.closed = True
        until(lambda: not terminal.isalive())
        assert terminal.exitstatus == 0


class TestCheck:
    def test_an_empty_directory_is_good_and_stays_empty(self, tmp_path):
        done = run("check", "--port", "0", "--data", tmp_path / "new")
        assert (done.returncode, done.stdout) == (0, "The server would start.\n")
        assert not (tmp_path / "new").exists()

    def test_a_server_that_runs_there_is_told(self, start_server):
        server = start_server()
        done = run("check", "--port", server.port, "--data", server.data)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"eim-server: A server is running in {server.data} already.")
        assert len(done.stderr.splitlines()) == 1
        server.stop()
        assert run("check", "--port", server.port, "--data", server.data).returncode == 0


class TestOutput:
    def test_who_reads_no_further_ends_nothing(self, start_server):
        server = start_server()
        client = RawClient(server.link)
        client.register("alice")
        call = f'"{sys.executable}" "{SERVER}" users --data "{server.data}"'
        for words, code, err in (
            (f"set -o pipefail; {call} | true", 0, ""),
            (f"{call} >/dev/full", 1, "eim-server: The output cannot be written: No space left"),
            (f'"{sys.executable}" "{SERVER}" --help >/dev/full', 1, "eim-server: The output"),
        ):
            done = subprocess.run(
                ["bash", "-c", words], capture_output=True, text=True, timeout=PATIENCE, check=False
            )
            assert done.returncode == code
            assert done.stderr.startswith(err)
            assert len(done.stderr.splitlines()) == bool(err)
        client.close()


class TestState:
    def test_an_access_key_is_made_for_the_owner_only(self, start_server, tmp_path):
        key_file = tmp_path / "key"
        start_server("--access-key-file", str(key_file))
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        assert re.fullmatch("[a-z2-7]{26}\n", key_file.read_text())

    def test_there_may_be_as_many_clients_as_the_system_allows(self, start_server):
        server = start_server()
        limits = Path(f"/proc/{server.pid}/limits").read_text(encoding="ascii")
        (line,) = (line for line in limits.splitlines() if line.startswith("Max open files"))
        soft, hard = line.split()[3:5]
        assert soft == hard

    def test_without_descriptors_it_goes_on_and_says_so_once(self, start_server, tmp_path):
        class Poor(ServerProcess):
            program = tmp_path / "poor.py"

        Poor.program.write_text(
            "import os, resource, sys\n"
            f"resource.setrlimit(resource.RLIMIT_NOFILE, ({RESERVE + 10}, {RESERVE + 10}))\n"
            f"os.execv(sys.executable, [sys.executable, {str(SERVER)!r}, *sys.argv[1:]])\n"
        )
        server = start_server("--log-json", kind=Poor)
        early = [RawClient(server.link) for _ in range(10)]
        early[0].register("alice")
        late = gevent.spawn(RawClient, server.link)
        until(lambda: "nobody can connect for now" in server.stderr_text())
        assert server.command("users").stdout.startswith("alice\tmember\tnormal\tconnected\t")
        for client in early:
            client.close()
        late.get(timeout=PATIENCE).close()
        events = [json.loads(line)["event"] for line in server.stderr_text().splitlines()]
        assert events.count("nobody can connect for now") == 1

    def test_a_bit_that_was_changed_in_the_log_is_told_and_nothing_is_served(self, start_server):
        server = start_server()
        client = RawClient(server.link)
        client.register("alice")
        client.append(client.room(), b"a message of which a bit is changed")
        client.close()
        server.stop()
        path = server.data / "server" / "log.sqlite"
        whole = path.read_bytes()
        place = whole.index(b"of which a bit")
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        done = run("--port", "0", "--data", server.data)
        assert done.returncode == 1
        assert f"{path} cannot be used: it is damaged (the log " in done.stderr
        assert "restore a backup" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        path.write_bytes(whole)
        assert start_server(data=server.data).link

    def test_a_clock_that_is_a_year_ahead_drops_nothing_and_says_so(self, start_server, tmp_path):
        class Ahead(ServerProcess):
            program = tmp_path / "ahead.py"

        Ahead.program.write_text(
            "import runpy, time\n"
            "right = time.time\n"
            "time.time = lambda: right() + 365 * 86_400\n"
            f"runpy.run_path({str(SERVER)!r}, run_name='__main__')\n"
        )
        server = start_server("--keep-days", "30")
        client = RawClient(server.link)
        client.register("alice")
        client.append(client.room(), b"hello")
        client.close()
        server.stop()
        before = run("verify", "--data", server.data).stdout
        late = start_server("--keep-days", "30", data=server.data, kind=Ahead)
        until(lambda: "nothing expires for a day" in late.stderr_text())
        assert "days=365" in late.stderr_text()
        late.stop()
        assert run("verify", "--data", server.data).stdout == before
        assert " 2 entries " in before

    def test_logs_are_objects_on_request(self, start_server):
        server = start_server("--log-json")
        server.stop()
        events = [json.loads(line) for line in server.stderr_text().splitlines()]
        assert [event["event"] for event in events] == ["started", "stopping", "stopped"]
        assert events[0]["address"] == server.address


class TestAdministering:
    def test_what_was_done_goes_to_standard_output(self, start_server, capsys):
        server = start_server()
        assert administer(server.data, admin.Allow("carol")) == 0
        assert capsys.readouterr() == ("carol may register\n", "")

    def test_what_was_refused_goes_to_standard_error(self, start_server, capsys):
        server = start_server()
        assert administer(server.data, admin.Operator("nobody")) == 1
        assert capsys.readouterr() == ("", "eim-server: User 'nobody' not found.\n")

    def test_without_a_server_it_is_said_where_there_is_none(self, tmp_path, capsys):
        assert administer(tmp_path, admin.Users()) == 3
        out, err = capsys.readouterr()
        assert out == ""
        assert str(tmp_path) in err

    def test_a_server_that_was_killed_is_not_there(self, start_server, capsys):
        server = start_server()
        server.kill()
        assert administer(server.data, admin.Users()) == 3
        assert "No server is running" in capsys.readouterr().err

    def test_a_server_of_somebody_else_is_not_called_missing(self, start_server):
        if os.geteuid() and os.environ.get("EIM_REQUIRE_ALL") != "1":
            pytest.skip("only root can be somebody else; run the tests with sudo")
        server = start_server()
        server.data.chmod(0o755)
        done = subprocess.run(
            ["setpriv", "--reuid", "54321", "--clear-groups", sys.executable, str(SERVER), "users"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "EIM_DATA": str(server.data)},
        )
        assert done.returncode == 1
        assert "belongs to another user" in done.stderr
