"""What earlier programs have left is used by this one: every version that it says it can."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from geventim.chat.values import EntryKind
from geventim.store.sqlite import schema
from geventim.store.sqlite.store import SqliteStore, inspect
from geventim.store.vault.vault import STAGES, Vault
from tests.store.builders import ALICE, BOB, DM, LOBBY, append, write
from tests.store.releases import LOG, MADE, PLACE, VALUES, unpack


@pytest.mark.parametrize("version", range(schema.PLAN.first, schema.PLAN.version + 1))
def test_a_log_of_every_version_is_used(version: int, tmp_path: Path) -> None:
    unpack(f"log-{version}", tmp_path)
    store = SqliteStore(tmp_path / LOG)
    try:
        assert [each.nick for each in store.accounts()] == ["alice", "bob"]
        entries = store.entries(LOBBY.id, ALICE.id, 0).entries
        assert [entry.payload for entry in entries[1:3]] == [b"hello", b"you"]
        assert entries[-1].kind is EntryKind.LEAVE
        assert store.members(LOBBY.id) == [ALICE.id]
        assert store.members(DM.id) == []
        assert store.usage(BOB.id).stored > 0
        more = replace(append(LOBBY, ALICE, b"more", head=1), message_id=b"m" * 16)
        assert write(store, more).seq == 5
    finally:
        store.close()
    assert inspect(tmp_path / LOG).faults == ()


@pytest.mark.parametrize("version", range(STAGES.first, STAGES.version + 1))
def test_a_vault_of_every_version_is_used(version: int, tmp_path: Path) -> None:
    unpack(f"vault-{version}", tmp_path)
    vault = Vault.open(tmp_path, secrets.token_bytes)
    try:
        assert dict(vault.items("talk/")) == VALUES
        vault.put({"talk/three": b"more"})
    finally:
        vault.close()


def test_each_version_is_kept() -> None:
    logs = range(schema.PLAN.first, schema.PLAN.version + 1)
    vaults = range(STAGES.first, STAGES.version + 1)
    names = {f"log-{each}.tar.gz" for each in logs} | {f"vault-{each}.tar.gz" for each in vaults}
    assert {path.name for path in PLACE.iterdir()} == names


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_what_is_kept_can_be_made(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path)
    assert any(tmp_path.iterdir())
