"""How a server is doing, in words."""

import json

import pytest

from geventim import __version__
from geventim.net.audience import Tally
from geventim.server.backups import MADE
from geventim.server.watching import status
from geventim.server.watching.condition import Condition


@pytest.fixture
def condition(house, tmp_path, blobs):
    parts = house.service, house.journal, house.listener, house.listener._witness, Tally()
    return Condition(*parts, tmp_path, blobs, has_own_store=True)


def told(condition, *, as_json):
    return list(status.lines(condition, as_json=as_json))


def test_it_is_told_in_lines(condition, enter):
    alice = enter("alice")
    alice.append(alice.room(after=0), b"hello")
    lines = told(condition, as_json=False)
    assert lines[0] == f"version: {__version__}"
    assert lines[1].startswith("uptime: 0:00:0")
    assert {
        "connections: 1",
        "clients: 1",
        "accounts: 1",
        "conversations: 1",
        "bytes: 5",
        "files: 0",
        "file bytes: 0",
        "last backup: unknown",
        "store: ready",
    } < set(lines)
    assert lines[-1] == "warning: There was no backup yet."


def test_and_as_one_object(condition, tmp_path, monkeypatch):
    (tmp_path / MADE).touch()
    monkeypatch.setattr(condition, "totals", lambda: None)
    monkeypatch.setattr(condition, "fault", lambda: "the disk is full")
    (line,) = told(condition, as_json=True)
    found = json.loads(line)
    assert found["store"] == "the disk is full"
    assert found["accounts"] is None
    assert found["warnings"] == ["Nothing is acknowledged: the disk is full."]
    assert len(found["last_backup"]) == len("2026-01-31T12:00Z")
