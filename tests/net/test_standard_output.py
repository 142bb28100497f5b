"""Standard output that fails, in a process of its own, which it belongs to."""

import os
import subprocess
import sys

import pytest

from geventim.net.standard_output import gathered_output, print_lines

PROGRAM = """
import sys
from geventim.errors import UserError
from geventim.net.standard_output import print_lines
try:
    print_lines(["caf\\u00e9 \\u65e5", "two"])
except UserError as error:
    sys.exit(f"{error.code}: {error}")
"""


def run(output, program=PROGRAM, **variables):
    return subprocess.run(
        [sys.executable, "-c", program],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
        check=False,
    )


def test_every_line_is_written(capsys):
    print_lines(["one", "two"])
    assert capsys.readouterr().out == "one\ntwo\n"


def test_a_full_disk_is_told_once():
    with open("/dev/full", "w", encoding="ascii") as full:
        done = run(full)
    assert done.returncode == 1
    assert done.stderr == "output: The output cannot be written: No space left on device.\n"


def test_a_reader_that_has_left_is_no_failure():
    reading, writing = os.pipe()
    os.close(reading)
    done = run(writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_an_encoding_lacks_is_an_escape(tmp_path):
    with (tmp_path / "out").open("w") as out:
        assert run(out, PYTHONIOENCODING="latin-1").returncode == 0
    assert (tmp_path / "out").read_bytes() == b"caf\xe9 \\u65e5\ntwo\n"


def test_what_somebody_has_to_get_fails_without_a_reader():
    reading, writing = os.pipe()
    os.close(reading)
    done = run(writing, program=PROGRAM.replace("print_lines", "hand_over"))
    os.close(writing)
    assert (done.returncode, done.stderr) == (
        1,
        "output: The output cannot be written: Broken pipe.\n",
    )


def test_without_an_output_nothing_is_printed_and_nothing_can_be_handed_over():
    closed = f"import os; os.execv({sys.executable!r}, [{sys.executable!r}, '-c', {{!r}}])"
    for program, code, err in (
        (PROGRAM, 0, ""),
        (PROGRAM.replace("print_lines", "hand_over"), 1, "output: There is no standard output.\n"),
    ):
        done = run(None, program=f"import os; os.close(1); {closed.format(program)}")
        assert (done.returncode, done.stderr) == (code, err)


def test_what_others_print_is_printed_at_the_end_however_it_comes(capsys):
    def explain():
        print("help")
        assert capsys.readouterr().out == ""
        sys.exit(0)

    with pytest.raises(SystemExit), gathered_output():
        explain()
    assert capsys.readouterr().out == "help\n"
