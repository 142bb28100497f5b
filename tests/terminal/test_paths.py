"""Paths as they are typed."""

from pathlib import Path

from geventim.terminal.paths import absolute


def test_a_path_is_meant_from_here() -> None:
    assert absolute("a/../b") == str(Path.cwd() / "b")
    assert absolute("~/b") == str(Path.home() / "b")
    assert absolute("/\udcff") == "/?"
