"""How a browser is led to a link."""

import stat
import sys

import gevent
import pytest

from geventim.web import opening
from geventim.web.opening import open_link, opener
from tests.greenlets import until

URL = "http://127.0.0.1:1/#a&b"


@pytest.fixture
def program(tmp_path):
    """What a desktop opens files with; it notes what it is called with, and what it finds."""
    program = tmp_path / "xdg-open"
    told = tmp_path / "told"
    program.write_text(
        f'#!/bin/sh\n(echo "$#" "$1"; cat "$1") > {told}.new; mv {told}.new {told}\n'
    )
    program.chmod(0o755)
    return program


@pytest.mark.skipif(sys.platform == "darwin", reason="it has a desktop at all times")
def test_only_a_desktop_has_a_program(tmp_path, program):
    path = {"PATH": str(tmp_path)}
    assert opener({**path, "DISPLAY": ":0"}) == str(program)
    assert opener({**path, "WAYLAND_DISPLAY": "wayland-0"}) == str(program)
    assert opener(path) is None
    assert opener({**path, "DISPLAY": ""}) is None
    assert opener({"PATH": "", "DISPLAY": ":0"}) is None


def test_elsewhere_it_is_another_one(monkeypatch):
    monkeypatch.setattr(opening.sys, "platform", "darwin")
    monkeypatch.setattr(opening.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert opener({}) == "/usr/bin/open"


def test_it_is_called_with_a_private_file_that_leads_on(tmp_path, program):
    room = tmp_path / "room"
    room.mkdir()
    open_link(URL, str(program), room)
    told = tmp_path / "told"
    until(told.exists)
    file = room / opening.NAME
    words, *content = told.read_text().split("\n")
    assert words == f"1 {file}"
    assert 'content="0; url=http://127.0.0.1:1/#a&amp;b"' in "\n".join(content)
    assert 'name="referrer" content="no-referrer"' in "\n".join(content)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nobody_is_told_that_it_cannot_be_called(tmp_path):
    open_link(URL, str(tmp_path / "none"), tmp_path)
    open_link(URL, str(tmp_path / "none"), tmp_path)
    open_link(URL, str(tmp_path / "none"), tmp_path / "none")
    gevent.sleep(0)
