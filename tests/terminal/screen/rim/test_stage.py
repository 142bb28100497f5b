import os
import pty

import pytest

from geventim.app import ending
from geventim.app.ending import Ending
from geventim.app.settings import Settings
from geventim.chat.links import parse_links
from geventim.errors import UserError
from geventim.terminal.screen.rim import stage as stages
from geventim.terminal.screen.rim.stage import Stage, is_possible


@pytest.fixture
def terminal(monkeypatch):
    master, slave = pty.openpty()
    monkeypatch.setattr(stages, "STDIN", slave)
    monkeypatch.setattr(stages, "STDOUT", slave)
    yield master
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_simple_terminal_cannot_be_drawn_on(terminal, term):
    assert not is_possible({"TERM": term})
    assert is_possible({"TERM": "xterm"})
    assert not is_possible({})


def test_what_is_no_terminal_cannot_be_drawn_on(monkeypatch):
    descriptor = os.open(os.devnull, os.O_RDWR)
    monkeypatch.setattr(stages, "STDIN", descriptor)
    assert not is_possible({"TERM": "xterm"})
    os.close(descriptor)


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"COLORFGBG": "0;15"}])
def test_the_terminal_is_given_back_whatever_comes(terminal, tmp_path, environment):
    (link,) = parse_links("127.0.0.1:1")
    stage = Stage.set_up(Settings(link, "ana", "lobby", tmp_path), environment)
    how = stage.run()
    assert how.exit_code == ending.NO_SERVER
    assert isinstance(how, Ending)
    assert not stage.terminal.is_entered
    shown = b""
    while not shown.endswith(b"\x1b[?1049l"):
        shown += os.read(terminal, 65_536)
    assert shown.startswith(b"\x1b[?1049h")


def test_a_fault_of_the_screen_is_not_hidden(terminal, tmp_path, monkeypatch):
    (link,) = parse_links("127.0.0.1:1")
    stage = Stage.set_up(Settings(link, "ana", "lobby", tmp_path), {})

    def fail(_):
        raise UserError("x", "broken")

    monkeypatch.setattr(stage.front, "attend", fail)
    with pytest.raises(UserError, match="broken"):
        stage.run()
    assert not stage.terminal.is_entered
