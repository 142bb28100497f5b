"""A real ``redis-server`` on loopback that keeps every promise, for tests."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import redis

PROGRAM = "redis-server"
PATIENCE = 20.0
SLOTS = 16_384


class RedisProcess:
    """A server with its data in ``directory``; ``is_cluster`` makes it a cluster of its own.

    A cluster refuses commands whose keys are not in one slot, be it of one node or of a thousand.
    With ``slots`` it has only these of the :data:`SLOTS`, and is of no use without the others. With
    ``primary`` it is a replica of that one, which has all it knows from there.
    """

    def __init__(
        self,
        directory: Path,
        *,
        is_cluster: bool = False,
        slots: range = range(SLOTS),
        primary: "RedisProcess | None" = None,
    ) -> None:
        directory.mkdir(exist_ok=True)
        self._directory = directory
        self._is_cluster = is_cluster
        self._slots = slots
        self._primary = primary
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Start it, also again on the same data."""
        settings = {
            "port": self.port,
            "bind": "127.0.0.1",
            "dir": self._directory,
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "cluster-enabled": "yes" if self._is_cluster else "no",
            "repl-diskless-sync-delay": 0,
        }
        if self._primary is not None and not self._is_cluster:
            settings["replicaof"] = f"127.0.0.1 {self._primary.port}"
        words = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
        with (self._directory / "output").open("ab") as output:
            self.process = subprocess.Popen([PROGRAM, *words], stdout=output, stderr=output)
        deadline = time.monotonic() + PATIENCE
        with redis.Redis(port=self.port) as client:
            while not self._is_ready(client):
                assert self.process.poll() is None, (self._directory / "output").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.01)

    def _is_ready(self, client: "redis.Redis") -> bool:
        try:
            if self._primary is not None:
                return self._is_replica(client, self._primary)
            if self._is_cluster and not client.cluster("SLOTS"):
                bounds = self._slots[0], self._slots[-1]
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", *bounds)
            if len(self._slots) < SLOTS:
                return bool(client.ping())
            return bool(client.set("ready", 1))
        except redis.RedisError:
            return False

    def _is_replica(self, client: "redis.Redis", primary: "RedisProcess") -> bool:
        """Whether ``primary`` counts on it; where it knows none yet, it learns that."""
        with redis.Redis(port=primary.port) as other:
            if client.info("replication")["role"] == "master":
                name = other.execute_command("CLUSTER", "MYID").decode()
                client.execute_command("CLUSTER", "MEET", "127.0.0.1", primary.port)
                client.execute_command("CLUSTER", "REPLICATE", name)
            replicas = [
                value
                for name, value in other.info("replication").items()
                if name.removeprefix("slave").isdecimal()
            ]
        return any(each["port"] == self.port and each["state"] == "online" for each in replicas)

    def promote(self) -> None:
        """Make a replica the primary, whatever has become of that."""
        self._primary = None
        with redis.Redis(port=self.port) as client:
            if self._is_cluster:
                client.execute_command("CLUSTER", "FAILOVER", "TAKEOVER")
            else:
                client.replicaof("NO", "ONE")

    def follow(self, primary: "RedisProcess") -> None:
        """Start it again as a replica of ``primary``, whatever it was before."""
        self._primary = primary
        self.start()

    def empty(self) -> None:
        """Forget everything."""
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def pause(self) -> None:
        """Let it do nothing until :meth:`resume`, as if the machine stood still."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it without warning."""
        self.process.send_signal(number)
        self.process.wait(PATIENCE)


class RedisCluster:
    """Three masters; ``url`` is that of one of them."""

    def __init__(self, directory: Path) -> None:
        shares = (range(5_000), range(5_000, 11_000), range(11_000, SLOTS))
        self._masters = [
            RedisProcess(directory / f"master-{share.start}", is_cluster=True, slots=share)
            for share in shares
        ]
        self.url = self._masters[0].url
        with redis.Redis(port=self._masters[0].port) as client:
            for master in self._masters[1:]:
                client.execute_command("CLUSTER", "MEET", "127.0.0.1", master.port)
        deadline = time.monotonic() + PATIENCE
        for master in self._masters:
            with redis.Redis(port=master.port) as client:
                while client.cluster("INFO")["cluster_state"] != "ok":
                    assert time.monotonic() < deadline
                    time.sleep(0.05)

    def stop(self) -> None:
        """End them all without warning."""
        for master in self._masters:
            master.stop()


def require() -> None:
    """Skip the test where Redis is not installed, unless everything has to be."""
    if shutil.which(PROGRAM) is None and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip(f"{PROGRAM} is not installed; on Debian: apt-get install {PROGRAM}")
