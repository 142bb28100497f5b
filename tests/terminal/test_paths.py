"""Paths as they are typed."""

from pathlib import Path

from geventim.client.wishes import FetchFile, People, Say
from geventim.terminal.paths import LISTED, absolute, beginning, with_whole_paths


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


def test_paths_that_begin_so_are_listed(tmp_path: Path) -> None:
    for name in ("a.pdf", "ab", ".hidden", "c\x1b", "b"):
        (tmp_path / name).touch()
    (tmp_path / "al").mkdir()
    lead = f"{tmp_path}/"
    assert beginning(f"{lead}a") == (f"{lead}a.pdf", f"{lead}ab", f"{lead}al/")
    assert beginning(f"{lead}.h") == (f"{lead}.hidden",)
    assert beginning(lead) == (f"{lead}a.pdf", f"{lead}ab", f"{lead}al/", f"{lead}b")
    assert beginning("/nowhere/at/all/") == ()
    assert beginning("a\0/") == ()


def test_no_more_are_listed_than_can_be_read(tmp_path: Path) -> None:
    for number in range(LISTED + 1):
        (tmp_path / str(number)).touch()
    assert len(beginning(f"{tmp_path}/")) == LISTED
