import contextlib
import os
import secrets
import sqlite3
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.errors import MisuseError, StoreError, UserError
from geventim.store import files
from geventim.store.vault.vault import KEY_FILE, VALUE_FILE, Vault
from geventim.store.vault.vault_key import BARE, SEALED
from tests.store.vault.places import SECRET, change, every_byte, reopen


def test_values_come_back(vault: Vault) -> None:
    vault.put({"identity": SECRET, "empty": b""})
    assert vault.get("identity") == SECRET
    assert vault.get("empty") == b""
    assert vault.get("other") is None


def test_values_outlive_the_process(place: Path) -> None:
    vault = reopen(place)
    vault.put({"identity": SECRET})
    vault.close()
    again = reopen(place)
    assert again.items("") == [("identity", SECRET)]
    again.close()


def test_values_are_replaced_and_deleted(vault: Vault) -> None:
    vault.put({"a": b"1", "b": b"2"})
    vault.put({"a": b"3", "b": None, "never": None})
    assert vault.items("") == [("a", b"3")]


def test_items_have_the_prefix_and_are_sorted(vault: Vault) -> None:
    vault.put({"log/2": b"2", "log/1": b"1", "lo": b"", "log0": b"", "log/é": b"e", "log": b""})
    assert vault.items("log/") == [("log/1", b"1"), ("log/2", b"2"), ("log/é", b"e")]
    assert vault.items("none") == []


def test_items_but_those_with_a_prefix_are_sorted(vault: Vault) -> None:
    vault.put({"log/1": b"1", "log": b"", "log0": b"", "log/é": b"e", "a": b"", "\U0010fffe": b""})
    assert [name for name, _ in vault.items_but("log/")] == ["a", "log", "log0", "\U0010fffe"]
    assert vault.items_but("none/") == vault.items("")


def test_names_are_known_without_the_values(place: Path) -> None:
    vault = reopen(place)
    vault.put({"log/2": b"2", "log/1": b"1", "log0": b""})
    vault.close()
    change(place, "UPDATE sealed SET value = zeroblob(80) WHERE key = 'log/1'")
    again = reopen(place)
    assert again.names("log/") == ["log/1", "log/2"]
    with pytest.raises(StoreError):
        again.get("log/1")
    assert again.get("log/2") == b"2"
    again.close()


def test_name_is_not_empty(vault: Vault) -> None:
    with pytest.raises(MisuseError):
        vault.put({"": b"", "a": b""})
    assert vault.get("a") is None


def test_failed_change_leaves_everything_as_it_was(vault: Vault) -> None:
    vault.put({"a": b"1"})
    vault._connection.execute("PRAGMA max_page_count=8")
    with pytest.raises(StoreError, match="full"):
        vault.put({"a": b"2", "big": bytes(1 << 20)})
    assert vault.items("") == [("a", b"1")]
    vault.put({"a": b"3"})
    assert vault.get("a") == b"3"


def test_files_are_the_owners_alone(place: Path) -> None:
    mask = os.umask(0)
    try:
        vault = reopen(place)
    finally:
        os.umask(mask)
    vault.put({"a": SECRET})
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    vault.close()


def test_nothing_is_readable_without_the_key(place: Path, vault: Vault) -> None:
    vault.put({"a": SECRET})
    assert SECRET not in every_byte(place)


def test_what_was_replaced_or_deleted_leaves_the_disk(place: Path, vault: Vault) -> None:
    def sealed() -> bytes:
        query = "SELECT value FROM sealed WHERE key = 'a'"
        (value,) = vault._connection.execute(query).fetchone()
        assert isinstance(value, bytes)
        return value

    vault.put({"a": SECRET * 10})
    first = sealed()
    assert first in every_byte(place)
    vault.put({"a": SECRET * 10})
    second = sealed()
    # One value in another's place: were the key or the IV drawn once only, they would be equal.
    assert first != second
    assert first[:64] not in every_byte(place)
    vault.put({"a": None})
    assert second[:64] not in every_byte(place)


@pytest.mark.parametrize("is_emptied", [True, False])
def test_what_was_put_is_on_disk(
    place: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch, is_emptied: bool
) -> None:
    synced: list[Path] = []
    log = place / f"{VALUE_FILE}-wal"
    monkeypatch.setattr(files, "sync_file", synced.append)
    if not is_emptied:
        monkeypatch.setattr(vault, "_connection", Failing(vault._connection))
    vault.put({"name": b"value"})
    assert (synced, log.stat().st_size == 0) == ([] if is_emptied else [log], is_emptied)
    assert vault.get("name") == b"value"


