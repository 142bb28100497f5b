"""docs/architecture.md says by which calls a typed line comes to the screen of somebody else."""

import importlib
import re
import sys
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "architecture.md"
SECTION = DOCUMENT.read_text(encoding="utf-8").partition("## The same, call by call\n")[2]
HOPS = re.findall(r"^(\d+)\. `([\w.]+)` ", SECTION.partition("\n## ")[0], re.MULTILINE)
NAMES = [name for _, name in HOPS]

MOST = 70
"""Hops that it took when a typed line was still a line inside of the client."""

ELSEWHERE = ("app.", "net.", "server.", "store.", "terminal.")
"""Rooms that a world without sockets and disks does without."""


def test_they_are_counted_and_fewer_than_they_were():
    assert [int(number) for number, _ in HOPS] == list(range(1, len(HOPS) + 1))
    assert 40 < len(HOPS) < MOST


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_each_exists(name):
    found, *path = ["geventim", *name.split(".")]
    here = importlib.import_module(found)
    while path:
        found += f".{path[0]}"
        try:
            here = importlib.import_module(found)
        except ModuleNotFoundError:
            break
        path.pop(0)
    for attribute in path:
        here = getattr(here, attribute)
    assert callable(here)


def test_a_line_takes_them_in_this_order(world, alice, bob):
    expected = [name for name in NAMES if not name.startswith(ELSEWHERE)]
    called: dict[str, int] = {}

    def note(frame, event, _):
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("geventim."):
            name = f"{module.removeprefix('geventim.')}.{frame.f_code.co_qualname}"
            called.setdefault(name, len(called))

    sys.setprofile(note)
    try:
        alice.say("hello")
        world.run()
    finally:
        sys.setprofile(None)
    assert bob.texts() == ["hello"]
    assert [name for name in expected if name not in called] == []
    first = sorted(expected, key=called.__getitem__)
    # Who reads has been told of other things by then.
    there = expected.index("client.agent.Agent.receive")
    assert [each for each in first if each in expected[:there]] == expected[:there]
