import os
import pty
import tty

import pytest

from geventim.terminal.input import Input


def test_a_pipe_is_read_to_its_end():
    reading, writing = os.pipe()
    os.write(writing, b"one\ntw")
    lines = iter(Input(reading))
    assert next(lines) == "one"
    os.write(writing, b"o\nthree")
    os.close(writing)
    assert list(lines) == ["two", "three"]
    os.close(reading)


def test_a_file_is_read_to_its_end(tmp_path):
    path = tmp_path / "lines"
    path.write_text("one\n" * 50_000)
    with path.open("rb") as file:
        assert sum(line == "one" for line in Input(file.fileno())) == 50_000


def test_the_null_device_is_empty():
    with open(os.devnull, "rb") as file:
        assert list(Input(file.fileno())) == []


def test_what_is_not_open_is_empty():
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)
    assert list(Input(reading)) == []


def test_a_terminal_is_read_line_by_line_and_left_blocking():
    leader, follower = pty.openpty()
    os.write(leader, b"one\ntwo\n")
    lines = iter(Input(follower))
    assert [next(lines), next(lines)] == ["one", "two"]
    assert os.get_blocking(follower)
    os.write(leader, b"\x04")
    assert list(lines) == []
    os.close(leader)
    os.close(follower)


@pytest.mark.parametrize("length", [4095, 5000])
def test_a_line_that_a_terminal_may_have_cut_off_is_not_taken_for_a_whole_one(length):
    leader, follower = pty.openpty()
    lines = iter(Input(follower))
    os.write(leader, b"x" * length + b"\nnext\n" + b"y" * 4094 + b"\n")
    assert next(lines).code == "too_large"
    assert [next(lines), next(lines)] == ["next", "y" * 4094]
    os.close(leader)
    os.close(follower)


def test_a_terminal_that_cuts_nothing_off_has_long_lines():
    leader, follower = pty.openpty()
    tty.setraw(follower)
    lines = iter(Input(follower))
    os.write(leader, b"x" * 3000)
    os.write(leader, b"x" * 3000 + b"\n")
    assert next(lines) == "x" * 6000
    os.close(leader)
    os.close(follower)


def test_a_terminal_that_goes_away_is_an_end():
    leader, follower = pty.openpty()
    lines = iter(Input(follower))
    os.close(leader)
    assert list(lines) == []
    os.close(follower)


def test_a_pipe_that_somebody_made_non_blocking_is_waited_for():
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.write(writing, b"one\n")
    lines = iter(Input(reading))
    assert next(lines) == "one"
    os.close(writing)
    assert list(lines) == []
    os.close(reading)
