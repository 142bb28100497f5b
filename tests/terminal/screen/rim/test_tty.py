import os
import pty
import termios

import gevent
import pytest
from gevent.threadpool import ThreadPool

from geventim.terminal.screen.rim import sequences
from geventim.terminal.screen.rim.tty import Terminal


@pytest.fixture
def pair():
    master, slave = pty.openpty()
    yield master, slave
    for descriptor in (master, slave):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_everything_is_as_it_was_afterwards(pair):
    master, slave = pair
    before = termios.tcgetattr(slave)
    terminal = Terminal(slave, slave)
    terminal.enter()
    assert terminal.is_entered
    assert not termios.tcgetattr(slave)[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
    terminal.enter()
    terminal.leave()
    terminal.leave()
    assert termios.tcgetattr(slave) == before
    shown = ""
    while len(shown) < len(sequences.ENTER + sequences.LEAVE):
        shown += os.read(master, 4_096).decode()
    assert shown == sequences.ENTER + sequences.LEAVE
    assert not terminal.is_entered


def test_bytes_come_as_they_are_typed(pair):
    master, slave = pair
    terminal = Terminal(slave, slave)
    terminal.enter()
    os.write(master, b"\x03\x1a")
    assert terminal.read() == b"\x03\x1a"
    assert terminal.read_soon(0.0) is None
    os.write(master, b"x")
    assert terminal.read_soon(5.0) == b"x"
    terminal.leave()


def test_a_terminal_that_others_use_as_well_is_no_less_there(pair):
    master, slave = pair
    terminal = Terminal(slave, slave)
    terminal.enter()
    os.read(master, 4_096)
    os.set_blocking(slave, False)
    assert terminal.read_ready() is None
    reading = gevent.spawn(terminal.read)
    gevent.sleep(0)
    os.write(master, b"x")
    assert reading.get(timeout=20) == b"x"
    text = "x" * 100_000
    shown = ThreadPool(1).spawn(_read_all, master, len(text))
    terminal.write_now(text)
    assert shown.get() == text
    terminal.leave()


def _read_all(master, size):
    shown = ""
    while len(shown) < size:
        shown += os.read(master, 4_096).decode()
    return shown


def test_a_terminal_that_is_gone_reads_as_nothing(pair):
    master, slave = pair
    terminal = Terminal(slave, slave)
    terminal.enter()
    os.close(master)
    assert terminal.read_ready() == b""
    terminal.leave()


def test_its_size_is_known(pair):
    _, slave = pair
    termios.tcsetwinsize(slave, (10, 40))
    assert Terminal(slave, slave).size == (40, 10)
    termios.tcsetwinsize(slave, (0, 0))
    assert Terminal(slave, slave).size == (1, 1)
    assert Terminal(slave, os.open(os.devnull, os.O_WRONLY)).size == (80, 24)
