import os
import pty
import termios

import pytest

from geventim.terminal.echo import Echo


def echoes(descriptor):
    return bool(termios.tcgetattr(descriptor)[3] & termios.ECHO)


@pytest.fixture
def terminal():
    leader, follower = pty.openpty()
    yield follower
    os.close(leader)
    os.close(follower)


def test_it_is_switched_off_and_on(terminal):
    echo = Echo(terminal)
    before = termios.tcgetattr(terminal)
    echo.hide(True)
    assert not echoes(terminal)
    echo.hide(True)
    echo.hide(False)
    assert termios.tcgetattr(terminal) == before


def test_it_is_left_alone_until_it_is_asked_for(terminal):
    attributes = termios.tcgetattr(terminal)
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, attributes)
    Echo(terminal).hide(False)
    assert not echoes(terminal)


def test_what_is_no_terminal_has_none():
    reading, writing = os.pipe()
    Echo(reading).hide(True)
    os.close(reading)
    os.close(writing)


def test_a_terminal_that_has_gone_away_is_no_error():
    leader, follower = pty.openpty()
    echo = Echo(follower)
    os.close(leader)
    os.close(follower)
    echo.hide(True)


def test_what_was_hidden_is_hidden_again_after_a_shell_had_the_terminal(terminal, monkeypatch):
    echo = Echo(terminal)
    echo.hide(True)
    for foreground, shows in ((os.getpgrp() + 1, True), (os.getpgrp(), False)):
        attributes = termios.tcgetattr(terminal)
        attributes[3] |= termios.ECHO
        termios.tcsetattr(terminal, termios.TCSANOW, attributes)
        monkeypatch.setattr(os, "tcgetpgrp", lambda _, group=foreground: group)
        echo.resume()
        assert echoes(terminal) is shows
    echo.hide(False)
    echo.resume()
    assert echoes(terminal)
