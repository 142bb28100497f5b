"""How far a run of eim-load is, by what it says."""

import re
import subprocess
from collections.abc import Iterator

SENT = re.compile(r"(\d+) sent, (\d+) acknowledged")


def progress(load: "subprocess.Popen[str]", said: list[str]) -> Iterator[int]:
    """How many messages were acknowledged, whenever it says so; ``said`` gets all that it says."""
    assert load.stderr is not None
    for line in load.stderr:
        said.append(line)
        if found := SENT.search(line):
            yield int(found[2])
