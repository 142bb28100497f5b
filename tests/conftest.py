"""Fixtures that every test may use."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.redis_process import RedisProcess, require

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "bin" / "eim-server"
VECTORS = Path(os.environ.get("EIM_VECTORS") or ROOT.parent / "shared" / "vectors")

PATIENCE = 20.0 * float(os.environ.get("EIM_PATIENCE", "1"))
"""Seconds to wait for an event that comes at once on an idle machine."""

# A shared machine may stall a test at any moment; the timeout of each test is its deadline.
settings.register_profile("default", deadline=None)
settings.load_profile("default")


def vector_files(folder: str, pattern: str = "*.json") -> list[Path]:
    """The published vector files of ``folder``; empty where they are not installed."""
    return sorted((VECTORS / folder).glob(pattern))


@pytest.fixture(scope="session")
def rounds() -> Callable[[int], int]:
    """How often to repeat a random test of ``n`` rounds: a tenth unless $EIM_ROUNDS says."""
    share = float(os.environ.get("EIM_ROUNDS", "0.1"))
    return lambda n: max(1, round(n * share))


@pytest.fixture(scope="session")
def load_vectors() -> Callable[[str, str], Any]:
    """The parsed content of one vector file; skips, naming the file, where it is missing."""

    def load(folder: str, name: str) -> Any:
        path = VECTORS / folder / name
        if not path.exists():
            pytest.skip(f"no test vectors at {path}; set EIM_VECTORS to their folder")
        return json.loads(path.read_text(encoding="utf-8"))

    return load


@pytest.fixture
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases are stretched at next to no cost.

    What a passphrase seals does not say at which cost, so it is no parameter: whoever gave another
    one would have a file that nobody opens.
    """
    monkeypatch.setattr("geventim.crypto.passphrase.COST", 16)


@pytest.fixture(scope="session", autouse=True)
def hang_up_means_what_it_does() -> None:
    """Let programs that tests start end by SIGHUP, also where it is ignored as by ``nohup``.

    What is ignored stays so in a process that is started; what is handled does not.
    """
    signal.signal(signal.SIGHUP, lambda *_: None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that nobody who runs a part is left with it at the end."""
    long = ("tests/e2e/", "tests/faults/", "tests/browser/")
    items.sort(key=lambda item: not item.nodeid.startswith(long))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many published cases passed, by the file that they are named after."""
    passed = Counter(
        report.nodeid.partition("[")[2].rpartition("-")[0]
        for report in terminalreporter.getreports("passed")
        if "vectors" in report.keywords
    )
    if passed:
        terminalreporter.section("published cases that passed")
    for name, count in sorted(passed.items()):
        terminalreporter.line(f"{count:5} {name}")


class ServerProcess:
    """A real ``eim-server`` on ``data``; ``address``, ``key`` and ``link`` are what it prints.

    Its ``options`` may be changed before it is started again.
    """

    program = SERVER

    def __init__(self, options: tuple[str, ...], data: Path) -> None:
        self.data = data
        self.options = options
        self._log = data.with_name(f"{data.name}.stderr")
        self._start(() if "--port" in options else ("--port", "0"))

    def _start(self, port: tuple[str, ...]) -> None:
        start = [sys.executable, str(self.program), "--data", str(self.data)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*start, *self.options, *port], stdout=subprocess.PIPE, stderr=log
            )
        try:
            self.lines = self._first_lines()
        except BaseException:
            self.kill()
            raise
        self.address, self.key, self.link = (
            line.removeprefix(start)
            for line, start in zip(
                self.lines, ("listening on ", "server key ", "invite "), strict=True
            )
        )

    def _first_lines(self) -> list[str]:
        output = self.process.stdout
        assert output is not None
        text = b""
        deadline = time.monotonic() + PATIENCE
        while text.count(b"\n") < 3:
            assert select.select([output], [], [], deadline - time.monotonic())[0], "it is silent"
            data = os.read(output.fileno(), 4096)
            assert data, f"it ended with {self.process.wait()}: {self.stderr_text()}"
            text += data
        return text.decode().splitlines()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def host(self) -> str:
        return self.address.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def stderr_text(self) -> str:
        """What it and its predecessors on the same data have printed to standard error."""
        return self._log.read_text(encoding="utf-8")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run an administration command, such as ``("invite", "--uses", "2")``."""
        call = [sys.executable, str(SERVER), *words, "--data", str(self.data)]
        return subprocess.run(call, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def stop(self) -> int:
        """Ask it to leave (SIGTERM); its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without warning (SIGKILL)."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start it again at once on the same data and port, after :meth:`stop` or :meth:`kill`."""
        self._start(() if "--port" in self.options else ("--port", str(self.port)))

    def wait(self) -> int:
        """Wait until it has ended; its exit code."""
        try:
            return self.process.wait(PATIENCE)
        finally:
            assert self.process.stdout is not None
            self.process.stdout.close()

    def _end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.wait()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Start servers: ``start_server(*options, data=None)``. None may survive, or log a bug."""
    started: list[ServerProcess] = []

    def start(
        *options: str, data: Path | None = None, kind: type[ServerProcess] = ServerProcess
    ) -> ServerProcess:
        server = kind(options, data or tmp_path / f"server-{len(started)}")
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.kill()
    for server in started:
        assert "Traceback" not in server.stderr_text()


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    """A Redis for all tests, which is a cluster as far as it can be one alone."""
    require()
    process = RedisProcess(tmp_path_factory.mktemp("redis"), is_cluster=True)
    yield process
    process.stop()


@pytest.fixture
def redis_url(redis_process: RedisProcess) -> str:
    """Where an empty Redis is."""
    redis_process.empty()
    return redis_process.url


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisProcess]:
    """A Redis that a test may kill and start again."""
    require()
    process = RedisProcess(tmp_path / "redis")
    yield process
    process.stop()


@pytest.fixture
def own_replica(own_redis: RedisProcess, tmp_path: Path) -> Iterator[RedisProcess]:
    """A replica of ``own_redis``, with which the test may do the same."""
    process = RedisProcess(tmp_path / "replica", primary=own_redis)
    yield process
    process.stop()


@pytest.fixture
def cluster_pair(tmp_path: Path) -> Iterator[tuple[RedisProcess, RedisProcess]]:
    """The one master of a cluster and its replica, with both of which a test may do the same."""
    require()
    primary = RedisProcess(tmp_path / "primary", is_cluster=True)
    try:
        replica = RedisProcess(tmp_path / "replica", is_cluster=True, primary=primary)
        yield primary, replica
        replica.stop()
    finally:
        primary.stop()


@pytest.fixture
def nodes(
    start_server: Callable[..., ServerProcess], redis_url: str, tmp_path: Path
) -> Callable[..., ServerProcess]:
    """Starts the next node of one service."""
    started: list[ServerProcess] = []

    def start(*options: str) -> ServerProcess:
        data = tmp_path / f"node-{len(started)}"
        if started:
            (data / "server").mkdir(parents=True, mode=0o700)
            shutil.copy(started[0].data / "server" / "key", data / "server" / "key")
        server = start_server("--store", redis_url, *options, data=data)
        started.append(server)
        return server

    return start


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    """A certificate for localhost and its key, in two files."""
    if shutil.which("openssl") is None and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("openssl is not installed: apt-get install openssl")
    cert, key = tmp_path / "cert", tmp_path / "key"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run([*words.split(), *name, *files], check=True, capture_output=True)
    return str(cert), str(key)
