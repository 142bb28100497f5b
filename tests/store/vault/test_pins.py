import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from geventim.crypto.readable import encode_key
from geventim.errors import StoreError
from geventim.store.vault.pins import FILE, Pins

KEY, OTHER = b"k" * 32, b"o" * 32


def test_nothing_is_known_at_first(tmp_path: Path) -> None:
    assert Pins(tmp_path / "data").get("example.org:5555") is None
    assert not (tmp_path / "data").exists()


def test_key_is_remembered_by_address(tmp_path: Path) -> None:
    Pins(tmp_path / "data").remember("example.org:5555", KEY)
    Pins(tmp_path / "data").remember("[::1]:5555", OTHER)
    pins = Pins(tmp_path / "data")
    assert pins.get("example.org:5555") == KEY
    assert pins.get("EXAMPLE.org:5555") == KEY
    assert pins.get("[::1]:5555") == OTHER
    assert pins.get("example.org:5556") is None


def test_key_is_replaced(tmp_path: Path) -> None:
    pins = Pins(tmp_path)
    pins.remember("example.org:5555", KEY)
    pins.remember("Example.org:5555", OTHER)
    assert pins.get("example.org:5555") == OTHER
    assert json.loads((tmp_path / FILE).read_text()) == {"example.org:5555": encode_key(OTHER)}


def test_person_may_edit_the_file(tmp_path: Path) -> None:
    pins = Pins(tmp_path)
    pins.remember("a:1", KEY)
    pins.remember("b:2", KEY)
    lines = (tmp_path / FILE).read_text().splitlines()
    assert len(lines) == 4
    shouted = f'{{ "EXAMPLE.org:1": "{encode_key(KEY).upper()}" }}'
    (tmp_path / FILE).write_text(shouted)
    assert pins.get("example.org:1") == KEY


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"a:1": 5}',
        b'{"a:1": "short"}',
        b"[" * 100_000,
        b'{"a:1": "\xed\xa0\x80"}',
    ],
)
def test_damaged_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StoreError, match=FILE):
        Pins(tmp_path).get("b:1")
    with pytest.raises(StoreError, match="damaged"):
        Pins(tmp_path).remember("b:1", KEY)
    assert (tmp_path / FILE).read_bytes() == content


def test_files_are_the_owners_alone(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        Pins(tmp_path / "data").remember("a:1", KEY)
    finally:
        os.umask(mask)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_processes_do_not_forget_for_each_other(
    tmp_path: Path, run_at_once: Callable[[str, list[list[str]]], None]
) -> None:
    program = (
        "import sys; from pathlib import Path; from geventim.store.vault.pins import Pins\n"
        "for n in range(20): Pins(Path(sys.argv[1])).remember(f'{sys.argv[2]}:{n}', bytes(32))"
    )
    run_at_once(program, [[str(tmp_path), name] for name in "abc"])
    pins = Pins(tmp_path)
    assert all(pins.get(f"{name}:{n}") == bytes(32) for name in "abc" for n in range(20))


def test_failure_names_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(StoreError, match=FILE):
        Pins(tmp_path).get("a:1")
    with pytest.raises(StoreError, match=FILE):
        Pins(tmp_path).remember("a:1", KEY)
