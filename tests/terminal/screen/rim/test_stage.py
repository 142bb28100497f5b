import os
import pty
from types import SimpleNamespace

import pytest

from geventim.app import ending
from geventim.app.ending import Ending
from geventim.app.settings import Settings
from geventim.chat.links import parse_links
from geventim.errors import UserError
from geventim.terminal.screen.configuration.configuration import Configuration, Fault
from geventim.terminal.screen.drawing.themes import Theme
from geventim.terminal.screen.model import Model
from geventim.terminal.screen.rim import sequences
from geventim.terminal.screen.rim import stage as stages
from geventim.terminal.screen.rim.stage import (
    Stage,
    choose_theme,
    colours_of,
    configure,
)


@pytest.fixture
def terminal():
    """What it is shown is read from the first; the others are where input and output go."""
    master, slave = pty.openpty()
    yield master, (slave, slave)
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"COLORFGBG": "0;15"}])
def test_the_terminal_is_given_back_whatever_comes(terminal, tmp_path, environment):
    master, ends = terminal
    (link,) = parse_links("127.0.0.1:1")
    stage = Stage.set_up(Settings(link, "ana", "lobby", tmp_path), environment, ends=ends)
    how = stage.run()
    assert how.exit_code == ending.NO_SERVER
    assert isinstance(how, Ending)
    assert not stage.terminal.is_entered
    shown = b""
    while not shown.endswith(b"\x1b[?1049l"):
        shown += os.read(master, 65_536)
    assert shown.startswith(b"\x1b[?1049h")


def test_what_is_wrong_with_the_configuration_is_said(tmp_path, monkeypatch):
    (tmp_path / "client.toml").write_text("theme = 'light'\n[notices]\nbell = 3\n")
    said = []
    monkeypatch.setattr(Model, "remark", lambda _, text, *, problem: said.append((text, problem)))
    (link,) = parse_links("127.0.0.1:1")
    Stage.set_up(Settings(link, "ana", "lobby", tmp_path), {})
    assert said == [("client.toml, line 3: bell is true or false, and not 3.", True)]


def test_a_configuration_is_read_where_the_data_are(tmp_path):
    assert configure(tmp_path) == (Configuration(), ())
    (tmp_path / "client.toml").write_text("theme = 'light'\n")
    assert configure(tmp_path)[0].theme == "light"
    (tmp_path / "client.toml").write_bytes(b"\xff")
    assert configure(tmp_path)[1] == (Fault(0, "it cannot be read: it is not UTF-8."),)


@pytest.mark.parametrize(
    ("chosen", "environment", "theme"),
    [
        ("auto", {}, Theme.DARK),
        ("auto", {"COLORFGBG": "0;15"}, Theme.LIGHT),
        ("auto", {"NO_COLOR": "1", "COLORFGBG": "0;15"}, Theme.MONO),
        ("light", {"NO_COLOR": "1"}, Theme.LIGHT),
    ],
)
def test_a_theme_is_chosen_or_found(chosen, environment, theme):
    assert choose_theme(chosen, environment) is theme


@pytest.mark.parametrize(
    ("environment", "colours"),
    [
        ({"TERM": "xterm"}, 16),
        ({"TERM": "xterm-256color"}, 256),
        ({"TERM": "xterm", "COLORTERM": "yes"}, 256),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, 1 << 24),
    ],
)
def test_a_terminal_says_how_many_colours_it_has(environment, colours):
    assert colours_of(environment) == colours


def test_a_fault_of_the_screen_is_not_hidden(terminal, tmp_path, monkeypatch):
    _, ends = terminal
    (link,) = parse_links("127.0.0.1:1")
    stage = Stage.set_up(Settings(link, "ana", "lobby", tmp_path), {}, ends=ends)

    def fail(_):
        raise UserError("x", "broken")

    monkeypatch.setattr(stage.front, "attend", fail)
    with pytest.raises(UserError, match="broken"):
        stage.run()
    assert not stage.terminal.is_entered


def test_no_key_waits_for_the_interpreter(monkeypatch):
    done = []
    monkeypatch.setattr("sys.setswitchinterval", done.append)
    monkeypatch.setattr("gc.freeze", lambda: done.append("frozen"))
    stages._tune(SimpleNamespace(await_entry=lambda: done.append("loaded")))
    assert done == [stages.SWITCH_INTERVAL, "loaded", "frozen"]


def test_who_has_it_read_aloud_keeps_what_was_on_the_terminal(terminal, tmp_path):
    master, ends = terminal
    (tmp_path / "client.toml").write_text("aloud = true\n")
    (link,) = parse_links("127.0.0.1:1")
    settings, environment = Settings(link, "ana", "lobby", tmp_path), {"TERM": "xterm-256color"}
    stage = Stage.set_up(settings, environment, ends=ends)
    assert stage.run().exit_code == ending.NO_SERVER
    shown = b""
    while not shown.endswith(sequences.LEAVE_LINES.encode()):
        shown += os.read(master, 65_536)
    assert shown.startswith(sequences.ENTER_LINES.encode())
    assert b"\x1b[?1049" not in shown
