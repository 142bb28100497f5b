"""Runs of eim-load on several servers to which something happens meanwhile."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tests.conftest import ROOT, ServerProcess

ACKNOWLEDGED = re.compile(r"\d+ sent, (\d+) acknowledged")

Fault = tuple[int, Callable[[], object]]
"""How many messages have to be acknowledged, and what happens then."""


def run_load(nodes: Sequence[ServerProcess], faults: Sequence[Fault], *words: str) -> Any:
    """The report of a run on ``nodes`` with ``faults``."""
    links = ",".join(node.link for node in nodes)
    with subprocess.Popen(
        [sys.executable, str(ROOT / "bin" / "eim-load"), links, *words, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as load:
        assert load.stdout is not None
        assert load.stderr is not None
        left, said = list(faults), []
        for line in load.stderr:
            said.append(line)
            found = ACKNOWLEDGED.search(line)
            while left and found and int(found[1]) >= left[0][0]:
                left.pop(0)[1]()
        output = load.stdout.read()
    assert not left, said
    assert load.returncode == 0, (output, said)
    return json.loads(output)


def assert_faultless(report: Any, messages: int) -> None:
    """Everything was sent, accepted, and delivered once and in order, and nobody gave up."""
    faults = ("refused", "lost", "duplicated", "misordered", "foreign", "disconnected")
    assert {name: report[name] for name in faults} == dict.fromkeys(faults, 0)
    assert report["sent"] == report["acknowledged"] == messages
    assert report["received"] == report["expected"]
