"""Whoever is refused has not used anything up, and whose nick is free has no row under it."""

import sqlite3

import pytest

from geventim.chat.values import Sanction
from geventim.log.people import Register, SetSanction
from geventim.store.sqlite import people_changes, schema
from tests.store.builders import ALICE, BOB, person


@pytest.fixture
def connection(tmp_path):
    path = tmp_path / "file.db"
    opened = sqlite3.connect(path, isolation_level=None)
    schema.prepare(opened, path)
    people_changes.apply(opened, Register(ALICE))
    yield opened
    opened.close()


def test_name_is_taken_until_it_is_released(connection):
    assert people_changes.is_taken(connection, "alice", "")
    people_changes.apply(connection, SetSanction(ALICE.id, Sanction.REMOVED))
    assert people_changes.is_taken(connection, "alice", "")
    people_changes.apply(connection, SetSanction(ALICE.id, Sanction.RELEASED))
    assert not people_changes.is_taken(connection, "alice", "")


def test_several_can_be_released_who_had_the_same_nick(connection):
    for seed in ("one", "two"):
        people_changes.apply(connection, SetSanction(ALICE.id, Sanction.RELEASED))
        heir = person("alice", seed)
        assert people_changes.apply(connection, Register(heir)) == heir
        people_changes.apply(connection, SetSanction(heir.id, Sanction.RELEASED))
    assert not people_changes.is_taken(connection, "alice", "")


def test_refusal_writes_nothing(connection):
    people_changes.apply(connection, SetSanction(ALICE.id, Sanction.REMOVED))
    before = connection.total_changes
    for change in (
        SetSanction(ALICE.id, Sanction.NONE),
        SetSanction(BOB.id, Sanction.BANNED),
        Register(person("alice", "other")),
    ):
        assert not isinstance(people_changes.apply(connection, change), type(ALICE))
    assert connection.total_changes == before
