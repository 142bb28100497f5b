"""Lines for people who want to see what travels."""

import pytest

from geventim.net.trace import SHOWN, print_record


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"", ""),
        (b"\x00\xff", "00ff"),
        (b"a" * SHOWN, "61" * SHOWN),
        (b"a" * 50, "61" * SHOWN + "..."),
    ],
)
def test_one_line_on_standard_error(capsys, data, shown):
    print_record("in", "frames", data)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.split() == ["in", "frames", str(len(data)), *([shown] if shown else [])]
