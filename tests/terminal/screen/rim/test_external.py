import stat
import sys
from pathlib import Path

import gevent
import pytest

from geventim.errors import UserError
from geventim.terminal.screen.rim import external


def editor(tmp_path, code):
    script = tmp_path / "editor.py"
    script.write_text(f"import os, pathlib, sys\npath = pathlib.Path(sys.argv[1])\n{code}\n")
    place = tmp_path / "run"
    place.mkdir(exist_ok=True)
    return {"EDITOR": f"{sys.executable} {script}", "XDG_RUNTIME_DIR": str(place)}, place


def test_what_was_written_comes_back_and_nothing_is_left(tmp_path):
    code = "path.with_suffix('.swp').write_text('x'); path.write_text(path.read_text().upper())"
    environment, place = editor(tmp_path, code)
    assert external.edit("héllo\nyou", environment) == "HÉLLO\nYOU"
    assert list(place.iterdir()) == []


def test_nobody_else_can_read_it(tmp_path):
    code = "mode = lambda place: f'{os.stat(place).st_mode:o}'\n"
    code += "path.write_text(f'{mode(path)} {mode(path.parent)} {path.parent}')"
    environment, place = editor(tmp_path, code)
    mode, above, where = external.edit("x", environment).split(" ", 2)
    assert stat.S_IMODE(int(mode, 8)) == 0o600
    assert stat.S_IMODE(int(above, 8)) == 0o700
    assert where.startswith(str(place))


def test_an_editor_that_fails_leaves_the_text(tmp_path):
    environment, place = editor(tmp_path, "sys.exit(3)")
    with pytest.raises(UserError, match="has failed"):
        external.edit("x", environment)
    assert list(place.iterdir()) == []


def test_an_editor_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="cannot be used"):
        external.edit("x", {"EDITOR": str(tmp_path / "none")})


def test_the_visual_one_is_preferred(tmp_path):
    environment, _ = editor(tmp_path, "path.write_text('visual')")
    environment["VISUAL"], environment["EDITOR"] = environment["EDITOR"], "false"
    assert external.edit("x", environment) == "visual"


def test_files_that_are_dropped_are_known(tmp_path):
    one, other = tmp_path / "a b", tmp_path / "c"
    one.touch()
    other.touch()
    both = [str(one), str(other)]
    assert external.dropped(f"'{one}' {other}") == both
    assert external.dropped(f"file://{tmp_path}/a%20b {other}\n") == both


@pytest.mark.parametrize(
    "text", ["", "words", "/nowhere/at/all", "'/open", "/ " * 9_000, "a /", "/"]
)
def test_other_texts_are_none(text):
    assert external.dropped(text) == []


def test_a_file_is_shown_by_another_program(tmp_path):
    mark = tmp_path / "mark"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$1" > {mark}.new && mv {mark}.new {mark}\n')
    program.chmod(0o700)
    external.show("/d/a b.pdf", str(program))
    with gevent.Timeout(20):
        while not mark.exists():
            gevent.sleep(0.01)
    assert mark.read_text() == "/d/a b.pdf\n"


def test_where_nothing_shows_files_that_is_said():
    with pytest.raises(UserError, match="The file is at"):
        external.show("/d/a.pdf", "/nowhere/opener")


def test_what_is_saved_gets_a_name_that_nothing_has(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    paths = [external.save("ana.identity", content) for content in (b"one", b"two")]
    assert [Path(path).read_bytes() for path in paths] == [b"one", b"two"]
    assert Path(paths[1]).name == "ana (2).identity"
    assert Path(paths[0]).stat().st_mode & 0o777 == 0o600
    with pytest.raises(UserError, match="too many"):
        external.save("ana.identity", b"three", 3)
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match="cannot be written"):
        external.save("ana.identity", b"three")
