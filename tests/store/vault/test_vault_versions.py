"""A vault that a newer program takes over, or an older one finds."""

import contextlib
import secrets
import sqlite3
import stat
from pathlib import Path

import pytest

from geventim.errors import StoreError
from geventim.store.vault.vault import KEY_FILE, STAGES, VALUE_FILE, Stages, Values, Vault
from tests.store.test_plan import MORTAL, kill_everywhere
from tests.store.vault.places import SECRET, reopen


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (STAGES.version + 1, "newer program .* there is no way back"),
        (STAGES.first - 1, "before its first release"),
    ],
)
def test_values_of_other_programs_are_left_alone(place: Path, version: int, sentence: str) -> None:
    vault = reopen(place)
    vault.put({"a": SECRET})
    vault.close()
    change_version(place, version)
    before = (place / VALUE_FILE).read_bytes()
    with pytest.raises(StoreError, match=sentence):
        reopen(place)
    assert (place / VALUE_FILE).read_bytes() == before


def change_version(place: Path, version: int) -> None:
    connection = sqlite3.connect(place / VALUE_FILE)
    connection.execute(f"PRAGMA user_version={version}")
    connection.close()


def double(values: Values) -> None:
    values.put({key: value * 2 for key, value in values.items("word/")})


def rename(values: Values) -> None:
    for key, value in values.items("word/"):
        values.put({key: None, key.replace("word", "phrase"): value})


NEXT = Stages(
    STAGES.version + 2, STAGES.first, {STAGES.version: double, STAGES.version + 1: rename}
)


BEFORE = [("word/a", b"one"), ("word/b", b"two")]


BETWEEN = [("word/a", b"oneone"), ("word/b", b"twotwo")]


AFTER = [("phrase/a", b"oneone"), ("phrase/b", b"twotwo")]


class TestNextVersion:
    """A made-up one, two steps ahead."""

    def begin(self, place: Path) -> None:
        vault = reopen(place)
        vault.put(dict(BEFORE))
        vault.close()

    def test_values_are_rewritten_and_nothing_is_left_of_the_old(self, place: Path) -> None:
        self.begin(place)
        for _ in range(2):
            vault = Vault.open(place, secrets.token_bytes, None, NEXT)
            assert vault.items("") == AFTER
            vault.close()
        assert {path.name for path in place.iterdir()} == {KEY_FILE, VALUE_FILE, "vault.lock"}
        with pytest.raises(StoreError, match="there is no way back"):
            reopen(place)

    def test_the_copy_is_there_until_the_last_step(self, place: Path) -> None:
        self.begin(place)

        def fail(values: Values) -> None:
            values.put({"word/a": None})
            raise StoreError("there is no room")

        stages = Stages(NEXT.version, NEXT.first, {**NEXT.steps, STAGES.version + 1: fail})
        with pytest.raises(StoreError, match="no room"):
            Vault.open(place, secrets.token_bytes, None, stages)
        kept = place / f"{VALUE_FILE}.version-{STAGES.version}"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        vault = Vault.open(place, secrets.token_bytes, None, NEXT)
        assert vault.items("") == AFTER
        vault.close()
        assert not kept.exists()

    def test_killed_at_any_statement_it_is_of_one_version_and_whole(self, place: Path) -> None:
        self.begin(place)
        before = (place / VALUE_FILE).read_bytes()
        seen = []

        def check() -> None:
            versions = []
            for version in range(STAGES.version, NEXT.version + 1):
                # A program that has only the steps so far: it refuses what is newer.
                stages = Stages(version, STAGES.first, {})
                with contextlib.suppress(StoreError, KeyError):
                    vault = Vault.open(place, secrets.token_bytes, None, stages)
                    versions.append((version, vault.items("")))
                    vault.close()
            ((version, values),) = versions
            assert values == [BEFORE, BETWEEN, AFTER][version - STAGES.version]
            seen.append(version)
            if version != NEXT.version:
                (place / VALUE_FILE).write_bytes(before)

        assert kill_everywhere(PROGRAM, place, check) > 15
        assert set(seen) == {STAGES.version, STAGES.version + 1, NEXT.version}
        assert not list(place.glob("*version*"))


PROGRAM = f"""{MORTAL}
import secrets
from geventim.store.vault.vault import Vault
from tests.store.vault.test_vault_versions import NEXT
Vault.open(Path(sys.argv[1]), secrets.token_bytes, None, NEXT).close()
"""
