"""Files from one client to another, by real processes."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Person

SIZE = 3 * 256 * 1024 + 100


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A file of a few chunks."""
    path = tmp_path / "letter.txt"
    path.write_bytes(os.urandom(SIZE))
    return path


def send(user: Person, path: Path, to: str = "lobby", text: str = "") -> Any:
    return user.wish(wish="say", to=to, text=text, files=[str(path)])


def test_a_file_is_said_and_fetched(alice: Person, bob: Person, letter: Path) -> None:
    said = send(alice, letter, text="read this")["done"]
    heard = bob.expect("message", message="read this")
    assert heard["message_id"] == said["message_id"]
    assert heard["files"] == [
        {"name": "letter.txt", "type": "", "size": SIZE, "width": 0, "height": 0}
    ]
    fetched = bob.wish(wish="fetch_file", message_id=heard["message_id"])["done"]
    assert Path(fetched["path"]).read_bytes() == letter.read_bytes()
    assert Path(fetched["path"]).name == "letter.txt"
    ended = bob.expect("transfer", state="done")
    assert (ended["done"], ended["size"], ended["path"]) == (SIZE, SIZE, fetched["path"])
    again = bob.wish(wish="fetch_file", message_id=heard["message_id"])["done"]
    assert Path(again["path"]).name == "letter (2).txt"
