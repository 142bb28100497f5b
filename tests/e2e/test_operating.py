"""docs/operating.md, followed on a machine where nothing is installed yet, and all that it says."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from geventim.server.config import manual
from geventim.server.config.settings import TABLE

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
PATIENCE = 20 * float(os.environ.get("EIM_PATIENCE", "1"))

WHEEL = "geventim-0.1.0-py3-none-any.whl"

COMMANDS = [
    "python3 -m venv /opt/geventim && /opt/geventim/bin/pip install -q .",
    "echo EIM_HOST=0.0.0.0 >> /etc/geventim.env",
    "echo EIM_PUBLIC=chat.example.org >> /etc/geventim.env",
    "/opt/geventim/bin/eim-server unit > /etc/systemd/system/geventim.service",
    "systemctl daemon-reload",
    "systemctl enable --now geventim",
    "journalctl -u geventim",
    "/opt/geventim/bin/eim-server users --data /var/lib/geventim",
    "/opt/geventim/bin/eim-server invite --data /var/lib/geventim --uses 5",
    '/opt/geventim/bin/eim-server announce --data /var/lib/geventim "back at noon"',
    "/opt/geventim/bin/pip wheel -q --no-deps --wheel-dir /var/backups .",
    f"echo EIM_CLIENT_PACKAGE=https://chat.example.org/{WHEEL} >> /etc/geventim.env",
    "systemctl restart geventim",
    "systemctl reload geventim",
    "systemctl restart geventim",
    "systemctl stop geventim",
    "/opt/geventim/bin/eim-server config --data /var/lib/geventim",
    "/opt/geventim/bin/eim-server check --data /var/lib/geventim",
    "/opt/geventim/bin/eim-server status --data /var/lib/geventim",
    "/opt/geventim/bin/pip install -q '.[metrics]'",
    "echo EIM_METRICS=9464 >> /etc/geventim.env",
    "systemctl restart geventim",
    "curl -fsS http://127.0.0.1:9464/ready",
    "curl -fsS http://127.0.0.1:9464/metrics",
    "/opt/geventim/bin/eim-server backup --data /var/lib/geventim /var/backups/geventim.tar",
    "/opt/geventim/bin/eim-server verify /var/backups/geventim.tar",
    "/opt/geventim/bin/eim-server verify --data /var/lib/geventim",
    "systemctl stop geventim",
    "mv /var/lib/geventim/server /var/backups/before",
    "/opt/geventim/bin/eim-server restore --data /var/lib/geventim /var/backups/geventim.tar",
    "chown -R --reference=/var/lib/geventim /var/lib/geventim/server",
    "systemctl start geventim",
]


class Machine:
    """A machine below ``root``, where the service manager is what systemd is to one service."""

    def __init__(self, root: Path, notify: socket.socket) -> None:
        self.root = root
        self.process: subprocess.Popen[str] | None = None
        self._notify = notify
        with socket.socket() as probe:  # others may listen where the tests run
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        for place in ("opt", "etc/systemd/system", "var/lib", "var/backups"):
            (root / place).mkdir(parents=True)

    def place(self, text: str) -> str:
        """``text`` with this machine's directories in place of those of a real one."""
        text = text.replace("9464", str(self.port))
        return re.sub(r"(?<![\w.])/(opt|etc|var)/", rf"{self.root}/\1/", text)

    def run(self, command: str, code: int = 0) -> str:
        """What ``command`` prints."""
        manager, *words = shlex.split(command)
        if manager == "systemctl":
            return self._manage(words[0])
        if manager == "journalctl":
            return self._journal.read_text(encoding="utf-8")
        done = subprocess.run(
            ["sh", "-euc", self.place(command)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def stop(self) -> None:
        """End the service, and wait for that."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(PATIENCE) == 0
            while self._notify.recv(100) != b"STOPPING=1":
                pass
            self.process = None

    def die(self) -> None:
        """Lose the service, whatever it was doing."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @property
    def _journal(self) -> Path:
        return self.root / "journal"

    def _manage(self, wish: str) -> str:
        match wish:
            case "enable" | "start":
                self._start()
            case "restart":
                self.stop()
                self._start()
            case "stop":
                self.stop()
            case "reload":
                assert self.process is not None
                self.process.send_signal(signal.SIGHUP)
            case "daemon-reload":
                pass
        return ""

    def _start(self) -> None:
        unit = (self.root / "etc/systemd/system/geventim.service").read_text(encoding="utf-8")
        found = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
        assert found["ExecReload"] == "/bin/kill -HUP $MAINPID"
        lines = [found["Environment"]]
        lines += Path(self.place(found["EnvironmentFile"].removeprefix("-"))).read_text().split()
        variables = dict(self.place(line).split("=", 1) for line in lines)
        variables["NOTIFY_SOCKET"] = str(self._notify.getsockname())
        variables["WATCHDOG_USEC"] = f"{int(found['WatchdogSec']) * 1_000_000}"
        with self._journal.open("a", encoding="utf-8") as journal:
            self.process = subprocess.Popen(
                shlex.split(found["ExecStart"]),
                env={"PATH": os.environ["PATH"], **variables},
                stdout=journal,
                stderr=journal,
                text=True,
            )
        assert self._notify.recv(100) == b"READY=1"
        assert self._notify.recv(100) == b"WATCHDOG=1"


@contextlib.contextmanager
def a_machine(root: Path) -> Iterator[Machine]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(f"{root}.notify")
        notify.settimeout(PATIENCE)
        machine = Machine(root, notify)
        yield machine
        with contextlib.suppress(AssertionError):
            machine.stop()
        machine.die()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with a_machine(tmp_path / "machine") as machine:
        yield machine


@pytest.fixture
def another_machine(machine: Machine, tmp_path: Path) -> Iterator[Machine]:
    """One on which the program is installed already, as on the first."""
    with a_machine(tmp_path / "other") as another:
        (another.root / "opt").rmdir()
        (another.root / "opt").symlink_to(machine.root / "opt")
        yield another


def talk_with_the_wheel(machine: Machine, link: str) -> None:
    """Install the client as pipx does, and say something with it."""
    own = machine.root / "pipx"
    subprocess.run([sys.executable, "-m", "venv", own], check=True, timeout=100)
    wheel = machine.root / "var" / "backups" / WHEEL
    # With this checkout on its path, pip would find that there is a geventim already.
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    pip = [own / "bin" / "pip", "install", "-q", wheel]
    subprocess.run(pip, env=outside, cwd=own, check=True, timeout=100)
    words = [own / "bin" / "eim-client", link, "--nick", "dave", "--plain"]
    environment = {"PATH": os.environ["PATH"], "EIM_DATA": str(own / "data")}
    done = subprocess.run(
        words,
        input="it works\n",
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_command_is_run_here() -> None:
    """A command that is added to the page has to be added above, and below."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert [line for block in blocks for line in block.splitlines()] == COMMANDS


def test_the_table_of_settings_is_that_of_the_program() -> None:
    assert manual.handbook() in PAGE


def test_the_settings_that_change_at_once_are_named() -> None:
    (sentence,) = re.findall(r"read the file again\.(.*?) change at once", PAGE, re.DOTALL)
    named = set(re.findall(r"`(\w+)`", sentence))
    assert named == {setting.name for setting in TABLE if setting.live}


def test_the_configuration_file_that_is_shown_is_one(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert set(tomllib.loads(shown)) <= {setting.name for setting in TABLE}
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "config.toml").write_text(shown, encoding="utf-8")
    program = [sys.executable, str(ROOT / "bin" / "eim-server"), "config", "--data", str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert f"keep_days = 365  # {tmp_path}/server/config.toml" in done.stdout


@pytest.mark.timeout(400)  # it installs what it takes several times
def test_the_page_is_followed_from_its_beginning(
    machine: Machine, start_client: Callable[..., Any]
) -> None:
    install, host, public, unit, load, enable, journal, *rest = COMMANDS
    users, invite, announce, wheel, package, restart_first, *rest = rest
    reload, restart, stop, config, check, *safety = rest
    status, more, metrics, restart_again, ready, figures, *safety = safety
    back_up, verify, verify_all, stop_again, move, restore, give, start = safety
    machine.run(install)
    machine.run(host)
    machine.run(public)
    # Other servers may run where the tests do.
    machine.run("echo EIM_PORT=0 >> /etc/geventim.env")
    machine.run(unit)
    machine.run(load)
    assert "The server would start." in machine.run(f"EIM_PORT=0 {check}")
    machine.run(enable)
    lines = machine.run(journal)
    port = re.findall(r"^listening on 0\.0\.0\.0:(\d+)$", lines, re.MULTILINE)[0]
    assert re.search(rf"^invite eim://chat\.example\.org:{port}/#\w+\.\w+$", lines, re.MULTILINE)

    link = machine.run(invite).strip()
    alice = start_client(link.replace("chat.example.org", "127.0.0.1"), "alice")
    assert machine.run(users).startswith("alice\tmember\tnormal\tconnected\t")
    machine.run(announce)
    alice.expect("announcement", text="back at noon")
    assert "A server is running in" in machine.run(check, code=1)
    machine.run(f"echo EIM_PORT={port} >> /etc/geventim.env")  # it stays what it was
    machine.run(wheel)
    machine.run(package)
    machine.run(restart_first)
    link, line = machine.run(invite).splitlines()
    assert line == f"pipx install https://chat.example.org/{WHEEL}"
    talk_with_the_wheel(machine, link.replace("chat.example.org", "127.0.0.1"))
    alice.expect("message", nick="dave", message="it works")

    data = Path(machine.place("/var/lib/geventim"))
    assert data.joinpath("server").stat().st_mode & 0o777 == 0o700
    (data / "server" / "config.toml").write_text('log_level = "debug"\n', encoding="utf-8")
    machine.run(reload)
    assert 'log_level = "debug"  # ' in machine.run(config)
    machine.run(restart)
    assert "changed=['log_level']" in machine.run(journal)
    assert "warning: There was no backup yet." in machine.run(status)
    machine.run(more)
    machine.run(metrics)
    machine.run(restart_again)
    assert machine.run(ready) == "ready\n"
    assert re.search(r"^eim_accounts 2\.0$", machine.run(figures), re.MULTILINE)
    machine.run(back_up)
    assert "last backup: 20" in machine.run(status)
    machine.run(verify)
    assert "nothing is wrong" in machine.run(verify_all)
    machine.run(stop_again)
    machine.run(move)
    machine.run(restore)
    machine.run(give)
    machine.run(start)
    assert machine.run(users).startswith("alice\tmember\tnormal\t")
    machine.run(stop)
    assert machine.run(journal).count(" stopped") == 5
    assert "No server is running" in machine.run(users, code=3)


@pytest.mark.timeout(400)
def test_everybody_goes_on_where_a_backup_is_restored_elsewhere(
    machine: Machine, another_machine: Machine, start_client: Callable[..., Any]
) -> None:
    install, host, public, unit, load, enable, journal, *_ = COMMANDS
    (invite,) = (each for each in COMMANDS if " invite " in each)
    status, back_up, verify, restore, give = (
        next(each for each in COMMANDS if f"eim-server {word}" in each or each.startswith(word))
        for word in ("status", "backup", "verify", "restore", "chown")
    )
    for command in (install, host, public, "echo EIM_PORT=0 >> /etc/geventim.env", unit, load):
        machine.run(command)
    machine.run(enable)
    port = re.findall(r"^listening on 0\.0\.0\.0:(\d+)$", machine.run(journal), re.MULTILINE)[0]

    def link(machine: Machine, uses: int) -> str:
        command = invite.replace("--uses 5", f"--uses {uses}")
        return machine.run(command).split()[0].replace("chat.example.org", "127.0.0.1")

    place = link(machine, 50)
    erin = start_client(place, "erin")
    assert erin.leave() == 0
    alice, bob = (start_client(place, nick) for nick in ("alice", "bob"))
    said = [f"before {number}" for number in range(20)]
    alice.say(*said)
    for text in said:
        alice.expect("sent", message=text)

    program = machine.place("/opt/geventim/bin/eim-load")
    words = "--clients 10 --senders 5 --rate 100 --duration 60".split()
    with subprocess.Popen([program, place, *words], stdout=subprocess.DEVNULL) as talking:
        try:
            while json.loads(machine.run(f"{status} --json"))["entries"] < len(said) + 200:
                assert talking.poll() is None
            machine.run(back_up)
            assert talking.poll() is None
            machine.die()
        finally:
            talking.kill()

    same_port = f"echo EIM_PORT={port} >> /etc/geventim.env"
    for command in (host, public, same_port, unit, load):
        another_machine.run(command)
    backup = Path(machine.place("/var/backups/geventim.tar"))
    shutil.copy(backup, another_machine.place("/var/backups/geventim.tar"))
    another_machine.run(verify)
    another_machine.run(restore)
    another_machine.run(give)
    another_machine.run(enable)

    alice.expect("connected")
    bob.expect("connected")
    alice.say("after")
    bob.expect("message", message="after")
    bob.say("here I am")
    alice.expect("message", message="here I am")
    erin = start_client(place, "erin")
    erin.sees("message", message="here I am")
    assert [text for text in erin.texts() if text.startswith("before")] == said
    start_client(link(another_machine, 1), "carol")
    alice.expect("joined", nick="carol")
    assert not [event for event in alice.events + bob.events if event["event"] == "error"]
