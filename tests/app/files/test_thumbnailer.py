"""What the program of :mod:`geventim.app.files.pictures` may use."""

import ast
from pathlib import Path

from geventim.app.files import thumbnailer


def test_it_knows_nothing_of_this_package() -> None:
    tree = ast.parse(Path(thumbnailer.__file__).read_text())
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported == {"ctypes", "io", "json", "resource", "sys"}


def test_a_small_picture_fits_a_message() -> None:
    from geventim.client.sealing.content import THUMBNAIL_SIZE  # noqa: PLC0415 - beside its use

    assert thumbnailer.MOST == THUMBNAIL_SIZE
