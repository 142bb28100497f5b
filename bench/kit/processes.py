"""Servers in processes of their own, and what they take; for the other scripts of this folder.

Numbers come from ``/proc``, so that nothing is measured inside of what is measured. Waiting for a
server is gevent's, so that the clients of a script act while it ends.
"""

import os
import resource
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gevent import subprocess
from kit.checkout import ROOT

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 20


@dataclass(frozen=True)
class Process:
    """A running server; ``address`` is what its clients connect to."""

    pid: int
    address: str

    def cpu(self) -> float:
        """Seconds of processor time used so far, in all threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> int:
        """Bytes of resident memory (RSS).

        The part that is divided among those who share it (PSS) would change whenever another Python
        starts or ends.
        """
        return self._kib("smaps_rollup", "Rss") * 1024

    def peak(self) -> int:
        """Bytes of resident memory at the worst moment so far."""
        return self._kib("status", "VmHWM") * 1024

    def forget_peak(self) -> None:
        """From now on the worst moment is one to come."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def kill(self) -> None:
        """End it without a word."""
        os.kill(self.pid, signal.SIGKILL)

    def _kib(self, file: str, field: str) -> int:
        for line in Path(f"/proc/{self.pid}/{file}").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1])
        raise LookupError(field)


@contextmanager
def run(command: list[str], first: str) -> Iterator[Process]:
    """Run a server until the block ends; what follows ``first`` in its output is its address."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(first):
                    yield Process(process.pid, line.removeprefix(first).strip())
                    break
            else:
                raise SystemExit(f"{command[0]} did not start")
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def eim_server(*options: str, data: str | None = None) -> Iterator[Process]:
    """A server without budgets on ``data``, or on an empty data directory."""
    with bounded_server("--unlimited", "--log-level", "warning", *options, data=data) as process:
        yield process


@contextmanager
def bounded_server(*options: str, data: str | None = None) -> Iterator[Process]:
    """A server as it is for people, on ``data`` or on an empty data directory."""
    with tempfile.TemporaryDirectory() as empty:
        script = str(ROOT / "bin" / "eim-server")
        words = ["--port", "0", "--data", data or empty, *options]
        with run([sys.executable, script, *words], "invite ") as process:
            yield process


@contextmanager
def this_script(*words: str) -> Iterator[Process]:
    """The script that calls this, with other words, as a server that prints ``port N``."""
    with run([sys.executable, sys.argv[0], *words], "port ") as process:
        yield process


def raise_file_limit() -> None:
    """Every connection takes a descriptor."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
