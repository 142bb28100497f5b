"""Paths as they are typed."""

from pathlib import Path

from geventim.client.wishes import FetchFile, People, Say
from geventim.terminal.paths import absolute, with_whole_paths


def test_a_path_is_meant_from_here() -> None:
    assert absolute("a/../b") == str(Path.cwd() / "b")
    assert absolute("~/b") == str(Path.home() / "b")
    assert absolute("/\udcff") == "/?"


def test_wishes_name_files_as_they_are_meant_here() -> None:
    here = Path.cwd()
    say = with_whole_paths(Say(id=1, to="#lobby", text="", files=("a", "/b")))
    assert isinstance(say, Say)
    assert say.files == (str(here / "a"), "/b")
    fetch = with_whole_paths(FetchFile(id=1, message_id="0" * 32, path="c"))
    assert isinstance(fetch, FetchFile)
    assert fetch.path == str(here / "c")
    for wish in (People(id=1), FetchFile(id=1, message_id="0" * 32)):
        assert with_whole_paths(wish) is wish
