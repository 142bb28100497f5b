"""The unit for systemd, which reads it itself where it is installed."""

import configparser
import os
import shutil
import subprocess
import sys

import pytest

from geventim.server.unit import unit


@pytest.fixture
def program(tmp_path, monkeypatch):
    path = tmp_path / "eim-server"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(path), "unit"])
    return path


def read(text):
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read_string(text)
    return parser


def test_it_starts_this_program(program):
    service = read(unit())["Service"]
    assert service["ExecStart"] == f"{sys.executable} {program}"
    assert service["Type"] == "notify"


def test_odd_places_are_quoted(monkeypatch):
    monkeypatch.setattr(sys, "argv", ['/a b/"50%"/$HOME/eim-server'])
    command = read(unit())["Service"]["ExecStart"]
    assert command == f'{sys.executable} "/a b/\\"50%%\\"/$$HOME/eim-server"'


def test_systemd_understands_it(program, tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("systemd-analyze is not installed; on Debian: apt-get install systemd")
    path = tmp_path / "geventim.service"
    path.write_text(unit())
    done = subprocess.run(
        [analyze, "verify", str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
