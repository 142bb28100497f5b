"""The page's own files, and no others."""

from geventim.web import pages


def test_the_first_one_is_a_document():
    kind, content = pages.read(pages.INDEX)
    assert kind == "text/html; charset=utf-8"
    assert content.startswith(b"<!doctype html>")


def test_each_has_a_type_that_a_browser_does_not_guess():
    for path in pages.PLACE.iterdir():
        assert path.suffix in pages.TYPES, path
        assert pages.read(path.name) == (pages.TYPES[path.suffix], path.read_bytes())


def test_there_are_no_others(tmp_path):
    for name in ("../gate.py", "gate.py", "", ".", "..", "index.html/", "/index.html", "x.html"):
        assert pages.read(name) is None
    (tmp_path / "directory.html").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".js").write_text("x")
    assert pages.names(tmp_path) == frozenset()