class Failing:
    """A connection that never empties its log."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        if "wal_checkpoint" in statement:
            raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(statement, values)


def test_only_one_process_has_it_open(
    place: Path, vault: Vault, run_at_once: Callable[[str, list[list[str]]], None]
) -> None:
    with pytest.raises(UserError) as caught:
        reopen(place)
    assert caught.value.code == "in_use"
    assert caught.value.advice
    program = (
        "import secrets, sys; from pathlib import Path\n"
        "from geventim.errors import UserError; from geventim.store.vault.vault import Vault\n"
        "try: Vault.open(Path(sys.argv[1]), secrets.token_bytes)\n"
        "except UserError as error: sys.exit(error.code != 'in_use')\n"
        "sys.exit('opened twice')"
    )
    run_at_once(program, [[str(place)]])


def test_lock_is_given_back_when_opening_fails(place: Path) -> None:
    reopen(place).close()
    key = (place / KEY_FILE).read_bytes()
    (place / KEY_FILE).write_bytes(b"")
    with pytest.raises(StoreError):
        reopen(place)
    (place / KEY_FILE).write_bytes(key)
    reopen(place).close()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        BARE,
        BARE + bytes(63),
        BARE + bytes(65),
        b"geventim vault key 2\n" + bytes(64),
        BARE + bytes(64),
    ],
)
def test_another_key_is_refused(place: Path, content: bytes) -> None:
    vault = reopen(place)
    vault.put({"a": SECRET})
    vault.close()
    (place / KEY_FILE).write_bytes(content)
    with pytest.raises(StoreError, match=r"vault\.key"):
        reopen(place)


@pytest.mark.usefixtures("cheap_passphrases")
def test_passphrase_is_needed_from_then_on(place: Path) -> None:
    vault = reopen(place)
    vault.put({"a": SECRET})
    vault.close()
    bare = (place / KEY_FILE).read_bytes()[len(BARE) :]
    Vault.open(place, secrets.token_bytes, "open sesame").close()
    assert (place / KEY_FILE).read_bytes().startswith(SEALED)
    assert bare not in every_byte(place)
    for wrong, code in ((None, "locked"), ("open", "wrong_passphrase")):
        with pytest.raises(UserError) as caught:
            Vault.open(place, secrets.token_bytes, wrong)
        assert caught.value.code == code
    vault = Vault.open(place, secrets.token_bytes, "open sesame")
    assert vault.get("a") == SECRET
    vault.close()


def test_missing_key_is_not_made_anew(place: Path) -> None:
    vault = reopen(place)
    vault.put({"a": SECRET})
    vault.close()
    (place / KEY_FILE).unlink()
    with pytest.raises(StoreError, match="missing"):
        reopen(place)
    assert not (place / KEY_FILE).exists()


@pytest.mark.parametrize("is_empty", [True, False])
def test_missing_values_are_not_made_anew(place: Path, is_empty: bool) -> None:
    vault = reopen(place)
    vault.put({"a": SECRET})
    vault.close()
    (place / VALUE_FILE).unlink()
    if is_empty:
        (place / VALUE_FILE).touch()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"vault\.db is missing or empty") as caught:
            reopen(place)
        assert str(place) in str(caught.value)
    assert (place / VALUE_FILE).exists() is is_empty


@pytest.mark.parametrize("calls", range(12))
def test_first_start_that_was_cut_off_is_begun_anew(
    place: Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    class CutError(BaseException):
        pass

    done = 0

    def cut(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            nonlocal done
            done += 1
            if done > calls:
                raise CutError
            return call(*arguments)

        return counted

    with monkeypatch.context() as patched:
        for name in ("make_file", "replace_file", "sync_directory"):
            patched.setattr(files, name, cut(getattr(files, name)))
        patched.setattr(Vault, "_recognise", cut(Vault._recognise))
        patched.setattr(os, "fsync", cut(os.fsync))
        with contextlib.suppress(CutError):
            reopen(place).close()
    vault = reopen(place)
    vault.put({"a": SECRET})
    vault.close()


def test_altered_value_is_refused(place: Path) -> None:
    vault = reopen(place)
    vault.put({"a": SECRET, "b": b"other"})
    vault.close()
    change(place, "UPDATE sealed SET value = zeroblob(80) WHERE key = 'a'")
    vault = reopen(place)
    with pytest.raises(StoreError, match="altered"):
        vault.get("a")
    with pytest.raises(StoreError, match="altered"):
        vault.items("")
    assert vault.get("b") == b"other"
    vault.close()


def test_values_cannot_be_swapped(place: Path) -> None:
    vault = reopen(place)
    vault.put({"a": SECRET, "b": b"other"})
    vault.close()
    change(place, "UPDATE sealed SET key = 'c' WHERE key = 'a'")
    vault = reopen(place)
    with pytest.raises(StoreError, match="altered"):
        vault.get("c")
    vault.close()


def test_witness_is_needed(place: Path) -> None:
    reopen(place).close()
    change(place, "DELETE FROM sealed WHERE key = ''")
    with pytest.raises(StoreError, match="missing"):
        reopen(place)


def test_file_that_is_no_database_is_refused(place: Path) -> None:
    reopen(place).close()
    (place / VALUE_FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="not a database"):
        reopen(place)


def test_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file"):
        reopen(tmp_path / "file" / "alice")


def test_representation_shows_no_key(place: Path, vault: Vault) -> None:
    key = (place / KEY_FILE).read_bytes()[len(BARE) :]
    assert repr(key)[2:-1] not in repr(vars(vault))


@given(values=st.dictionaries(st.text(min_size=1), st.binary(), max_size=8))
def test_any_values_come_back(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, bytes]
) -> None:
    values = {key: value for key, value in values.items() if key.isprintable()}
    vault = reopen(tmp_path_factory.mktemp("vault"))
    vault.put(values)
    assert vault.items("") == sorted(values.items())
    assert {key: vault.get(key) for key in values} == values
    vault.close()
