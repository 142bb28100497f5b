"""Names that lie are made safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.client.files.names import DEVICES, LONGEST, numbered, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../x", "_x"),
        ("/etc/passwd", "_etc_passwd"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("COM1.tar.gz", "_COM1.tar.gz"),
        ("a.pdf\u202eexe", "a.pdfexe"),
        ("a\x00b", "ab"),
        ("a\nb\x1b[2J", "a b[2J"),
        ("a\\b:c", "a_b_c"),
        ("x. . ", "x"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("\udcff", "file"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_end() -> None:
    assert safe_name("x" * 300 + ".pdf") == "x" * (LONGEST - 4) + ".pdf"
    assert len(safe_name("é" * 300).encode()) <= LONGEST


@given(st.text(max_size=400))
def test_whatever_it_was(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert safe[0] not in ". "
    assert not set(safe) & set('/\\\0<>:"|?*\u202e')
    assert safe.partition(".")[0].casefold() not in DEVICES
    assert len(safe.encode()) <= LONGEST + 1


def test_files_of_one_name_are_numbered() -> None:
    assert numbered("a.pdf", 1) == "a.pdf"
    assert numbered("a.pdf", 2) == "a (2).pdf"
    assert numbered("a", 3) == "a (3)"
