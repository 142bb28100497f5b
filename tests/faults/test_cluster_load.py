"""Under load on two servers, with one of them and then their Redis killed, nothing is lost."""

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.faults.load_progress import progress

MESSAGES = 1200


@pytest.fixture
def redis_url(own_redis):
    return own_redis.url


@pytest.mark.timeout(180)
def test_node_and_redis_are_killed_under_load(nodes, own_redis):
    one, other = nodes(), nodes()
    words = ["--clients", "40", "--senders", "10", "--rate", "100", "--duration", "12", "--json"]
    with subprocess.Popen(
        [sys.executable, str(ROOT / "bin" / "eim-load"), f"{one.link},{other.link}", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as load:
        faults = iter(
            [
                (200, one.kill),
                (350, one.restart),
                (500, own_redis.stop),
                (500, own_redis.start),
                (800, other.kill),
                (900, other.restart),
            ]
        )
        said: list[str] = []
        acknowledged, fault = next(faults)
        for count in progress(load, said):
            while fault is not None and count >= acknowledged:
                fault()
                acknowledged, fault = next(faults, (0, None))
        assert load.stdout is not None
        output = load.stdout.read()
    assert fault is None, said
    report = json.loads(output)
    found = {name: report[name] for name in ("sent", "lost", "duplicated", "misordered", "foreign")}
    assert found == {"sent": MESSAGES, "lost": 0, "duplicated": 0, "misordered": 0, "foreign": 0}
    assert (report["acknowledged"], report["refused"], report["disconnected"]) == (MESSAGES, 0, 0)
    assert load.returncode == 0
