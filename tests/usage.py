"""What the commands say about themselves, which is also how their words are read."""

import ast
from pathlib import Path

BIN = Path(__file__).resolve().parent.parent / "bin"


def usage(command: str) -> str:
    """The docopt text of ``bin/command``."""
    text = ast.get_docstring(ast.parse((BIN / command).read_text(encoding="utf-8")), clean=False)
    assert text is not None
    return text
